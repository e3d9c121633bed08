"""In-house matches: a council's own carer chosen, the bed asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from referrals.tables import in_house_matches
from shared.tenancy import Transaction


class MatchState(StrEnum):
    """Whether the bed was given."""

    ASKED = "asked"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True)
class InHouseMatch:
    """One of the council's own vacancies chosen for a referral, at what weekly cost and from when."""

    id: UUID
    referral: UUID
    vacancy: UUID
    pounds_per_week: Decimal
    starts_on: date
    state: MatchState
    reasons: tuple[str, ...]
    decided_by: str
    decided_at: datetime


async def add(transaction: Transaction, match: InHouseMatch) -> None:
    """Keep a match whose bed is being asked for."""
    await transaction.execute(
        insert(in_house_matches).values(
            organisation=str(transaction.organisation),
            id=match.id,
            referral=match.referral,
            vacancy=match.vacancy,
            pounds_per_week=match.pounds_per_week,
            starts_on=match.starts_on,
            state=match.state,
            reasons=list(match.reasons),
            decided_by=match.decided_by,
            decided_at=match.decided_at,
        )
    )


async def settle(transaction: Transaction, match: UUID, state: MatchState, reasons: Sequence[str]) -> InHouseMatch | None:
    """Record the answer, once; None when there is no such match or its answer is known already."""
    table = in_house_matches.c
    rows = await transaction.execute(
        update(in_house_matches)
        .where(table.organisation == str(transaction.organisation), table.id == match, table.state == MatchState.ASKED)
        .values(state=state, reasons=list(reasons))
        .returning(in_house_matches)
    )
    row = rows.one_or_none()
    return _match(row) if row else None


async def latest(transaction: Transaction, referral: UUID) -> InHouseMatch | None:
    """The last match taken for a referral, whatever came of it."""
    table = in_house_matches.c
    rows = await transaction.execute(
        select(in_house_matches)
        .where(table.organisation == str(transaction.organisation), table.referral == referral)
        .order_by(table.decided_at.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return _match(row) if row else None


def _match(row: Any) -> InHouseMatch:
    return InHouseMatch(
        row.id,
        row.referral,
        row.vacancy,
        row.pounds_per_week,
        row.starts_on,
        MatchState(row.state),
        tuple(row.reasons),
        row.decided_by,
        row.decided_at,
    )
