"""A relay or a consumer in a process of its own, so that a test can have it killed for real.

``python -m tests.shared.bus.process relay|consume``; settings from the environment as everywhere.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from shared import delivery, logs, relay, settings, tenancy, transport
from tests.shared.bus.effects import HEARS

SERVICE = "matching"


async def main(role: str) -> None:
    ours = settings.from_environment()
    logs.configure("kit")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    databases = tenancy.Databases.from_settings(ours, service="kit")
    bus = transport.connect(ours.broker_url, prefix=ours.queue_prefix)
    if role == "relay":
        await relay.run(databases, bus, ours, stop)
    else:
        await delivery.run(SERVICE, HEARS, databases, bus, ours, stop)
    await databases.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
