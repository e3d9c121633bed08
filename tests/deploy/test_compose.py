"""The compose file and the launcher start the same processes with the same settings, and let nothing out that need not be."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearth.arrangement import (
    EVERY_PROCESS,
    ONLY_MIGRATE,
    ONLY_OF,
    PORTS,
    SERVICES,
    ServiceAddresses,
    Surroundings,
    command,
    roles_of,
    settings,
)
from shared.settings import Settings
from tests.running.child import CannotHave, apt_install

ONLY_IN_COMPOSE = {"JWKS_URL", "DISCOVERY_URL", "PAGES_CLIENT_SECRET", "OTEL_EXPORTER_OTLP_ENDPOINT", "WEBHOOK_KEYS"}
"""Inside the network the issuer's documents are elsewhere than where callers see it; its client for the pages has a secret there. Where
traces go the launcher's processes inherit. Webhooks' keys may be told without a file there, as they could before."""
ONLY_IN_LAUNCHER = {"HEARTH_DEVELOPMENT"}
"""Lets development keys be used: containers never may."""
FOREIGN = ("postgres", "rabbitmq", "keycloak")


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """The file as docker-compose itself reads it, defaults filled in."""
    if not shutil.which("docker-compose") and not apt_install("docker-compose"):
        raise CannotHave("This test reads docker-compose.yml with docker-compose itself: apt-get install docker-compose")
    read = subprocess.run(["docker-compose", "-f", "docker-compose.yml", "config"], capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    parsed: dict[str, Any] = yaml.safe_load(read.stdout)
    return parsed


@pytest.fixture
def where(tmp_path: Path) -> Surroundings:
    addresses = {service: ServiceAddresses("postgresql://app", "postgresql://owner") for service in SERVICES}
    return Surroundings(addresses, "amqp://broker", "http://issuer", 8100, tmp_path / "keys.json", tmp_path)


def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in compose["services"].items() if name not in FOREIGN}


def test_it_runs_each_role_of_each_service_as_the_launcher_does(compose: dict[str, Any]) -> None:
    expected = {f"{service}-{role}": command(service, role) for service in SERVICES for role in (*roles_of(service), "migrate")}
    assert {name: service["command"][1:] for name, service in ours(compose).items()} == expected
    assert {service["command"][0] for service in ours(compose).values()} == {"python"}


@pytest.mark.parametrize(("service", "role"), [(service, role) for service in SERVICES for role in (*roles_of(service), "migrate")])
def test_each_process_is_told_the_same_settings_in_both(service: str, role: str, compose: dict[str, Any], where: Surroundings) -> None:
    told = set(compose["services"][f"{service}-{role}"]["environment"])
    assert told - ONLY_IN_COMPOSE == set(settings(where, service, owner=role == "migrate")) - ONLY_IN_LAUNCHER
    assert told - ONLY_IN_COMPOSE == {*EVERY_PROCESS, *ONLY_OF.get(service, ()), *(ONLY_MIGRATE if role == "migrate" else ())}


def test_every_setting_is_one_that_the_services_read(compose: dict[str, Any]) -> None:
    known = {field.name.upper() for field in dataclasses.fields(Settings)} | {"OTEL_EXPORTER_OTLP_ENDPOINT"}  # OpenTelemetry's own name
    for service in ours(compose).values():
        assert set(service["environment"]) <= known


def test_the_services_ports_and_no_others_are_published_and_on_this_machine_alone(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert sorted(published) == [f"127.0.0.1:{8100 + PORTS[name]}:{8100 + PORTS[name]}/tcp" for name in SERVICES]
    for name in SERVICES:
        assert compose["services"][f"{name}-api"]["environment"]["PORT"] == str(8100 + PORTS[name])


def test_one_file_more_publishes_the_sign_in_where_the_launcher_has_it() -> None:
    more = yaml.safe_load(Path("deploy/keycloak/published.yml").read_text())
    assert more == {"services": {"keycloak": {"ports": [f"${{HEARTH_BIND:-127.0.0.1}}:{8100 + PORTS['issuer']}:8080"]}}}


def test_nothing_runs_as_root_and_everything_is_bounded_and_asked_for_its_health(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert str(service["user"]).split(":")[0] not in ("", "0", "root"), name
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "privileged" not in service, name
        if not name.endswith("-migrate"):
            assert service["healthcheck"]["test"], name


def test_a_service_starts_only_after_its_own_tables_are_up_to_date(compose: dict[str, Any]) -> None:
    for service in SERVICES:
        for role in roles_of(service):
            waits = compose["services"][f"{service}-{role}"]["depends_on"]
            assert waits[f"{service}-migrate"] == {"condition": "service_completed_successfully"}


def test_only_migrate_holds_the_owners_address_and_only_referrals_the_vault_keys(compose: dict[str, Any]) -> None:
    for name, service in ours(compose).items():
        assert ("OWNER_DATABASE_URL" in service["environment"]) == name.endswith("-migrate")
        held = {each["source"] if isinstance(each, dict) else each for each in service.get("secrets", ())}
        expected = {"referrals": {"vault_keys", "locations_key"}, "providers": {"locations_key"}}
        assert held == expected.get(name.partition("-")[0], set())


def test_each_service_is_built_by_the_one_recipe_with_its_own_name(compose: dict[str, Any]) -> None:
    for service in SERVICES:
        build = compose["services"][f"{service}-migrate"]["build"]
        assert build["dockerfile"] == "deploy/image/Dockerfile"
        assert build["args"] == {"SERVICE": service}
        images = {compose["services"][f"{service}-{role}"]["image"] for role in (*roles_of(service), "migrate")}
        assert images == {f"hearth/{service}"}
