"""Alerts that news or the passing of months raises, each signal once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from monitoring.domain.alert import Alert, Found, State, Step, StepTaken, readers_of
from monitoring.domain.late_returns import DueReturn, late_payers
from monitoring.domain.ofsted import downgrades
from monitoring.domain.period import UK
from monitoring.store import alerts, ratings, reference, return_heads
from shared import ids
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Transaction

SOFTWARE = "hearth"
"""Who raised it."""
PROJECT_MANAGER = "the consortium's project manager"


async def raise_alert(
    transaction: Transaction, found: Found, *, now: datetime, owner: str = PROJECT_MANAGER, former: UUID | None = None
) -> bool:
    """Raise an alert for a signal, for each organisation that may read it; False when the signal has one already."""
    alert = Alert(ids.new_id(), found, State.OPEN, now, owner, "", former)
    raised = StepTaken(1, Step.RAISED, now, str(CONSORTIUM), SOFTWARE, str(found.cause), "")
    for reader in readers_of(found):  # the consortium's row first: by it two sweeps at once are told apart
        # By right of the scope: the series is the reader's own, and the consortium watches all.
        async with transaction.acting_as(Organisation.parse(reader)):
            if not await alerts.add(transaction, alert):
                return False
            await alerts.add_step(transaction, alert.id, raised, State.OPEN)
    return True


async def raise_downgrades(transaction: Transaction, *, now: datetime, agency: str | None = None) -> int:
    """Raise an alert for every fall in Ofsted's rating that has none yet; how many."""
    async with transaction.acting_as(CONSORTIUM):  # agencies' ratings are kept by the consortium, and it is told of their falls
        names = await reference.agency_names(transaction)
        raised = 0
        for urn, rated in (await ratings.of_agencies(transaction, agency)).items():
            for found in downgrades(urn, names.get(urn, urn), rated):
                raised += await raise_alert(transaction, found, now=now)
    return raised


async def raise_late_payers(transaction: Transaction, *, now: datetime) -> int:
    """Raise an alert for every spell of an agency's late returns that has none yet; how many."""
    today = now.astimezone(UK).date()
    heads = await return_heads.of_reader(transaction)
    names = await reference.agency_names(transaction)
    raised = 0
    for agency, form in sorted({(head.key.agency, head.key.form) for head in heads}):
        theirs = [DueReturn(head.due_on, head.received_on) for head in heads if (head.key.agency, head.key.form) == (agency, form)]
        for found in late_payers(agency, names.get(agency, agency), theirs, today=today):
            raised += await raise_alert(transaction, found, now=now)
    return raised
