"""What time makes referrals do: whoever owes a full agreement is reminded when the day for it comes, without anybody's asking."""

from __future__ import annotations

from datetime import timedelta

from referrals.actions.agreements_due import remind
from referrals.store import framework
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases

LOOK_BACK = timedelta(days=90)
"""Placements begun earlier have had each of their reminders; whoever was not reminded because nothing ran so long sees them overdue."""


async def sweep(databases: Databases) -> int:
    """Record the reminders whose day has come, for every council in its own database; how many there were. Safe beside another sweep."""
    since, reminded = clock.today() - LOOK_BACK, 0
    async with tenancy.transaction_on(databases, databases.shared, CONSORTIUM) as transaction:
        councils = await framework.council_codes(transaction)
    for code in councils:
        async with tenancy.transaction(databases, Organisation.parse(f"council:{code}")) as transaction:
            reminded += len(await remind(transaction, begun_since=since))
    return reminded
