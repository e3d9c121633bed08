"""The facts a figure is counted from: what row security lets the reader see, within the scope asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring import tables
from monitoring.domain.facts import (
    BedRequest,
    Decline,
    Offer,
    Placement,
    PlacesCount,
    Records,
    Referral,
    VacancyChange,
    VacancyEvent,
)
from monitoring.domain.period import Period, months, return_year_of
from monitoring.domain.scope import Scope
from monitoring.store import baseline, reference, returned, told_of_placements
from shared.tenancy import Transaction

REFERRALS, OFFERS, PLACEMENTS = tables.referrals, tables.offers, tables.placements


async def everything(transaction: Transaction, period: Period, *, today: date) -> Records:
    """All that the transaction's organisation may see of a period, so that each month in it can be counted by itself."""
    found = await records(transaction, Scope(period), today=today)
    if len(months(period)) == 1:
        return found
    return replace(found, vacancy_changes=await _vacancy_history(transaction, period))


async def records(transaction: Transaction, scope: Scope, *, today: date) -> Records:
    """Everything the formulas need for one period and council, read under the transaction's own row security.

    Agency and lot are chosen among the rows that formulas give: only with all of a referral's answers is it known which came first.
    """
    return Records(
        today=today,
        referrals=await _referrals(transaction, scope),
        re_referrals=await _re_referrals(transaction, scope),
        offers=await _offers(transaction, scope),
        declines=await _declines(transaction, scope),
        placements=await _placements(transaction, scope),
        vacancy_changes=await _vacancy_changes(transaction, scope),
        places_counts=await _places_counts(transaction, scope),
        bed_requests=await _bed_requests(transaction, scope),
        notices=await told_of_placements.notices(transaction, council=scope.council),
        stability_counts=await told_of_placements.stability_counts(transaction, council=scope.council),
        returns=await returned.returns(transaction, scope.period),
        baseline=tuple(await baseline.prices(transaction, council=scope.council)),
        bands=await reference.bands(transaction),
    )


async def stays(transaction: Transaction, scope: Scope, *, today: date) -> Records:
    """Only what money is counted from: placements, baseline prices, age bands."""
    query = _scoped(_of_period(scope.period).where(_is(PLACEMENTS.c.lot, scope.lot)), PLACEMENTS, scope)
    return Records(
        today=today,
        placements=tuple(_placement(row) for row in await transaction.execute(query)),
        baseline=tuple(await baseline.prices(transaction, council=scope.council)),
        bands=await reference.bands(transaction),
    )


async def _referrals(transaction: Transaction, scope: Scope) -> tuple[Referral, ...]:
    """Referrals begun or broadcast in the period, and those whose placement was agreed in it."""
    lot = func.coalesce(REFERRALS.c.broadcast_lot, REFERRALS.c.lot)
    placed = select(PLACEMENTS.c.referral).where(_within(PLACEMENTS.c.agreed_at, scope.period))
    wanted = or_(_within(REFERRALS.c.created_at, scope.period), _within(REFERRALS.c.broadcast_at, scope.period), REFERRALS.c.id.in_(placed))
    query = select(REFERRALS, lot.label("its_lot")).where(wanted, _is(REFERRALS.c.council, scope.council))
    rows = await transaction.execute(query)
    return tuple(
        Referral(row.id, row.council, row.its_lot, row.urgency, row.created_at, row.broadcast_at, row.re_referral_of, row.closes_at)
        for row in rows
    )


async def _re_referrals(transaction: Transaction, scope: Scope) -> Mapping[UUID, UUID]:
    """Every link of a chain, whenever it was made: a chain may begin long before the period."""
    query = select(REFERRALS.c.id, REFERRALS.c.re_referral_of).where(
        REFERRALS.c.re_referral_of.is_not(None), _is(REFERRALS.c.council, scope.council)
    )
    return {row.id: row.re_referral_of for row in await transaction.execute(query)}


async def _offers(transaction: Transaction, scope: Scope) -> tuple[Offer, ...]:
    """Offers made in the period, and offers on referrals broadcast in it."""
    broadcast = select(REFERRALS.c.id).where(_within(REFERRALS.c.broadcast_at, scope.period))
    shortlisted = _within(OFFERS.c.shortlisted_at, scope.period)
    wanted = or_(_within(OFFERS.c.made_at, scope.period), shortlisted, OFFERS.c.referral.in_(broadcast))
    rows = await transaction.execute(_scoped(select(OFFERS).where(wanted), OFFERS, scope))
    return tuple(
        Offer(
            row.id,
            row.referral,
            row.council,
            row.provider,
            row.tier,
            row.made_at,
            row.confirmed_at,
            row.lot,
            row.shortlisted_at,
            row.withdrawn_at,
        )
        for row in rows
    )


async def _declines(transaction: Transaction, scope: Scope) -> tuple[Decline, ...]:
    table = tables.declines
    broadcast = select(REFERRALS.c.id).where(_within(REFERRALS.c.broadcast_at, scope.period))
    wanted = or_(_within(table.c.declined_at, scope.period), table.c.referral.in_(broadcast))
    rows = await transaction.execute(_scoped(select(table).where(wanted), table, scope))
    return tuple(Decline(row.referral, row.council, row.provider, row.side, row.declined_at) for row in rows)


async def _placements(transaction: Transaction, scope: Scope) -> tuple[Placement, ...]:
    query = _of_period(scope.period).where(_is(PLACEMENTS.c.council, scope.council))
    return tuple(_placement(row) for row in await transaction.execute(query))


def _of_period(period: Period) -> Select[Any]:
    """Placements agreed, lived in or ended in the period or since the 1 April before it, and the other placements of
    their referrals: only with those is it known which was a referral's first."""
    c = PLACEMENTS.c
    since = return_year_of(period.first)
    other = PLACEMENTS.alias("other")
    wanted = or_(
        c.referral.in_(select(other.c.referral).where(_within(other.c.agreed_at, period))),
        and_(func.coalesce(c.started_on, c.ended_from) <= period.last, or_(c.ended_on.is_(None), c.ended_on >= since)),
        c.ended_on.between(period.first, period.last),
        c.starts_on.between(period.first, period.last),
    )
    return select(PLACEMENTS).where(wanted)


def _placement(row: Row[Any]) -> Placement:
    return Placement(
        id=row.id,
        referral=row.referral,
        council=row.council,
        provider=row.provider,
        lot=row.lot,
        tier=row.tier,
        ages=tuple(row.ages or ()),
        pounds_per_week=row.pounds_per_week,
        within_20_miles=row.within_20_miles,
        agreed_at=row.agreed_at,
        starts_on=row.starts_on,
        # The ending repeats the day of arrival, so a stay is known even while its start is still on the way.
        started_on=row.started_on or row.ended_from,
        numbers_in_year=tuple(row.numbers_in_year or ()),
        ended_on=row.ended_on,
        ended_as_planned=row.ended_as_planned,
        ended_reason=row.ended_reason,
        hold=row.hold,
        cancelled=row.cancelled_at is not None,
    )


async def _vacancy_changes(transaction: Transaction, scope: Scope) -> tuple[VacancyChange, ...]:
    """Of each vacancy's history what decides how it stands: its terms, the last count of free beds, the holds not freed.

    A bed taken and given back again years ago changes nothing today; without leaving such steps out, every figure
    about beds would read the whole past.
    """
    table, told, freeing = tables.vacancy_changes, tables.vacancy_changes.alias("told"), tables.vacancy_changes.alias("freeing")

    def known(rows: FromClause) -> ColumnElement[bool]:
        return and_(rows.c.happened_at < scope.period.closes, _is(rows.c.provider, _whose_beds(scope)))

    last_told = (
        select(told.c.id)
        .ext(distinct_on(told.c.vacancy))
        .where(known(told), told.c.free_beds.is_not(None))
        .order_by(told.c.vacancy, told.c.version.desc(), told.c.happened_at.desc())
    )
    freed = select(freeing.c.hold).where(known(freeing), freeing.c.event == VacancyEvent.FREED)
    decides = or_(
        table.c.event.in_([VacancyEvent.OPENED, VacancyEvent.CHANGED, VacancyEvent.CLOSED]),
        table.c.id.in_(last_told),
        and_(table.c.event.in_([VacancyEvent.HELD, VacancyEvent.FILLED]), table.c.hold.not_in(freed)),
    )
    return tuple(_vacancy_change(row) for row in await transaction.execute(select(table).where(known(table), decides)))


async def _vacancy_history(transaction: Transaction, period: Period) -> tuple[VacancyChange, ...]:
    """Every step of every vacancy until the period's end: how beds stood at the end of any month in it."""
    table = tables.vacancy_changes
    rows = await transaction.execute(select(table).where(table.c.happened_at < period.closes))
    return tuple(_vacancy_change(row) for row in rows)


def _vacancy_change(row: Row[Any]) -> VacancyChange:
    event = VacancyEvent(row.event)
    return VacancyChange(row.vacancy, row.version, row.provider, event, row.happened_at, tuple(row.lots), row.free_beds, row.hold, row.beds)


async def _places_counts(transaction: Transaction, scope: Scope) -> tuple[PlacesCount, ...]:
    table = tables.places_counts
    query = select(table).where(table.c.counted_at < scope.period.closes, _is(table.c.provider, _whose_beds(scope)))
    return tuple(
        PlacesCount(row.provider, row.version, row.counted_at, row.approved_places, row.households)
        for row in await transaction.execute(query)
    )


async def _bed_requests(transaction: Transaction, scope: Scope) -> tuple[BedRequest, ...]:
    table = tables.bed_requests
    agreed = select(PLACEMENTS.c.hold).where(_within(PLACEMENTS.c.agreed_at, scope.period))
    wanted = or_(_within(table.c.answered_at, scope.period), table.c.hold.in_(agreed))
    rows = await transaction.execute(_scoped(select(table).where(wanted), table, scope))
    return tuple(BedRequest(row.id, row.council, row.provider, row.granted, row.answered_at, row.hold, row.lives_in) for row in rows)


def _whose_beds(scope: Scope) -> str | None:
    """Beds are an agency's whatever council asks; a council's own are its fostering service's."""
    if scope.agency is not None:
        return f"agency:{scope.agency}"
    return f"council:{scope.council}" if scope.council is not None else None


def _scoped(query: Select[Any], table: Any, scope: Scope) -> Select[Any]:
    provider = f"agency:{scope.agency}" if scope.agency is not None else None
    return query.where(_is(table.c.council, scope.council), _is(table.c.provider, provider))


def _is(column: ColumnElement[Any], value: str | None) -> ColumnElement[bool]:
    return true() if value is None else column == value


def _within(moment: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    return and_(moment >= period.opens, moment < period.closes)
