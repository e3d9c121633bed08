"""Everything on one machine: PostgreSQL, the issuer and the four services, up for as long as a block lasts."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from hearth import databases
from hearth.arrangement import PORTS, Surroundings, signed_in_at
from hearth.data_folder import DataFolder, Running
from hearth.issuer import Keys
from hearth.processes import Started, services_running
from hearth.progress import step
from hearth.serving import issuer_running, require_free
from shared import migrating
from shared.settings import postcodes_folder


@dataclass(frozen=True)
class Up:
    """What is running."""

    where: Surroundings
    running: Running
    processes: dict[str, Started]
    seconds: float


@contextmanager
def everything(folder: DataFolder, port_base: int) -> Iterator[Up]:
    """Start it all on a data folder, new or used before; stop it all on leaving.

    POSTGRES_URL uses a given server in place of the wheel's, AMQP_URL a broker in place of the queue table.
    """
    began = time.monotonic()
    given, broker = os.environ.get("POSTGRES_URL", ""), os.environ.get("AMQP_URL", "")
    require_free(range(port_base, port_base + len(PORTS)))
    with ExitStack() as stack:
        stack.enter_context(folder.claimed())
        for parent in [] if given else databases.opened_for_postgres(folder.postgres):
            print(f"  Running as root: PostgreSQL runs as the user pgserver, for whom {parent} is opened for reading.")
        keys = Keys.kept_in(folder.issuer_keys)
        issuer = stack.enter_context(issuer_running(keys, port_base, development=True, redirects=[signed_in_at(port_base)]))
        with step("PostgreSQL, with a database for each service"):
            admin_url = stack.enter_context(databases.postgres(folder.postgres, given))
            asyncio.run(databases.check(admin_url))
            addresses, bus_url = asyncio.run(databases.provision_all(admin_url))
        where = Surroundings(
            databases=addresses,
            broker_url=broker or bus_url,
            issuer=issuer,
            port_base=port_base,
            vault_keys=folder.vault_keys,
            locations_key=folder.locations_key,
            postcodes=postcodes_folder(),
            webhook_keys=folder.webhook_keys,
        )
        with step("Tables of the four services, brought up to date"):
            asyncio.run(_migrate(where))
        with step("Four services, until each says it is ready"):
            processes = stack.enter_context(services_running(where, folder.logs))
        running = Running(
            issuer=issuer,
            addresses=where.addresses(),
            database_urls={name: urls.app_url for name, urls in addresses.items()},
            broker_url=where.broker_url,
        )
        folder.say_running(running)
        yield Up(where, running, processes, time.monotonic() - began)


async def _migrate(where: Surroundings) -> None:
    # What ``python -m <service> migrate`` does, without starting Python four times more: half the wait of a first start.
    for service, urls in where.databases.items():
        await migrating.upgrade(urls.owner_url, service)
