"""Both transports under names of their own, and a service database with nothing but the kit's tables and one of effects."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pika
import pytest
from sqlalchemy.engine import make_url

from hearth.databases import provision
from shared import kit_tables, queue_table, rabbit, settings, tenancy
from shared.transport import Transport
from tests.conftest import in_own_loop
from tests.running.proxy import Proxy, proxy_before
from tests.running.rabbitmq import rabbitmq_url

EFFECTS = (
    "CREATE TABLE effects (organisation text NOT NULL, event_id uuid NOT NULL, note text NOT NULL)",
    "ALTER TABLE effects ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE effects FORCE ROW LEVEL SECURITY",
    """CREATE POLICY effects_own ON effects FOR ALL USING (organisation = (select current_setting('app.organisation', true)))
       WITH CHECK (organisation = (select current_setting('app.organisation', true)))""",
    "GRANT SELECT, INSERT ON effects TO kit_app",
)


@pytest.fixture(scope="session")
def amqp_url() -> str:
    return rabbitmq_url()


@dataclass
class Bus:
    """One transport under one prefix: opened as often as a test needs, behind a proxy if it asks."""

    kind: str
    url: str
    prefix: str
    opened: list[Transport] = field(default_factory=list)
    rooms: AsyncExitStack = field(default_factory=AsyncExitStack)

    def open(self, url: str | None = None, **options: Any) -> Any:
        """A new connection to the same bus, as another process would have."""
        maker: Any = rabbit.RabbitTransport if self.kind == "rabbitmq" else queue_table.QueueTableTransport
        one = maker(url or self.url, prefix=self.prefix, **options)
        self.opened.append(one)
        return one

    async def behind_a_proxy(self) -> tuple[Proxy, str]:
        """A proxy before the bus, and the address through it."""
        parsed = make_url(self.url)
        proxy = await self.rooms.enter_async_context(proxy_before(parsed.host or "127.0.0.1", parsed.port or 5672))
        host = f"{parsed.host}:{parsed.port}"
        assert host in self.url
        return proxy, self.url.replace(host, f"127.0.0.1:{proxy.port}")

    async def wipe(self) -> None:
        """Remove what was declared, as a new empty broker would be."""
        if self.kind == "rabbitmq":
            remove_queues(self.url, self.prefix)
        else:
            connection = await asyncpg.connect(self.url)
            await connection.execute("DROP TABLE IF EXISTS bus_message, bus_binding, bus_dead_letter; DROP SEQUENCE IF EXISTS bus_holder")
            await connection.close()

    async def close(self) -> None:
        for one in self.opened:
            await one.close()
        await self.rooms.aclose()
        await self.wipe()


def remove_queues(url: str, prefix: str) -> None:
    """Delete every queue and exchange of a prefix."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for service in ("north", "south", "referrals", "providers", "matching", "monitoring"):
        for queue in (f"{prefix}.{service}", f"{prefix}.{service}.dead"):
            channel.queue_delete(queue)
    for exchange in (prefix, f"{prefix}.dead"):
        channel.exchange_delete(exchange)
    connection.close()


@pytest.fixture(params=["rabbitmq", "queue table"])
async def bus(request: pytest.FixtureRequest, admin_url: str) -> AsyncIterator[Bus]:
    """Each transport in turn, empty."""
    prefix = f"test.{secrets.token_hex(4)}"
    if request.param == "rabbitmq":
        one = Bus("rabbitmq", request.getfixturevalue("amqp_url"), prefix)
        yield one
        await one.close()
        return
    name = f"test_bus_{secrets.token_hex(4)}"
    await admin(admin_url, f'CREATE DATABASE "{name}"')
    one = Bus("queue table", make_url(admin_url).set(database=name).render_as_string(hide_password=False), prefix)
    yield one
    await one.close()
    await admin(admin_url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def admin(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def kit_template(admin_url: str) -> Iterator[tuple[str, str]]:
    """(database, app address) with the kit's tables, made once."""
    name = f"test_kit_{secrets.token_hex(4)}"

    async def make() -> str:
        addresses = await provision(admin_url, "kit", database=name)
        await admin(addresses.owner_url, *kit_tables.statements_v1("kit"), *EFFECTS)
        return addresses.app_url

    yield name, in_own_loop(make)
    in_own_loop(lambda: admin(admin_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def kit_database(admin_url: str, kit_template: tuple[str, str]) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """The application's address of a new database with the kit's tables and ``effects``."""
    template, app_url = kit_template
    made: list[str] = []

    async def make() -> str:
        name = f"{template}_{secrets.token_hex(3)}"
        await admin(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"', f'GRANT CONNECT ON DATABASE "{name}" TO kit_app')
        made.append(name)
        return app_url.replace(template, name)

    yield make
    for name in made:
        await admin(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def settings_for(database_url: str, bus: Bus, **changes: Any) -> settings.Settings:
    """Settings of a process on this database and bus."""
    known = {"database_url": database_url, "broker_url": bus.url, "issuer": "http://issuer.test", "queue_prefix": bus.prefix}
    return settings.Settings(**(known | changes))


@pytest.fixture
async def databases(kit_database: Callable[[], Awaitable[str]], bus: Bus) -> AsyncIterator[tenancy.Databases]:
    """The databases of a service called kit: one, shared."""
    url = await kit_database()
    pools = tenancy.Databases.from_settings(settings_for(url, bus), service="kit")
    yield pools
    await pools.close()
