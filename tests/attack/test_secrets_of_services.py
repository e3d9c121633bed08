"""The four services as processes, at work and in trouble: none of what they are told in secret is in a line they log, in a reply, or in
what the machine lists of its processes. What the environment of a process holds can be read by its own user and root alone."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import secrets
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import URL, make_url

from hearth.arrangement import SERVICES, roles_of, settings
from hearth.processes import Started, start, stop
from hearth.story import Telling
from shared.organisation import Organisation
from tests.journey.deployment import Deployment, deployed
from tests.running.child import free_port
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import PrivateBroker

pytestmark = pytest.mark.slow

COUNCIL, AGENCY, CONSORTIUM = "council:E06000045", "agency:SC910001", "consortium"
COUNCILS = ("E06000045", "E10000014", "E10000025")
WITH_A_DATABASE_OF_ITS_OWN = "E06000045"


@dataclass
class Work:
    """A Hearth that has told the story and met with every kind of trouble; what it was told, what it answered, what it said."""

    deployment: Deployment
    told: dict[str, str]
    """Every secret, by what it is."""
    answered: list[httpx.Response]
    given_once: set[str]
    """Secrets that are a reply's very purpose, shown once to whom they belong."""

    def said(self) -> dict[str, str]:
        """Everything the processes wrote, by name."""
        return {log.name: log.read_text(errors="replace") for log in self.deployment.folder.logs.iterdir()}


def keys_in(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Key files as production has them: what names them in the environment, and the secrets in them."""
    vault = {council: [{"id": "2026-11", "key": base64.b64encode(secrets.token_bytes(32)).decode()}] for council in COUNCILS}
    webhooks, locations = Fernet.generate_key().decode(), base64.b64encode(secrets.token_bytes(32)).decode()
    files = {"VAULT_KEYS_FILE": json.dumps(vault), "WEBHOOK_KEYS_FILE": webhooks, "LOCATIONS_KEY_FILE": locations}
    for name, text in files.items():
        (folder / name).write_text(text)
    in_them = {f"vault key of {council}": keys[0]["key"] for council, keys in vault.items()}
    return (
        {name: str(folder / name) for name in files},
        in_them | {"key webhooks' secrets are sealed under": webhooks, "key of locations": locations},
    )


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    broker = PrivateBroker()
    named, told = keys_in(tmp_path_factory.mktemp("keys"))
    told |= {
        name: secrets.token_urlsafe(24)
        for name in ("password of the broker", "secret of the pages", "key of the collector", "old webhook key")
    }
    broker.control("add_user", "hearth", told["password of the broker"])
    broker.control("set_permissions", "hearth", ".*", ".*", ".*")
    address = broker.url.replace("guest:guest", f"hearth:{told['password of the broker']}")
    extra = named | {
        "PAGES_CLIENT_SECRET": told["secret of the pages"],
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}",  # a collector that is away
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-key={told['key of the collector']}",
    }
    with deployed(postgres_url(), address, own=(WITH_A_DATABASE_OF_ITS_OWN,), extra=extra, together=True) as running:
        urls = [
            url
            for each in (*running.where.databases.values(), *running.where.own_databases.values())
            for url in (each.app_url, each.owner_url)
        ]
        told |= {f"password {n}": str(make_url(url).password) for n, url in enumerate(urls)}
        told |= issuers(running)
        done = Work(running, told, [], set())
        asyncio.run(at_work(done))
        yield done
    broker.stop()


def issuers(running: Deployment) -> dict[str, str]:
    """What the local issuer signs with, and what clients sign in with."""
    kept = json.loads(running.folder.issuer_keys.read_text())
    private = {f"signing key's {part}": each["key"][part] for each in kept["signing"] for part in ("d", "p", "q")}
    clients = {f"client secret of {name}": running.keys.client_secret(Organisation.parse(name)) for name in (COUNCIL, AGENCY, CONSORTIUM)}
    return private | clients | {"secret of clients' secrets": kept["secret"]}


async def at_work(work: Work) -> None:
    """The story; at each service everything that goes wrong with secrets in it; webhooks and calendars, which have their own."""
    await work.deployment.load()
    await work.deployment.tell(Telling())
    async with work.deployment.signed_in() as (http, tokens):
        for organisation in (COUNCIL, AGENCY, CONSORTIUM):
            token = await tokens.of(organisation)
            work.told |= {f"token of {organisation}": token, f"signature of {organisation}": token.rpartition(".")[2]}
            for service in SERVICES:
                work.answered += await in_trouble(http, work.deployment.where.address(service), token, work.told)
        work.answered += await with_secrets_of_their_own(http, work, await tokens.of(AGENCY), await tokens.of(CONSORTIUM))


async def in_trouble(http: httpx.AsyncClient, address: str, token: str, told: Mapping[str, str]) -> list[httpx.Response]:
    """Requests that are refused, each with something secret in another part of it."""
    signed_in = {"authorization": f"Bearer {token}"}
    secret = told["password of the broker"]
    return [
        await http.get(f"{address}/nowhere/{secret}?{secret}={token}", headers=signed_in),
        await http.get(f"{address}/webhooks?cursor={token}", headers=signed_in),
        await http.get(f"{address}/archive", headers={"authorization": f"Bearer {token[:-3]}abc"}),
        await http.get(f"{address}/archive", headers={"authorization": f"Basic {secret}"}),
        await http.get(f"{address}/archive", headers={**signed_in, "cookie": f"hearth={secret}", "x-key": secret}),
        await http.post(
            f"{address}/offers", content=f'{{"a": "{token}", "{secret}": ', headers={**signed_in, "content-type": "application/json"}
        ),
        await http.put(
            f"{address}/households/{secret}", json={secret: token}, headers={**signed_in, "if-match": token, "idempotency-key": token[:200]}
        ),
        await http.post(f"{address}/past", content=token * 3, headers=signed_in | {"x-request-id": token[:64], "content-encoding": secret}),
        await http.request("PROPFIND", f"{address}/settings", headers=signed_in),
        await http.get(f"{address}/pages/signed-in?code={token}&state={secret}"),
        await http.get(f"{address}/calendar-feeds/{token[:200]}/meetings.ics"),
        await http.get(f"{address}/metrics"),
        await http.get(f"{address}/openapi.json"),
    ]


async def with_secrets_of_their_own(http: httpx.AsyncClient, work: Work, agency: str, manager: str) -> list[httpx.Response]:
    """A webhook that nobody answers, and a calendar's address: their secrets are told once, to whom they belong."""
    matching, monitoring = map(work.deployment.where.address, ("matching", "monitoring"))
    as_agency, as_manager = ({"authorization": f"Bearer {token}"} for token in (agency, manager))
    made = await http.post(f"{matching}/webhooks", json={"url": f"http://127.0.0.1:{free_port()}/hook"}, headers=as_agency)
    feed = await http.post(f"{monitoring}/calendar-feeds", headers=as_manager)
    assert (made.status_code, feed.status_code) == (201, 201), made.text + feed.text
    secret, address = made.json()["secret"], feed.json()["address"]
    work.told |= {"secret of a webhook": secret, "secret of a calendar": address.split("/calendar-feeds/")[1].split("/")[0]}
    work.given_once |= {made.text, feed.text}
    replies = [
        await http.post(f"{matching}/webhooks/{made.json()['webhook']}/test", headers=as_agency),
        await http.get(f"{matching}/webhooks", headers=as_agency),
        await http.get(f"{monitoring}/calendar-feeds", headers=as_manager),
        await http.get(f"{monitoring}{address[address.index('/calendar-feeds') :]}"),
    ]
    assert replies[3].status_code == 200
    return replies


def found_in(text: str, told: Mapping[str, str]) -> list[str]:
    """What of it is secret."""
    return [name for name, secret in told.items() if secret in text]


def test_no_secret_is_in_any_line_of_any_service_after_the_story_and_every_kind_of_trouble(work: Work) -> None:
    said = work.said()
    for service in SERVICES:
        assert '"event":"request"' in said[f"{service}.log"], "nothing was logged: this test would prove nothing"
    assert {name: found_in(text, work.told) for name, text in said.items() if found_in(text, work.told)} == {}


def test_no_secret_is_in_any_reply_but_the_one_it_is_given_in(work: Work) -> None:
    statuses = {reply.status_code for reply in work.answered}
    assert statuses >= {200, 401, 403, 404, 405, 415, 422}, "little went wrong: this test would prove little"
    assert not [reply for reply in work.answered if reply.status_code >= 500]
    for reply in work.answered:
        assert not found_in(reply.text + str(reply.headers.multi_items()), work.told), reply.request.url


def test_no_secret_is_in_a_command_line_and_environments_are_closed_to_other_users(work: Work) -> None:
    for name, started in work.deployment.processes.items():
        place = Path(f"/proc/{started.process.pid}")
        assert not found_in(place.joinpath("cmdline").read_bytes().decode(), work.told), name
        environment = place.joinpath("environ")
        assert stat.S_IMODE(environment.stat().st_mode) == 0o400, "readable by others than its own user and root"
        assert "OWNER_DATABASE_URL=" not in environment.read_bytes().decode(), "a process that answers could pass row security by"
    whole_machine = b"\n".join(path.read_bytes() for path in command_lines())
    mine = {name: secret for name, secret in work.told.items() if not name.startswith("password ")}  # those of development are everybody's
    assert not found_in(whole_machine.decode(errors="replace"), mine)


def command_lines() -> Iterator[Path]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            path.read_bytes()
        except OSError:
            continue  # it ended meanwhile
        yield path


def test_a_database_and_a_broker_that_let_nobody_in_are_logged_without_their_passwords(work: Work, tmp_path: Path) -> None:
    token = asyncio.run(a_token(work.deployment))
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        for service, told, said in pool.map(lambda service: let_in_nowhere(work, service, token, tmp_path), SERVICES):
            assert re.search('"status": ?50[03]', said), f"{service} was let in: this test would prove nothing"
            assert not found_in(said, told | {"token": token}), service


def let_in_nowhere(work: Work, service: str, token: str, logs: Path) -> tuple[str, dict[str, str], str]:
    """A service whose passwords are wrong, all of them; what it was told, and all it said, migrating too."""
    told = {name: secrets.token_urlsafe(24) for name in ("database", "owner", "broker", "own")}
    where = settings(work.deployment.where, service)
    database, broker = make_url(where["DATABASE_URL"]), make_url(where["BROKER_URL"])
    own = {"database_url": f"postgresql://x:{told['own']}@127.0.0.1:1/x", "owner_database_url": ""}
    wrong = where | {
        "DATABASE_URL": with_password(database, told["database"]),
        "BROKER_URL": with_password(broker, told["broker"]),
        "TENANCY_MAP": json.dumps({"E10000014": own}),
        "QUEUE_PREFIX": work.deployment.extra["QUEUE_PREFIX"],
        "PORT": str(free_port()),
    }
    started = start(service, ["-m", service, *roles_of(service)], wrong, logs)
    try:
        wait_until_it_answers(started)
        replies = [
            httpx.get(f"{started.address}{path}", headers={"authorization": f"Bearer {token}"}, timeout=30)
            for path in ("/archive", "/health/ready", "/metrics", "/settings", "/webhooks", "/vacancies", "/kpis")
        ]
    finally:
        stop([started])
    migrated = run(service, "migrate", wrong | {"OWNER_DATABASE_URL": with_password(database, told["owner"])})
    assert migrated.returncode != 0
    said = [started.log.read_text(), migrated.stdout, migrated.stderr, *(reply.text + str(reply.headers) for reply in replies)]
    return service, told, "".join(said)


def with_password(url: URL, password: str) -> str:
    """The address as it would be for somebody whom nobody knows: a server that trusts this machine asks for no password."""
    return url.set(username="nobody_here", password=password).render_as_string(hide_password=False)


async def a_token(deployment: Deployment) -> str:
    async with deployment.signed_in() as (_, tokens):
        return await tokens.of(COUNCIL)


def wait_until_it_answers(started: Started) -> None:
    for _ in range(600):
        started.check()
        try:
            httpx.get(f"{started.address}/health/live", timeout=5)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(started.log.read_text()[-2000:])


def run(service: str, role: str, told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-m", service, role], env={**inherited, **told}, capture_output=True, text=True, timeout=120, check=False
    )


WRONGLY_WRITTEN: dict[str, Any] = {
    "DATABASE_URL": "postgresql://u:{}@127.0.0.1:port/x",
    "BROKER_URL": "http://u:{}@127.0.0.1",
    "TENANCY_MAP": '{{"E06000045": "postgresql://u:{}@127.0.0.1/x"}}',
    "OTEL_EXPORTER_OTLP_HEADERS": "{}",
    "PORT": "{}",
    "LOG_LEVEL": "{}",
}


def test_a_setting_that_cannot_be_read_is_named_and_not_repeated() -> None:
    right = {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x", "BROKER_URL": "amqp://u:p@127.0.0.1:1/", "ISSUER": "http://127.0.0.1:1"}
    secret = secrets.token_urlsafe(24)

    def started_with(setting: str) -> tuple[str, subprocess.CompletedProcess[str]]:
        return setting, run("referrals", "relay", {**right, "PORT": str(free_port()), setting: WRONGLY_WRITTEN[setting].format(secret)})

    with ThreadPoolExecutor(3) as pool:
        for setting, ended in pool.map(started_with, WRONGLY_WRITTEN):
            assert ended.returncode != 0, setting
            assert ended.stdout + ended.stderr, setting
            assert secret not in ended.stdout + ended.stderr, setting
