"""Sending again what a service said: when the bus has lost what was given to it, the outbox still has all of it.

Rows are only marked as unsent; the relay carries them as it carries everything. Whoever heard an event before knows its id and passes it
over. An inbox forgets ids after as many days as the outbox does, so only what is surely still known may be sent again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from shared import clock, tenancy

MARGIN = timedelta(days=1)
AT_ONCE = 5000
_UNSEND = """
UPDATE outbox SET sent_at = NULL
WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE recorded_at >= $1 AND sent_at < $2 ORDER BY position LIMIT $3 FOR UPDATE))
"""


class TooLongAgo(Exception):
    """Services may have forgotten having heard some of it, and would do it a second time."""


async def send_again(engine: AsyncEngine, since: datetime, *, keep_days: int) -> int:
    """Mark everything of one database that was recorded since then and sent as unsent; how many events.

    What the relay sends again meanwhile is not marked a second time. TooLongAgo for a moment of more than ``keep_days`` less a day ago.
    """
    now = clock.now()
    if since < now - timedelta(days=keep_days) + MARGIN:
        raise TooLongAgo
    marked = 0
    async with tenancy.plumbing(engine) as transaction:
        begun = await transaction.driver.fetchval("SELECT now()")
    while True:
        async with tenancy.plumbing(engine) as transaction:
            count = int((await transaction.driver.execute(_UNSEND, since, begun, AT_ONCE)).rpartition(" ")[2])
        marked += count
        if count < AT_ONCE:
            return marked
