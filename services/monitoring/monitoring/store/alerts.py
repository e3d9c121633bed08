"""Alerts: written once for each organisation that may read them; a signal makes one, however many sweeps see it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from monitoring.domain.alert import Alert, Cause, Found, State, Step, StepTaken
from monitoring.domain.special_cause import Reading, Way
from monitoring.tables import alert_steps, alerts, watched
from shared.tenancy import Transaction

A = alerts.c


async def add(transaction: Transaction, alert: Alert) -> bool:
    """Keep a new alert for the reader whose transaction it is; False when its signal has one already."""
    found = alert.found
    given = insert(alerts).values(
        organisation=str(transaction.organisation),
        id=alert.id,
        kpi=found.kpi,
        scope=found.scope,
        cause=found.cause,
        way=found.way,
        reading=found.reading,
        begins=found.first,
        ends=found.last,
        chance=found.chance,
        words=found.words,
        figures=found.figures,
        state=alert.state,
        raised_at=alert.raised_at,
        owner_words=alert.owner,
        person=alert.person,
        former=alert.former,
    )
    return (await transaction.execute(given.on_conflict_do_nothing().returning(A.id))).first() is not None


async def add_step(transaction: Transaction, alert: UUID, step: StepTaken, state: State, *, person: str | None = None) -> None:
    """Write a step and the state it leads to, for the reader whose transaction it is."""
    await transaction.execute(
        insert(alert_steps).values(
            organisation=str(transaction.organisation),
            alert=alert,
            number=step.number,
            step=step.step,
            taken_at=step.at,
            taken_for=step.organisation,
            taken_by=step.by,
            reason=step.reason,
            words=step.words,
        )
    )
    values: dict[str, Any] = {"state": state} | ({} if person is None else {"person": person})
    await transaction.execute(update(alerts).where(A.id == alert).values(**values))


async def hold(transaction: Transaction, alert: UUID) -> Alert | None:
    """One alert, held until this transaction ends, so that of two steps at once the second sees what the first did."""
    if await transaction.scalar(select(A.id).where(A.id == alert).with_for_update()) is None:
        return None
    return await one(transaction, alert)


async def one(transaction: Transaction, alert: UUID) -> Alert | None:
    """One alert with its history, if it is the reader's to see."""
    row = (await transaction.execute(select(alerts).where(A.id == alert))).one_or_none()
    if row is None:
        return None
    steps = await transaction.execute(select(alert_steps).where(alert_steps.c.alert == alert).order_by(alert_steps.c.number))
    return _alert(row, tuple(_step(each) for each in steps))


async def page(
    transaction: Transaction,
    *,
    states: Sequence[State] = (),
    kpi: str | None = None,
    scope: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 51,
) -> list[Alert]:
    """The reader's alerts without their histories, the last raised first."""
    wanted = [
        A.state.in_(states) if states else None,
        A.kpi == kpi if kpi else None,
        A.scope == scope if scope else None,
        tuple_(A.raised_at, A.id) < tuple_(*after) if after else None,
    ]
    query = select(alerts).where(*(each for each in wanted if each is not None)).order_by(A.raised_at.desc(), A.id.desc()).limit(limit)
    return [_alert(row) for row in await transaction.execute(query)]


async def last_of_each_series(transaction: Transaction) -> dict[tuple[str, str, Cause, Way], Alert]:
    """Of each series, cause and side the alert that reaches furthest: what a new signal must lie beyond."""
    rows = await transaction.execute(select(alerts).order_by(A.ends, A.raised_at, A.id))
    return {(row.kpi, row.scope, Cause(row.cause), Way(row.way)): _alert(row) for row in rows}


async def count_by_state(transaction: Transaction) -> dict[State, int]:
    """How many alerts the reader has in each state."""
    rows = await transaction.execute(select(A.state, func.count().label("many")).group_by(A.state))
    return {State(row.state): row.many for row in rows}


async def raised_about(transaction: Transaction, scope: str, *, since: date) -> list[Alert]:
    """The alerts about one scope that are not closed, or that reach into the time since a day: for a meeting's pack."""
    wanted = and_(A.scope == scope, or_(A.state != State.CLOSED, A.ends >= since))
    return [_alert(row) for row in await transaction.execute(select(alerts).where(wanted).order_by(A.begins, A.id))]


async def looked_through(transaction: Transaction) -> tuple[date, datetime] | None:
    """Through which month alerts have looked, and when last; None before the first look. Held, so that sweeps look one after the other."""
    row = (await transaction.execute(select(watched).with_for_update())).one_or_none()
    return (row.through_month, row.looked_at) if row else None


async def mark_of_looking(transaction: Transaction) -> tuple[date, datetime] | None:
    """The same mark, for those who only read of it: neither held nor waited for."""
    row = (await transaction.execute(select(watched))).one_or_none()
    return (row.through_month, row.looked_at) if row else None


async def begin_looking(transaction: Transaction, through: date, at: datetime) -> None:
    """Lay the mark from which looking begins, if there is none."""
    given = insert(watched).values(organisation=str(transaction.organisation), through_month=through, looked_at=at)
    await transaction.execute(given.on_conflict_do_nothing())


async def looked(transaction: Transaction, through: date, at: datetime) -> None:
    """Note how far and when."""
    await transaction.execute(update(watched).values(through_month=through, looked_at=at))


def _alert(row: Row[Any], steps: tuple[StepTaken, ...] = ()) -> Alert:
    found = Found(
        row.kpi,
        row.scope,
        Cause(row.cause),
        Way(row.way),
        Reading(row.reading),
        row.begins,
        row.ends,
        row.chance,
        row.words,
        row.figures,
    )
    return Alert(row.id, found, State(row.state), row.raised_at, row.owner_words, row.person, row.former, steps)


def _step(row: Row[Any]) -> StepTaken:
    return StepTaken(row.number, Step(row.step), row.taken_at, row.taken_for, row.taken_by, row.reason, row.words)
