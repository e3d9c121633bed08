"""Read a running Hearth: each process's health, each database's schema and outbox, each queue, clocks, keys, disk. It changes nothing."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families

from hearth.arrangement import SERVICES
from hearth.data_folder import DataFolder, Running
from hearth.doctor.finding import Database, Queue, Reading
from hearth.tokens import TokenRefusedError, signed_in
from shared import clock, migrating, transport
from shared.transport import PublishFailed, Transport

SECONDS = 5.0
SWEPT = "hearth_sweep_last_timestamp_seconds"
OLDEST = "hearth_queue_oldest_seconds"
_OUTBOX = """
SELECT count(*) AS unsent, coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float AS oldest FROM outbox WHERE sent_at IS NULL
"""


async def read(folder: DataFolder, running: Running) -> Reading:
    """Everything at once; what does not answer within five seconds is said not to, and asked nothing more."""
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        answers = await asyncio.gather(*(_health(http, *one) for one in running.addresses.items()))
        health = dict(zip(running.addresses, answers, strict=True))
        answering = {name: address for name, address in running.addresses.items() if health[name] is not None}
        bus = transport.connect(running.broker_url, name="hearth doctor", confirm_seconds=SECONDS)
        try:
            told = await asyncio.gather(*(_figures(http, answering.get(service)) for service in SERVICES))
            figures = dict(zip(SERVICES, told, strict=True))
            queues = [await _queue(bus, service, figures[service].get(OLDEST)) for service in SERVICES]
        finally:
            await bus.close()
        databases, clocks = [], await _clocks(http, answering)
        for service, url in running.database_urls.items():
            database, ahead = await _database(service, url)
            databases.append(database)
            if ahead is not None:
                clocks[f"{service}'s database"] = ahead
        councils = await _councils(http, folder, running) if {"issuer", "providers"} <= answering.keys() else []
        return Reading(
            health=health,
            databases=databases,
            queues=queues,
            clocks=clocks,
            councils=councils,
            keys=_keys(folder.vault_keys),
            sealed=await _sealed(running.database_urls["referrals"], councils),
            free_disk=_free(folder.path),
            sweeps={service: _now_there(clocks, service) - told[SWEPT] for service, told in figures.items() if told.get(SWEPT)},
        )


def _now_there(clocks: Mapping[str, float], service: str) -> float:
    """A process tells moments by its own clock, which may be wrong: that is another finding, and not that it is late."""
    return clock.now().timestamp() + clocks.get(service, 0.0)


async def _health(http: httpx.AsyncClient, name: str, address: str) -> Mapping[str, str] | None:
    path = "/.well-known/openid-configuration" if name == "issuer" else "/health/ready"
    try:
        reply = await http.get(f"{address}{path}")
        return {} if name == "issuer" else dict(reply.json()["checks"])
    except (httpx.HTTPError, ValueError, KeyError):
        return None


async def _clocks(http: httpx.AsyncClient, addresses: Mapping[str, str]) -> dict[str, float]:
    """How far each answering process is ahead, to the second that HTTP tells."""

    async def ahead(address: str) -> float | None:
        try:
            said = parsedate_to_datetime((await http.get(f"{address}/health/live")).headers["date"])
        except (httpx.HTTPError, KeyError, ValueError):
            return None
        return (said - clock.now()).total_seconds()

    told = await asyncio.gather(*(ahead(address) for address in addresses.values()))
    return {name: seconds for name, seconds in zip(addresses, told, strict=True) if seconds is not None}


async def _figures(http: httpx.AsyncClient, address: str | None) -> dict[str, float]:
    """Those of a process' figures that are read here, the highest of each; none of one that does not answer."""
    if address is None:
        return {}
    try:
        text = (await http.get(f"{address}/metrics")).text
        families = list(text_string_to_metric_families(text))
    except (httpx.HTTPError, ValueError):
        return {}
    return {
        family.name: max(sample.value for sample in family.samples)
        for family in families
        if family.name in (SWEPT, OLDEST) and family.samples
    }


async def _database(service: str, url: str) -> tuple[Database, float | None]:
    newest = migrating.newest(service)
    try:
        connection = await asyncpg.connect(url, timeout=SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        return Database(service, newest=newest, error=type(error).__name__), None
    try:
        ahead = (await connection.fetchval("SELECT clock_timestamp()") - clock.now()).total_seconds()
        try:
            schema = await connection.fetchval("SELECT version_num FROM alembic_version")
        except asyncpg.PostgresError:
            return Database(service, schema=None, newest=newest), ahead
        await connection.execute("SELECT set_config('app.organisation', 'plumbing', false)")
        row = await connection.fetchrow(_OUTBOX)
        assert row is not None
        return Database(service, schema, newest, row["unsent"], row["oldest"]), ahead
    finally:
        await connection.close()


async def _queue(bus: Transport, service: str, oldest: float | None) -> Queue:
    """``oldest`` is what the service itself says, which alone knows it where the bus does not."""
    try:
        depth = await bus.depth(service)
        kinds = Counter(letter.message.type for letter in await bus.dead_letters(service)) if depth.dead else Counter[str]()
    except (PublishFailed, OSError) as error:
        return Queue(service, error=type(error).__name__)
    return Queue(service, depth.waiting, depth.dead, oldest if depth.oldest_seconds is None else depth.oldest_seconds, kinds)


async def _councils(http: httpx.AsyncClient, folder: DataFolder, running: Running) -> Sequence[str]:
    """The councils that are recorded; none when that cannot be asked, which other findings then say."""
    try:
        token = await signed_in(http, folder, running).of("consortium")
        reply = await http.get(
            f"{running.addresses['providers']}/councils", headers={"Authorization": f"Bearer {token}"}, params={"limit": 200}
        )
        return [each["ons_code"] for each in reply.raise_for_status().json()["items"]]
    except (httpx.HTTPError, TokenRefusedError, KeyError, ValueError, OSError):
        return []


async def _sealed(url: str, councils: Sequence[str]) -> Mapping[str, Collection[str]]:
    """Under which keys each council's records are sealed; none when that cannot be asked, which other findings then say."""
    try:
        connection = await asyncpg.connect(url, timeout=SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return {}
    try:
        found = {}
        for council in councils:
            await connection.execute("SELECT set_config('app.organisation', $1, false)", f"council:{council}")
            found[council] = [row["key_id"] for row in await connection.fetch("SELECT DISTINCT key_id FROM data_keys", timeout=SECONDS)]
        return found
    except (TimeoutError, asyncpg.PostgresError):
        return {}
    finally:
        await connection.close(timeout=SECONDS)


def _keys(file: Path) -> Mapping[str, Collection[str]] | None:
    """Of each council in the key file the ids of its keys; None without a file, when development keys are derived."""
    if not file.exists():
        return None
    try:
        return {council: [key["id"] for key in keys] for council, keys in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _free(folder: Path) -> float:
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total
