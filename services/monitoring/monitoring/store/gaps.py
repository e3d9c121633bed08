"""What gaps are found by: broadcast referrals with their offers, and the steps of vacancies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring import tables
from monitoring.domain.facts import VacancyEvent
from monitoring.domain.gaps.open_beds import TERMS, Step
from monitoring.domain.gaps.sought import Answered, Sought
from monitoring.domain.period import Period
from monitoring.domain.scope import Scope
from shared.one_of import one_of
from shared.tenancy import Transaction

REFERRALS, OFFERS, CHANGES = tables.referrals, tables.offers, tables.vacancy_changes
_EARLIER = "SELECT id, re_referral_of FROM referrals WHERE re_referral_of IS NOT NULL AND ($1::text IS NULL OR council = $1)"
_EVENTS = {str(event): event for event in VacancyEvent}


async def sought(transaction: Transaction, scope: Scope) -> list[Sought]:
    """The referrals broadcast in the period, of the council and lot asked for, that the reader may see."""
    c = REFERRALS.c
    query = select(
        c.id, c.council, func.coalesce(c.broadcast_lot, c.lot).label("its_lot"), c.urgency, c.broadcast_at, c.closes_at,
        c.home_district, c.ages, c.needs,
    ).where(*_broadcast(scope))  # fmt: skip
    return [
        Sought(
            row.id, row.council, row.its_lot or "", row.urgency, row.broadcast_at, row.closes_at, row.home_district,
            tuple(row.ages or ()), tuple(row.needs or ()),
        )
        for row in await transaction.execute(query)
    ]  # fmt: skip


async def earlier(transaction: Transaction, council: str | None) -> Mapping[UUID, UUID]:
    """Every link from a re-referral to what it repeats, whenever it was made."""
    # On the driver's own connection: a page reads every link there ever was.
    return dict(await transaction.driver.fetch(_EARLIER, council))


async def offers(transaction: Transaction, scope: Scope) -> list[tuple[Answered, UUID | None]]:
    """The offers on those referrals, each with the vacancy it was of."""
    c = OFFERS.c
    asked = select(REFERRALS.c.id).where(*_broadcast(scope))
    query = select(c.referral, c.made_at, c.vacancy).where(c.made_at.is_not(None), c.referral.in_(asked))
    return [(Answered(row.referral, row.made_at, None), row.vacancy) for row in await transaction.execute(query)]


async def districts(transaction: Transaction, vacancies: Iterable[UUID]) -> Mapping[UUID, list[tuple[datetime, str]]]:
    """In which district each of these vacancies lay, from when on, as it was published."""
    c = CHANGES.c
    query = (
        select(c.vacancy, c.happened_at, c.district)
        .where(c.district.is_not(None), one_of(c.vacancy, list(vacancies)))
        .order_by(c.vacancy, c.happened_at, c.version)
    )
    found: dict[UUID, list[tuple[datetime, str]]] = {}
    for row in await transaction.execute(query):
        found.setdefault(row.vacancy, []).append((row.happened_at, row.district))
    return found


async def steps(transaction: Transaction, period: Period) -> list[Step]:
    """What happened to vacancies in the period; and how each stood before it, as its last terms and its last count of beds."""
    c = CHANGES.c
    before = c.happened_at < period.opens
    order = (c.vacancy, c.happened_at.desc(), c.version.desc())
    terms = or_(c.event.in_(TERMS), c.event == VacancyEvent.CLOSED)
    told = select(c.id, c.vacancy, c.version, c.happened_at, c.event, c.lots, c.free_beds, c.district, c.from_age, c.to_age)
    last_terms = told.ext(distinct_on(c.vacancy)).where(before, terms).order_by(*order)
    last_told = told.ext(distinct_on(c.vacancy)).where(before, c.free_beds.is_not(None)).order_by(*order)
    since = told.where(c.happened_at >= period.opens, c.happened_at < period.closes)
    found: dict[UUID, Step] = {}
    for query in (last_terms, last_told, since):
        for row in await transaction.execute(query):
            found[row.id] = Step(
                row.vacancy, row.version, row.happened_at, _EVENTS[row.event], tuple(row.lots), row.free_beds, row.district, row.from_age,
                row.to_age,
            )  # fmt: skip
    return list(found.values())


def _broadcast(scope: Scope) -> list[ColumnElement[bool]]:
    c, period = REFERRALS.c, scope.period
    wanted = [c.broadcast_at >= period.opens, c.broadcast_at < period.closes]
    if scope.council is not None:
        wanted.append(c.council == scope.council)
    if scope.lot is not None:
        wanted.append(func.coalesce(c.broadcast_lot, c.lot) == scope.lot)
    return wanted
