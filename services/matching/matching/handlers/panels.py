"""What time makes of panels: what a closed one decided is written down, and whoever is late is reminded."""

from __future__ import annotations

from datetime import datetime

from matching.domain.notice import News, NoticeType
from matching.domain.panel import Panel, standing
from matching.domain.panel_reminders import reminders_due
from matching.store import notices, panel_reminders, panels, referrals
from shared.tenancy import Transaction


async def take_stock(transaction: Transaction, council: str, now: datetime) -> int:
    """Write down what the council's panels have come to by ``now``, and remind who is late, each once at each stated time.

    The council's feed and webhooks tell of reminders, one notice a panel. Returns how many things it wrote. Nothing depends on when this
    runs: how a panel stands follows from its votes and the moment it is looked at.
    """
    written = 0
    for one in await panels.undecided(transaction, council):
        outcome = standing(one, now).outcome
        if outcome is not None:
            written += await panels.settle(transaction, council, one.panel, outcome)
        elif reminded := await panel_reminders.remind(transaction, council, one, reminders_due(one, now), now):
            written += len(reminded)
            await notices.tell(transaction, now, await _news(transaction, one))
    return written


async def _news(transaction: Transaction, panel: Panel) -> News:
    known = await referrals.one(transaction, panel.council, panel.referral)
    return News(
        panel.council,
        NoticeType.PANEL_REMINDER,
        council=panel.council.removeprefix("council:"),
        referral=panel.referral,
        reference=known.view.reference if known and known.view else None,
        subject=panel.panel,
    )
