"""Sums over placements for each provider, tier and lot, made by PostgreSQL; and the published lists."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal, select

from monitoring import tables
from monitoring.domain.market import Use
from monitoring.domain.scope import Scope
from shared.tenancy import Transaction

PLACEMENTS = tables.placements


async def uses(transaction: Transaction, scope: Scope, *, today: date) -> list[Use]:
    """What each provider had of each lot at each tier. Nights and charges are those of ``domain/money``: arrival counts, leaving does not,
    tonight is not slept yet, and the charge of a part of a stay is the charge to its end less that to its beginning, each rounded once.
    """
    c, period = PLACEMENTS.c, scope.period
    started = func.coalesce(c.started_on, c.ended_from)
    leaves = func.least(literal(min(period.last + timedelta(days=1), today)), func.coalesce(c.ended_on, date.max))
    before = func.greatest(literal(period.first) - started, 0)
    until = leaves - started
    slept = and_(started.is_not(None), until > before)
    nights = case((slept, until - before), else_=0)
    weekly = cast(c.pounds_per_week * 100, BigInteger)
    charged = case((and_(slept, weekly.is_not(None)), _to_date(weekly, until) - _to_date(weekly, before)), else_=0)
    agreed = and_(c.agreed_at >= period.opens, c.agreed_at < period.closes)
    lot = func.coalesce(c.lot, "")
    wanted: list[ColumnElement[bool]] = [c.cancelled_at.is_(None), agreed | slept]
    for column, value in ((c.council, scope.council), (c.lot, scope.lot)):
        if value is not None:
            wanted.append(column == value)
    query = (
        select(
            c.provider,
            c.tier,
            lot.label("lot"),
            func.count().filter(agreed).label("placements"),
            func.sum(nights).label("nights"),
            func.sum(charged).label("pence"),
        )
        .where(*wanted)
        .group_by(c.provider, c.tier, lot)
        .order_by(c.provider, c.tier, lot)
    )
    return [
        Use(row.provider, row.tier, row.lot, row.placements, int(row.nights), int(row.pence)) for row in await transaction.execute(query)
    ]


async def published(transaction: Transaction, lot: str | None) -> dict[str, list[tuple[str, int]]]:
    """By lot the agencies of its published list, each with its tier."""
    lists = tables.tier_lists
    query = select(lists.c.lot, lists.c.lines)
    if lot is not None:
        query = query.where(lists.c.lot == lot)
    return {row.lot: [(line["agency"], line["tier"]) for line in row.lines] for row in await transaction.execute(query)}


def _to_date(weekly: Any, nights: Any) -> ColumnElement[Any]:
    """Half up to the penny, in whole numbers."""
    return func.div(2 * weekly * nights + 7, 14)
