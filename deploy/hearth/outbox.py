"""``hearth outbox replay``: what a service said is sent again, where the bus has lost what was given to it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime

from hearth.data_folder import DataFolder
from shared import clock, tenancy
from shared.replaying import TooLongAgo, send_again

KEPT_DAYS = 30


def moment(text: str) -> datetime:
    """A moment as a person writes it: 2026-11-30T01:30, by the clock here unless it says otherwise. ValueError for what is none."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=clock.UK)


def _databases(services: Sequence[str], folder: DataFolder) -> list[tuple[str, str]]:
    """The addresses to look at: those of the environment, as one service's own process has them, else of what runs from the folder."""
    if len(services) == 1 and (url := os.environ.get("DATABASE_URL")):
        own = json.loads(os.environ.get("TENANCY_MAP") or "{}")
        return [(services[0], url), *((f"{services[0]} of {council}", each["database_url"]) for council, each in own.items())]
    running = folder.running().database_urls
    return [(service, running[service]) for service in services]


async def replay(services: Sequence[str], since: datetime, folder: DataFolder) -> int:
    """Mark what these services recorded since then as unsent, and say how much; 1 when it is too long ago."""
    keep_days = int(os.environ.get("KEEP_EVENTS_DAYS") or KEPT_DAYS)
    for name, url in _databases(services, folder):
        engine = tenancy.engine_for(url, pool_size=1, application="hearth outbox")
        try:
            count = await send_again(engine, since, keep_days=keep_days)
        except TooLongAgo:
            words = f"Services remember for {keep_days} days what they heard: what is older than {keep_days - 1} would be done twice."
            print(f"hearth: {words}", file=sys.stderr)
            return 1
        finally:
            await engine.dispose()
        print(f"{count} events of {name} will be sent again by its relay; whoever heard them before passes them over.")
    return 0
