"""Suspensions of agencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.suspension import LiftReason, Terms
from providers.tables import agencies, suspensions
from shared.contracts.providers import SuspensionReason
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Recorded:
    """A suspension as it was recorded, and what became of it."""

    id: UUID
    agency: str
    terms: Terms
    recorded_by: str
    recorded_at: datetime
    lifted_because: LiftReason | None = None
    lifted_by: str | None = None
    lifted_at: datetime | None = None


def _recorded(row: Row[tuple[object, ...]]) -> Recorded:
    return Recorded(
        id=row.id,
        agency=row.agency,
        terms=Terms(SuspensionReason(row.reason), row.starts_on, row.review_on, row.ends_on),
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        lifted_because=None if row.lifted_because is None else LiftReason(row.lifted_because),
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )


async def take_turn(transaction: Transaction, agency: str) -> None:
    """Until the transaction ends nobody else suspends this agency or lifts a suspension of it."""
    await transaction.execute(select(agencies.c.urn).where(agencies.c.urn == agency).with_for_update())


async def standing(transaction: Transaction, agency: str, *, today: date) -> Recorded | None:
    """The agency's suspension that is in force or will be, or None."""
    statement = (
        select(suspensions)
        .where(
            suspensions.c.agency == agency,
            suspensions.c.lifted_at.is_(None),
            or_(suspensions.c.ends_on.is_(None), suspensions.c.ends_on >= today),
        )
        .order_by(suspensions.c.recorded_at.desc(), suspensions.c.id.desc())
        .limit(1)
    )
    row = (await transaction.execute(statement)).one_or_none()
    return _recorded(row) if row else None


async def of_agency(transaction: Transaction, agency: str) -> list[Recorded]:
    """Every suspension of an agency, the last first."""
    statement = select(suspensions).where(suspensions.c.agency == agency)
    rows = await transaction.execute(statement.order_by(suspensions.c.recorded_at.desc(), suspensions.c.id.desc()))
    return [_recorded(row) for row in rows]


async def add(transaction: Transaction, recorded: Recorded) -> None:
    """Keep a suspension."""
    terms = recorded.terms
    await transaction.execute(
        insert(suspensions).values(
            id=recorded.id,
            agency=recorded.agency,
            reason=terms.reason,
            starts_on=terms.starts_on,
            review_on=terms.review_on,
            ends_on=terms.ends_on,
            recorded_by=recorded.recorded_by,
            recorded_at=recorded.recorded_at,
        )
    )


async def lift(transaction: Transaction, id: UUID, *, agency: str, reason: LiftReason, by: str, at: datetime) -> Recorded | None:
    """Lift a suspension of this agency that has not been lifted; None when there is none such."""
    statement = (
        update(suspensions)
        .where(suspensions.c.id == id, suspensions.c.agency == agency, suspensions.c.lifted_at.is_(None))
        .values(lifted_because=reason, lifted_by=by, lifted_at=at)
        .returning(suspensions)
    )
    row = (await transaction.execute(statement)).one_or_none()
    return _recorded(row) if row else None


async def in_force(transaction: Transaction, agency: str, *, today: date) -> bool:
    """Whether the agency takes no new referrals on this day."""
    found = await standing(transaction, agency, today=today)
    return found is not None and found.terms.in_force(today)
