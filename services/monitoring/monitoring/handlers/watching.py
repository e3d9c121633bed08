"""Looks for what changed, month by month as months end, and raises an alert for each signal once.

A look is at one ended month, so a past brought in at once is looked at as it went by. Sweeps look one after the other: the mark of how far
alerts have looked is held. Nothing is looked at while months wait to be counted again.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from monitoring.domain.alert import Alert, Cause, council_of
from monitoring.domain.catalogue import KPIS
from monitoring.domain.definition import Definition
from monitoring.domain.looked import last_ended
from monitoring.domain.period import month_of, next_month
from monitoring.domain.special_cause import Way
from monitoring.domain.watch import LOOK, WATCHED, How, Month, Series, Watch
from monitoring.handlers.alerts import raise_alert, raise_downgrades, raise_late_payers
from monitoring.store import alerts, due, limits, reference, watching
from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from shared.tenancy import Databases, Transaction

AGAIN_AFTER = timedelta(hours=6)
"""The last ended month is looked at again after so long: records of it still come in."""
AT_ONCE = 6
"""Months one sweep looks at; the next sweep does the rest."""
YEARS_BACK = 4
_SAME = {Cause.OUTSIDE: How.CHART, Cause.RUN: How.CHART, Cause.TREND: How.CHART, Cause.CHANGED_SHARE: How.SHARE}
_SAME |= {Cause.CHANGED_LEVEL: How.LEVEL}


async def sweep(databases: Databases) -> int:
    """Look at the months that ended since, in every database; how many alerts were raised."""
    raised = 0
    for engine in databases.every():
        for _ in range(AT_ONCE):
            async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
                now = clock.now()
                raised += await raise_downgrades(transaction, now=now)
                raised += await raise_late_payers(transaction, now=now)
                month = await _next_month(transaction, now)
                if month is None:
                    break
                raised += await look(transaction, month, now=now)
                await alerts.looked(transaction, month, now)
    return raised


async def catch_up(databases: Databases) -> int:
    """Sweep until every ended month has been looked at: after a past was brought in."""
    raised = 0
    while await _behind(databases):
        raised += await sweep(databases)
    return raised


async def look(transaction: Transaction, through: date, *, now: datetime) -> int:
    """Look at every watched series as it stood at the end of the month ``through``; how many alerts were raised."""
    decided = {key: tuple(limits.in_force(each)) for key, each in (await limits.of_every_chart(transaction)).items()}
    told = await alerts.last_of_each_series(transaction)
    names = {"council": await reference.councils(transaction), "agency": await reference.agency_names(transaction)}
    raised = 0
    for watch in WATCHED:
        if watch.kpi not in KPIS:
            continue
        for code, months in (await _months(transaction, watch, through)).items():
            scope = f"{watch.whose}:{code}" if watch.whose else str(CONSORTIUM)
            title = names[str(watch.whose)].get(code, code) if watch.whose else "all councils"
            series = Series(KPIS[watch.kpi], scope, title, months, decided.get((watch.kpi, scope), ()))
            former = _former(told, watch, scope)
            for found in LOOK[watch.how](series, former, through=through):
                before = former.get(found.way)
                raised += await raise_alert(
                    transaction,
                    found,
                    now=now,
                    owner=_owner(KPIS[watch.kpi], found.scope, names["council"]),
                    former=before.id if before else None,
                )
    return raised


async def _months(transaction: Transaction, watch: Watch, through: date) -> dict[str, tuple[Month, ...]]:
    definition = KPIS[watch.counted]
    first = through.replace(year=through.year - YEARS_BACK)
    single = watch.how is How.LEVEL or definition.summary.of_each
    read = watching.values if single else watching.sums
    return await read(transaction, definition, watch.whose, first=first, last=through)


def _former(told: dict[tuple[str, str, Cause, Way], Alert], watch: Watch, scope: str) -> dict[Way, Alert]:
    """Of one series the alert on each side that reaches furthest, by whichever rule of the same kind: one change is one alert."""
    found: dict[Way, Alert] = {}
    for (kpi, whose, cause, way), alert in told.items():
        ours = kpi == watch.kpi and whose == scope and _SAME.get(cause) is watch.how
        if ours and (way not in found or found[way].found.last < alert.found.last):
            found[way] = alert
    return found


def _owner(definition: Definition, scope: str, councils: dict[str, str]) -> str:
    """Who answers for the figure, and the council whose series it is."""
    council, owner = council_of(scope), f"the consortium's {str(definition.owner).replace('_', ' ')}"
    return owner if council is None else f"{owner}, with {councils.get(council, council)}"


async def _next_month(transaction: Transaction, now: datetime) -> date | None:
    """The month to look at now; None where all are looked at, or wait to be counted."""
    span = await watching.span(transaction)
    if span is None:
        return None
    ended = last_ended(clock.today())
    await alerts.begin_looking(transaction, month_of(span[0] - timedelta(days=1)), now)
    mark = await alerts.looked_through(transaction)
    assert mark is not None
    through, looked_at = mark
    # Only with the mark in hand: a past that is coming in sets it back and marks its months as due, both or neither.
    if await due.any_due(transaction, span[0], ended):
        return None
    if through < ended:
        return next_month(through)
    return ended if now - looked_at >= AGAIN_AFTER else None


async def _behind(databases: Databases) -> bool:
    found = False
    for engine in databases.every():
        async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
            found = found or await _next_month(transaction, clock.now()) is not None
    return found
