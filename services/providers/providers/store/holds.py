"""Holds: a bed is taken by one guarded update, and each hold moves one way only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, select, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.hold import AGREED_WITHIN, STARTED_WITHIN, BedsLeft, HoldLapse, HoldState
from providers.domain.vacancy import VacancyStatus
from providers.tables import holds, vacancies
from shared.contracts.providers import HoldFor
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Hold:
    """Beds of one vacancy kept for one council. ``asked_by`` is the offer or in-house match, ``decision`` the choice that asked."""

    id: UUID
    provider: str
    council: str
    vacancy: UUID
    household: UUID
    held_for: HoldFor
    asked_by: UUID
    decision: UUID
    referral: UUID
    beds: int
    state: HoldState
    held_at: datetime
    placement: UUID | None = None


@dataclass(frozen=True, slots=True)
class VacancyNow:
    """A vacancy just after a change of its beds."""

    household: UUID
    district: str
    lives_in: str | None
    free_beds: int
    version: int


_DISTRICT = vacancies.c.household_facts["district"].astext.label("district")
_LIVES_IN = vacancies.c.household_facts["lives_in"].astext.label("lives_in")
_NOW = (vacancies.c.household, _DISTRICT, _LIVES_IN, vacancies.c.free_beds, vacancies.c.version)


def _hold(row: Row[tuple[object, ...]]) -> Hold:
    return Hold(
        id=row.id,
        provider=row.provider,
        council=row.council,
        vacancy=row.vacancy,
        household=row.household,
        held_for=HoldFor(row.held_for),
        asked_by=row.asked_by,
        decision=row.decision,
        referral=row.referral,
        beds=row.beds,
        state=HoldState(row.state),
        held_at=row.held_at,
        placement=row.placement,
    )


def _now(row: Row[tuple[object, ...]] | None) -> VacancyNow | None:
    return None if row is None else VacancyNow(row.household, row.district, row.lives_in, row.free_beds, row.version)


async def take_beds(transaction: Transaction, vacancy: UUID, *, provider: str, beds: int) -> VacancyNow | None:
    """Take beds if so many are free at this very moment; None when they are not, or the vacancy is closed or not this provider's.

    One guarded update: PostgreSQL makes the second of two takers wait, then look again at what the first has left.
    """
    statement = (
        update(vacancies)
        .where(vacancies.c.id == vacancy, vacancies.c.provider == provider, vacancies.c.status == "open", vacancies.c.free_beds >= beds)
        .values(free_beds=vacancies.c.free_beds - beds, version=vacancies.c.version + 1)
        .returning(*_NOW)
    )
    return _now((await transaction.execute(statement)).one_or_none())


async def give_back(transaction: Transaction, vacancy: UUID, *, beds: int) -> VacancyNow | None:
    """Put beds back on an open vacancy; a closed one has none to offer and only counts the change."""
    freed = case((vacancies.c.status == "open", vacancies.c.free_beds + beds), else_=0)
    statement = update(vacancies).where(vacancies.c.id == vacancy).values(free_beds=freed, version=vacancies.c.version + 1).returning(*_NOW)
    return _now((await transaction.execute(statement)).one_or_none())


async def touch(transaction: Transaction, vacancy: UUID) -> VacancyNow | None:
    """Count the vacancy's version on: a hold of it moved, its free beds did not."""
    statement = update(vacancies).where(vacancies.c.id == vacancy).values(version=vacancies.c.version + 1).returning(*_NOW)
    return _now((await transaction.execute(statement)).one_or_none())


async def now(transaction: Transaction, vacancy: UUID) -> VacancyNow | None:
    """A vacancy as it stands."""
    return _now((await transaction.execute(select(*_NOW).where(vacancies.c.id == vacancy))).one_or_none())


async def left(transaction: Transaction, vacancy: UUID, *, provider: str) -> tuple[BedsLeft, int] | None:
    """What is left of a provider's vacancy, and its version; None when this provider has no such vacancy."""
    statement = select(vacancies.c.status, vacancies.c.free_beds, vacancies.c.version)
    row = (await transaction.execute(statement.where(vacancies.c.id == vacancy, vacancies.c.provider == provider))).one_or_none()
    return None if row is None else (BedsLeft(vacancy, VacancyStatus(row.status), row.free_beds), row.version)


async def add(transaction: Transaction, hold: Hold) -> None:
    """Write a hold of the acting council. A second one for the same decision, or a second live one for the same offer, fails."""
    await transaction.execute(
        insert(holds).values(
            id=hold.id,
            provider=hold.provider,
            council=hold.council,
            vacancy=hold.vacancy,
            household=hold.household,
            held_for=hold.held_for,
            asked_by=hold.asked_by,
            decision=hold.decision,
            referral=hold.referral,
            beds=hold.beds,
            state=hold.state,
            held_at=hold.held_at,
        )
    )


async def asked_for(transaction: Transaction, asked_by: UUID, *, council: str, decision: UUID) -> Hold | None:
    """The live hold of this offer or match, else the one this very decision made before."""
    statement = (
        select(holds)
        .where(holds.c.council == council, holds.c.asked_by == asked_by, (holds.c.state != "freed") | (holds.c.decision == decision))
        .order_by(case((holds.c.state != "freed", 0), else_=1))
        .limit(1)
    )
    row = (await transaction.execute(statement)).one_or_none()
    return _hold(row) if row else None


async def live(transaction: Transaction, asked_by: UUID, *, council: str) -> Hold | None:
    """The live hold of this offer or match, or None."""
    statement = select(holds).where(holds.c.council == council, holds.c.asked_by == asked_by, holds.c.state != "freed")
    row = (await transaction.execute(statement)).one_or_none()
    return _hold(row) if row else None


async def move(
    transaction: Transaction, hold: UUID, *, council: str, out_of: Sequence[HoldState], into: HoldState, **values: Any
) -> Hold | None:
    """Move a hold on if it is in one of the states ``out_of``; None when it is not, so that old news changes nothing."""
    statement = (
        update(holds)
        .where(holds.c.id == hold, holds.c.council == council, holds.c.state.in_([str(state) for state in out_of]))
        .values(state=into, **values)
        .returning(holds)
    )
    row = (await transaction.execute(statement)).one_or_none()
    return _hold(row) if row else None


async def note(transaction: Transaction, hold: UUID, *, council: str, **values: Any) -> None:
    """Write down what else is known of a hold: when it was confirmed, which placement it became."""
    await transaction.execute(update(holds).where(holds.c.id == hold, holds.c.council == council).values(**values))


async def of_vacancy(transaction: Transaction, vacancy: UUID) -> list[Hold]:
    """A vacancy's holds that whoever asks may see, oldest first."""
    rows = await transaction.execute(select(holds).where(holds.c.vacancy == vacancy).order_by(holds.c.held_at, holds.c.id))
    return [_hold(row) for row in rows]


async def lapsed(transaction: Transaction, council: str, now: datetime, today: date) -> list[tuple[UUID, HoldLapse]]:
    """A council's held beds that waited too long: no placement agreed, or none begun; rows another sweep has in hand are left to it."""
    no_placement = holds.c.placement.is_(None) & (holds.c.held_at <= now - AGREED_WITHIN)
    never_started = holds.c.placement.is_not(None) & (holds.c.starts_on <= today - STARTED_WITHIN)
    rows = await transaction.execute(
        select(holds.c.id, holds.c.placement)
        .where(holds.c.council == council, holds.c.state == "held", no_placement | never_started)
        .order_by(holds.c.held_at)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    return [(row.id, HoldLapse.NO_PLACEMENT if row.placement is None else HoldLapse.NEVER_STARTED) for row in rows]


async def find_lapsed(transaction: Transaction, hold: UUID, *, council: str) -> Hold | None:
    """A hold that was freed because it waited too long; None when it was not."""
    statement = select(holds).where(holds.c.id == hold, holds.c.council == council, holds.c.freed_because.is_not(None))
    row = (await transaction.execute(statement)).one_or_none()
    return _hold(row) if row else None
