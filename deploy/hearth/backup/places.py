"""The databases a backup is of: each service's, and each council's own; asked as an administrator, worked on as their two roles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from sqlalchemy.engine import make_url

from hearth.arrangement import SERVICES
from hearth.backup.refused import RefusedError
from shared.organisation import Organisation

SETTING = "HEARTH_DATABASES"
KEY_TABLES = ("data_keys", "search_keys", "erasures")
"""What opens what is sealed, and what was erased: kept apart from the data (decision 0235)."""


@dataclass(frozen=True, order=True)
class Place:
    """One database. ``name`` is its service's, or ``referrals:E06000045`` for a council's own."""

    name: str
    url: str

    @property
    def service(self) -> str:
        """Whose database it is."""
        return self.name.partition(":")[0]

    @property
    def council(self) -> str:
        """The council that has it for itself, or nothing."""
        return self.name.partition(":")[2]

    @property
    def database(self) -> str:
        """What PostgreSQL calls it."""
        return str(make_url(self.url).database)

    @property
    def file(self) -> str:
        """What its part of a backup is called."""
        return f"{self.name.replace(':', '-')}.dump"

    @property
    def owner(self) -> str:
        """The role that owns its tables."""
        return f"{self.service}_owner"

    @property
    def app(self) -> str:
        """The role that answers requests, whom row security holds."""
        return f"{self.service}_app"

    def called(self, database: str) -> Place:
        """The same service's tables in another database of that server."""
        return Place(self.name, make_url(self.url).set(database=database).render_as_string(hide_password=False))

    async def connect(self, database: str = "") -> asyncpg.Connection:
        """A connection as administrator. RefusedError when it cannot be had."""
        url = self.called(database).url if database else self.url
        try:
            return await asyncpg.connect(url, timeout=10, server_settings={"application_name": "hearth backup"})
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise RefusedError(f"the database of {self.name} does not answer ({type(error).__name__})") from error


def read(text: str) -> list[Place]:
    """The places of HEARTH_DATABASES: JSON, name → administrator's address. RefusedError says what is wrong with it."""
    try:
        named = json.loads(text)
        urls = {str(name): make_url(str(url)) for name, url in named.items()}
    except Exception as error:
        raise RefusedError(f'{SETTING} must be JSON: {{"referrals": "postgresql://administrator@host/hearth_referrals", …}}') from error
    missing = [service for service in SERVICES if service not in urls]
    if missing:
        raise RefusedError(f"{SETTING} does not name {', '.join(missing)}: a backup is of all services or none")
    for name in urls:
        service, _, council = name.partition(":")
        if name not in SERVICES and (service != "referrals" or not _is_council(council)):
            raise RefusedError(f"{SETTING} names {name}: only the four services, and councils' own as referrals:E06000045, have a database")
    return of({name: url.render_as_string(hide_password=False) for name, url in urls.items()})


def of(urls: Mapping[str, str]) -> list[Place]:
    """Places in the services' own order, councils' own after."""
    return [Place(name, urls[name]) for name in sorted(urls, key=lambda name: (SERVICES.index(name.partition(":")[0]), name))]


def _is_council(code: str) -> bool:
    try:
        Organisation.council(code)
    except ValueError:
        return False
    return True
