"""Decisions to recalculate a chart's limits, each with who, when and why; nothing is changed or taken away afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select

from monitoring.tables import chart_limits
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class LimitsDecision:
    """From which month a chart's limits are recalculated, or (``recalculated`` False) that an earlier such decision no longer holds."""

    kpi: str
    scope: str
    from_month: date
    number: int
    recalculated: bool
    reason: str
    words: str
    decided_by: str
    decided_at: datetime


async def next_number(transaction: Transaction, kpi: str, scope: str, from_month: date) -> int:
    """The number of the next decision about that month."""
    c = chart_limits.c
    mine = (c.kpi == kpi, c.scope == scope, c.from_month == from_month)
    return 1 + (await transaction.scalar(select(func.coalesce(func.max(c.number), 0)).where(*mine)) or 0)


async def add(transaction: Transaction, decision: LimitsDecision) -> None:
    """Write a decision for the reader whose transaction it is."""
    await transaction.execute(
        insert(chart_limits).values(
            organisation=str(transaction.organisation),
            kpi=decision.kpi,
            scope=decision.scope,
            from_month=decision.from_month,
            number=decision.number,
            recalculated=decision.recalculated,
            reason=decision.reason,
            words=decision.words,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
        )
    )


async def history(transaction: Transaction, kpi: str, scope: str) -> list[LimitsDecision]:
    """Every decision about one chart, the first first."""
    c = chart_limits.c
    query = select(chart_limits).where(c.kpi == kpi, c.scope == scope).order_by(c.decided_at, c.from_month, c.number)
    return [_decision(row) for row in await transaction.execute(query)]


async def of_every_chart(transaction: Transaction) -> dict[tuple[str, str], list[LimitsDecision]]:
    """Every decision, by KPI and scope, in the order they were made."""
    found: dict[tuple[str, str], list[LimitsDecision]] = {}
    for row in await transaction.execute(select(chart_limits).order_by(chart_limits.c.decided_at, chart_limits.c.number)):
        found.setdefault((row.kpi, row.scope), []).append(_decision(row))
    return found


def in_force(decisions: Sequence[LimitsDecision]) -> list[date]:
    """The months from which limits are recalculated, by the last decision about each month."""
    last = {each.from_month: each for each in decisions}
    return sorted(month for month, each in last.items() if each.recalculated)


def _decision(row: object) -> LimitsDecision:
    return LimitsDecision(*(getattr(row, name) for name in LimitsDecision.__dataclass_fields__))
