"""Which processes Hearth is made of and what each is told: the one table the launcher starts them from.

``docker-compose.yml`` says the same for containers; tests/deploy compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hearth.issuer import AUDIENCE, LOOPBACK

PORTS: dict[str, int] = {"issuer": 0, "referrals": 1, "providers": 2, "matching": 3, "monitoring": 4}
"""What is added to PORT_BASE."""

SERVICES = tuple(name for name in PORTS if name != "issuer")

DEFAULT_PORT_BASE = 8100

ROLES = ("api", "consume", "relay")
"""What keeps running of every service; ``migrate`` runs first and ends."""

ALSO_RUNS: dict[str, tuple[str, ...]] = {"matching": ("send",)}
"""What keeps running of one service besides: matching sends notices to the webhooks of agencies and councils."""

EVERY_PROCESS = ("DATABASE_URL", "BROKER_URL", "ISSUER", "AUDIENCE", "HOST", "PORT", "POSTCODES_FOLDER")
"""Settings each process of each service is given."""

ONLY_MIGRATE = ("OWNER_DATABASE_URL",)
"""Settings that answering processes must never hold: the owner of the tables could pass row security by."""

ONLY_OF: dict[str, tuple[str, ...]] = {
    "referrals": ("TENANCY_MAP", "PROVIDERS_URL", "VAULT_KEYS_FILE", "LOCATIONS_KEY_FILE"),
    "providers": ("LOCATIONS_KEY_FILE",),
    "matching": ("WEBHOOK_KEYS_FILE",),
    "monitoring": ("PAGES_URL",),
}
"""Settings that only some are given: the vault's keys, and those of the webhooks, are nobody else's business; where carers live goes from
providers to referrals."""


@dataclass(frozen=True)
class ServiceAddresses:
    """Where one service keeps its rows: as the application, and as their owner."""

    app_url: str
    owner_url: str


@dataclass(frozen=True)
class Surroundings:
    """Everything the four services stand on, wherever it runs."""

    databases: Mapping[str, ServiceAddresses]
    broker_url: str
    issuer: str
    port_base: int
    vault_keys: Path
    postcodes: Path
    own_databases: Mapping[str, ServiceAddresses] = field(default_factory=dict)
    """ONS code → the database of a council that asked for its own."""
    locations_key: Path | None = None
    """None: derived, as development keys are."""
    webhook_keys: Path | None = None
    """What webhooks' signing secrets are sealed under; None for the development key that everybody knows."""

    def address(self, name: str) -> str:
        """Where a service (or the issuer) answers."""
        return f"http://{LOOPBACK}:{self.port_base + PORTS[name]}"

    def addresses(self) -> dict[str, str]:
        """Where everything answers, by name."""
        return {name: self.address(name) for name in PORTS}


def signed_in_at(port_base: int) -> str:
    """Where the issuer sends people back to, signed in to the pages."""
    return f"http://{LOOPBACK}:{port_base + PORTS['monitoring']}/pages/signed-in"


def roles_of(service: str) -> tuple[str, ...]:
    """What keeps running of a service."""
    return (*ROLES, *ALSO_RUNS.get(service, ()))


def command(service: str, *roles: str) -> list[str]:
    """What starts a service in one or several of its roles, after the name of the interpreter."""
    return ["-m", service, *roles]


def settings(where: Surroundings, service: str, *, owner: bool = False) -> dict[str, str]:
    """The environment of one service's processes; the owner's address only for ``migrate``."""
    database = where.databases[service]
    told = {
        "DATABASE_URL": database.app_url,
        "BROKER_URL": where.broker_url,
        "ISSUER": where.issuer,
        "AUDIENCE": AUDIENCE,
        "HOST": LOOPBACK,
        "PORT": str(where.port_base + PORTS[service]),
        "POSTCODES_FOLDER": str(where.postcodes),
        "HEARTH_DEVELOPMENT": "1",
    }
    if owner:
        told["OWNER_DATABASE_URL"] = database.owner_url
    if service in ("referrals", "providers"):
        told["LOCATIONS_KEY_FILE"] = str(where.locations_key) if where.locations_key else ""
    if service == "referrals":
        told["TENANCY_MAP"] = json.dumps(
            {
                council: {"database_url": urls.app_url, "owner_database_url": urls.owner_url if owner else ""}
                for council, urls in where.own_databases.items()
            }
        )
        told["PROVIDERS_URL"] = where.address("providers")
        told["VAULT_KEYS_FILE"] = str(where.vault_keys)
    if service == "monitoring":
        told["PAGES_URL"] = where.address("monitoring")
    if service == "matching":
        told["WEBHOOK_KEYS_FILE"] = str(where.webhook_keys) if where.webhook_keys else ""
    return told
