"""Which months must be counted again, because a fact that they count has changed.

Marks are only added by news and only taken away by the recount that used them, so neither waits for the other. A mark is a span of
months; it may be wider than what in fact changed, never narrower.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, delete, exists, func, insert, select, union_all
from sqlalchemy.dialects.postgresql import insert as put

from monitoring import tables
from monitoring.domain.lessons import Lesson, Subject
from monitoring.domain.lessons.lesson import THE_CONSORTIUM
from monitoring.domain.period import UK, month_of, next_month, uk_day
from shared.one_of import one_of
from shared.organisation import CONSORTIUM
from shared.tenancy import Transaction

DUE, THROUGH = tables.recount_due, tables.counted_through
REFERRALS, OFFERS, PLACEMENTS, NOTICES = tables.referrals, tables.offers, tables.placements, tables.notices
LASTING = frozenset({Subject.PLACEMENT, Subject.VACANCY_CHANGE, Subject.PLACES_COUNT, Subject.STABILITY_COUNT})
"""Subjects that say how things stand from a day on: every month since counts them."""


@dataclass(frozen=True, slots=True)
class Due:
    """The months that are due, and the marks that say so."""

    positions: tuple[int, ...]
    months: frozenset[date]


async def mark_taught(transaction: Transaction, lessons: Iterable[Lesson], *, today: date) -> None:
    """Mark the months that what was just learned can change: those of the days it says, and of the days known of the same subjects."""
    days: set[date] = set()
    onward: set[date] = set()
    ids: dict[Subject, set[UUID]] = {}
    referrals: set[UUID] = set()
    noticed: set[UUID] = set()
    holds: set[UUID] = set()
    ended: set[UUID] = set()
    lying: dict[UUID, datetime] = {}
    for lesson in lessons:
        if lesson.reader != THE_CONSORTIUM:
            continue
        found = {_day(value) for value in (*lesson.facts.values(), *lesson.key.values()) if isinstance(value, date)}
        days |= found
        again = lesson.facts.get("re_referral_of") is not None  # two placements are of one need from then on
        if (lesson.subject in LASTING or again) and found:
            onward.add(min(found))
        if "id" in lesson.key and lesson.subject in (Subject.REFERRAL, Subject.OFFER, Subject.PLACEMENT):
            ids.setdefault(lesson.subject, set()).add(lesson.key["id"])
        if lesson.subject is Subject.BED_REQUEST and lesson.facts.get("hold") is not None:
            holds.add(lesson.facts["hold"])
        if lesson.subject is Subject.VACANCY_CHANGE and lesson.facts.get("district") is not None:
            since = lesson.facts["happened_at"]
            lying[lesson.facts["vacancy"]] = min(lying.get(lesson.facts["vacancy"], since), since)
        if lesson.subject is Subject.NOTICE:
            ended.add(lesson.about["placement"])
            noticed.add(lesson.key["id"])
        if (referral := lesson.about.get("referral") or lesson.key.get("referral")) is not None:
            referrals.add(referral)
    if not days and not ids:
        return
    queries = _known_days(ids, referrals, noticed, ended, holds) + _offered_from(lying)
    async with transaction.acting_as(CONSORTIUM):  # as the facts' own copy: which months are due tells nothing of anybody
        for row in await transaction.execute(union_all(*queries)) if queries else ():
            days.add(_day(row.day))
        await _mark(transaction, [(day, day) for day in days] + [(day, max(today, day)) for day in onward])


async def mark(transaction: Transaction, first: date, last: date) -> None:
    """Mark every month from one day's to another's, for the organisation whose transaction it is."""
    await _mark(transaction, [(first, last)])


async def due(transaction: Transaction) -> Due:
    """What is due of the organisation whose transaction it is."""
    rows = (await transaction.execute(select(DUE.c.position, DUE.c.first_month, DUE.c.last_month))).all()
    months: set[date] = set()
    for row in rows:
        month = row.first_month
        while month <= row.last_month:
            months.add(month)
            month = next_month(month)
    return Due(tuple(row.position for row in rows), frozenset(months))


async def done(transaction: Transaction, positions: Sequence[int], *, through: date) -> None:
    """Take away the marks that a recount used, and say up to which day it counted."""
    own = str(transaction.organisation)
    await transaction.execute(delete(DUE).where(one_of(DUE.c.position, positions)))
    given = put(THROUGH).values(organisation=own, day=through)
    await transaction.execute(given.on_conflict_do_update(index_elements=["organisation"], set_={"day": through}))


async def through(transaction: Transaction) -> date | None:
    """The day of the last recount of the organisation whose transaction it is."""
    found: date | None = await transaction.scalar(select(THROUGH.c.day).where(THROUGH.c.organisation == str(transaction.organisation)))
    return found


async def any_due(transaction: Transaction, first: date, last: date) -> bool:
    """Whether a month between two days waits to be counted again."""
    waiting = exists(select(DUE.c.position).where(DUE.c.first_month <= month_of(last), DUE.c.last_month >= month_of(first)))
    return bool(await transaction.scalar(select(waiting)))


async def first_day(transaction: Transaction) -> date | None:
    """The earliest day of which the organisation whose transaction it is has a fact."""
    columns = (REFERRALS.c.created_at, REFERRALS.c.broadcast_at, OFFERS.c.made_at, PLACEMENTS.c.agreed_at, PLACEMENTS.c.started_on)
    found = [await transaction.scalar(select(func.min(_uk_day(column)))) for column in columns]
    return min((day for day in found if day is not None), default=None)


async def earliest_stay(transaction: Transaction, council: str) -> date | None:
    """The first day for which a council's placements can cost anything."""
    found: date | None = await transaction.scalar(
        select(PLACEMENTS.c.starts_on).where(PLACEMENTS.c.council == council).order_by(PLACEMENTS.c.starts_on).limit(1)
    )
    return found


def _known_days(
    ids: Mapping[Subject, set[UUID]], referrals: set[UUID], noticed: set[UUID], ended: set[UUID], holds: set[UUID]
) -> list[Select[date]]:
    """Each day that is known of these subjects, and of the referrals they answer or end."""
    every = referrals | ids.get(Subject.REFERRAL, set())
    wanted = (
        (OFFERS, OFFERS.c.id, ids.get(Subject.OFFER, set()), ("made_at", "shortlisted_at")),
        (
            PLACEMENTS,
            PLACEMENTS.c.id,
            ids.get(Subject.PLACEMENT, set()),
            ("agreed_at", "starts_on", "started_on", "ended_from", "ended_on"),
        ),
        (PLACEMENTS, PLACEMENTS.c.id, ended, ("ended_on",)),
        (PLACEMENTS, PLACEMENTS.c.hold, holds, ("agreed_at",)),
        (NOTICES, NOTICES.c.id, noticed, ("given_on",)),
        (REFERRALS, REFERRALS.c.id, every, ("created_at", "broadcast_at")),
        (PLACEMENTS, PLACEMENTS.c.referral, every, ("agreed_at",)),
    )
    return [
        select(_uk_day(table.c[name]).label("day")).where(one_of(key, sorted(given)), table.c[name].is_not(None))
        for table, key, given, names in wanted
        if given
        for name in names
    ]


def _offered_from(lying: Mapping[UUID, datetime]) -> list[Select[date]]:
    """When those referrals were broadcast on which these vacancies were offered: where a vacancy lies says how far an offer was."""
    if not lying:
        return []
    asked = REFERRALS.join(OFFERS, OFFERS.c.referral == REFERRALS.c.id)
    offered = (OFFERS.c.made_at >= min(lying.values()), one_of(OFFERS.c.vacancy, lying))
    day = _uk_day(REFERRALS.c.broadcast_at).label("day")
    return [select(day).select_from(asked).where(*offered, REFERRALS.c.broadcast_at.is_not(None))]


def _uk_day(column: ColumnElement[Any]) -> ColumnElement[date]:
    return column if isinstance(column.type, Date) else cast(func.timezone(UK.key, column), Date)


async def _mark(transaction: Transaction, spans: Iterable[tuple[date, date]]) -> None:
    own = str(transaction.organisation)
    months = {(month_of(first), month_of(last)) for first, last in spans}
    widest = [span for span in months if not any(o != span and o[0] <= span[0] and span[1] <= o[1] for o in months)]
    if widest:
        await transaction.execute(
            insert(DUE), [{"organisation": own, "first_month": first, "last_month": last} for first, last in sorted(widest)]
        )


def _day(value: date) -> date:
    return uk_day(value) if isinstance(value, datetime) else value
