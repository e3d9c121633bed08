"""Reviews of looked-after children: when each is due, which were missed, which were held late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from referrals.domain.disclosure import Right
from referrals.domain.review_dates import DueReview, missed_in_a_row, open_date, schedule
from referrals.store import children, disclosures
from referrals.store import stability as store
from referrals.store.disclosures import Act
from referrals.store.paging import after_day
from referrals.store.vault import Keyring
from shared import clock
from shared.cursors import Wanted
from shared.tenancy import Transaction


class Waiting(StrEnum):
    """Whether a child's next review can still be held in time."""

    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class WaitsForReview:
    """A looked-after child: the oldest date without its review, whether it has passed, and every date missed since the last one held."""

    child: UUID
    due_on: date
    state: Waiting
    days_overdue: int
    missed: tuple[DueReview, ...]
    next: DueReview


async def of_child(transaction: Transaction, ring: Keyring, child: UUID, *, subject: str) -> tuple[DueReview, ...]:
    """The review dates of a child's newest time in care, oldest first; the reading is written down in the same transaction."""
    await children.one(transaction, ring, child)
    found = (await store.periods_and_reviews(transaction, child)).get(child)
    dates = schedule(*found, clock.today()) if found else ()
    await disclosures.record(
        transaction,
        [child],
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=Right.OWN_RECORD,
        fields=("time_in_care",),
        at=clock.now(),
    )
    return dates


async def waiting(transaction: Transaction, wanted: Wanted, state: Waiting | None, until: date | None) -> Sequence[WaitsForReview]:
    """The council's looked-after children by the day their next review is or was due, the longest overdue first; one more than the page."""
    after, today = after_day(wanted), clock.today()
    found = [
        _waits(child, dates, today)
        for child, (period, held) in (await store.periods_and_reviews(transaction)).items()
        if (dates := schedule(period, held, today)) and open_date(dates)
    ]
    kept = [each for each in found if state in (None, each.state) and (until is None or each.due_on <= until)]
    return [each for each in sorted(kept, key=_key) if after is None or _key(each) > after][: wanted.limit + 1]


def _waits(child: UUID, dates: Sequence[DueReview], today: date) -> WaitsForReview:
    missed = missed_in_a_row(dates)
    due_on = missed[0].due_on if missed else dates[-1].due_on
    return WaitsForReview(
        child=child,
        due_on=due_on,
        state=Waiting.OVERDUE if missed else Waiting.DUE,
        days_overdue=max((today - due_on).days, 0),
        missed=missed,
        next=dates[-1],
    )


def _key(each: WaitsForReview) -> tuple[date, UUID]:
    return each.due_on, each.child


def page_key(each: WaitsForReview) -> tuple[str, str]:
    """Where a page continues: by the day and the child's record."""
    return each.due_on.isoformat(), str(each.child)
