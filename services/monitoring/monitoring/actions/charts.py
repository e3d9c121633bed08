"""Charts of a KPI's months, decisions about their limits, funnels and league tables: each organisation over its own records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from monitoring.actions import asking
from monitoring.domain.catalogue import KPIS
from monitoring.domain.control_chart import FEWEST, Phase, phases
from monitoring.domain.counted import NOUGHT
from monitoring.domain.definition import Definition, Dimension, Unit
from monitoring.domain.funnel import Funnel, Measured, funnel
from monitoring.domain.league import Entrant, Line, table, weights
from monitoring.domain.period import month_of
from monitoring.domain.scope import Scope
from monitoring.domain.short_words import faults_of_words
from monitoring.domain.special_cause import Rules, Signal, signals
from monitoring.domain.watch import Month, Series, points_of
from monitoring.store import counts, league, limits, reference
from monitoring.store.limits import LimitsDecision
from shared import clock
from shared.organisation import CONSORTIUM, Organisation
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction

YEARS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Chart:
    """A KPI's months over one scope, the limits of each phase, its signals, and every decision about its limits."""

    definition: Definition
    scope: Scope
    phases: tuple[Phase, ...]
    signals: tuple[Signal, ...]
    decisions: tuple[LimitsDecision, ...]
    rules: Rules
    span: int


async def chart(
    transaction: Transaction,
    definition: Definition,
    *,
    council: str | None,
    agency: str | None,
    lot: str | None,
    rules: Rules,
    span: int = FEWEST,
) -> Chart:
    """The chart of up to four years to the last ended month. A month that is not over is no point: its figure is half a month's."""
    last = month_of(clock.today()) - timedelta(days=1)
    first = month_of(last).replace(year=last.year - YEARS_SHOWN)
    scope = await asking.scope(transaction, council=council, agency=agency, lot=lot, first=first, last=last)
    if beyond := scope.dimensions - definition.divided_by:
        names = " or ".join(sorted(beyond))
        raise invalid(Reason(names, "can_be_divided", f"This figure cannot be told for one {names}. Ask without that filter."))
    found = await counts.series(
        transaction, definition.name, first=first, last=last, council=scope.council, agency=scope.agency, lot=scope.lot
    )
    months = tuple(Month(p.begins, p.numerator, p.denominator or NOUGHT, p.values) for p in found)
    whose = whose_chart(scope)
    decided = tuple(await limits.history(transaction, definition.name, whose))
    series = Series(definition, whose, "", months)
    points = points_of(series, month_of(last))
    parts = phases(points, span=span, recalculated_from=limits.in_force(decided))
    return Chart(definition, scope, parts, tuple(s for part in parts for s in signals(part, rules)), decided, rules, span)


def whose_chart(scope: Scope) -> str:
    """The scope by which decisions about a chart are kept; a lot's chart goes by the decisions of its council, agency or the consortium."""
    if scope.agency is not None:
        return f"agency:{scope.agency}"
    return f"council:{scope.council}" if scope.council is not None else str(CONSORTIUM)


async def decisions(transaction: Transaction, definition: Definition, *, council: str | None, agency: str | None) -> list[LimitsDecision]:
    """Every decision about one chart's limits."""
    scope = await asking.scope(transaction, council=council, agency=agency, lot=None, first=None, last=None)
    return await limits.history(transaction, definition.name, whose_chart(scope))


async def decide_limits(
    transaction: Transaction,
    definition: Definition,
    *,
    council: str | None,
    agency: str | None,
    from_month: date,
    recalculated: bool,
    reason: str,
    words: str,
    by: str,
) -> LimitsDecision:
    """Record that a chart's limits are recalculated from a month on, or that an earlier such decision no longer holds.

    Refused, with every reason: both a council and an agency; no first of a month; a month not ended; words as everywhere; and (409)
    what is decided already.
    """
    today = clock.today()
    scope = await asking.scope(transaction, council=council, agency=agency, lot=None, first=None, last=None)
    faults = list(faults_of_words("words", words, today=today, needed=True))
    if council is not None and agency is not None:
        faults.append(Reason("agency", "one_scope", "A chart is a council's or an agency's or the consortium's. Name one of the two."))
    if from_month.day != 1:
        faults.append(Reason("from_month", "first_of_a_month", "Name a month by its first day, as in 2013-04-01."))
    elif from_month >= month_of(today):
        faults.append(Reason("from_month", "month_has_ended", "Limits are recalculated from a month that has ended."))
    if faults:
        raise invalid(*faults)
    whose = whose_chart(scope)
    if (from_month in limits.in_force(await limits.history(transaction, definition.name, whose))) == recalculated:
        message = (
            "Limits are recalculated from that month already." if recalculated else "No decision stands to recalculate from that month."
        )
        raise conflict(message, Reason("from_month", "changes_something", message))
    number = await limits.next_number(transaction, definition.name, whose, from_month)
    decision = LimitsDecision(definition.name, whose, from_month, number, recalculated, reason, words.strip(), by, clock.now())
    await limits.add(transaction, decision)
    if whose != str(CONSORTIUM):
        async with transaction.acting_as(Organisation.parse(whose)):  # by right of the scope: it is the reader's own chart
            await limits.add(transaction, decision)
    return decision


@dataclass(frozen=True, slots=True)
class FunnelShown:
    """A funnel with the names of those in it."""

    definition: Definition
    scope: Scope
    by: Dimension
    funnel: Funnel | None
    names: dict[str, str]


async def compared(transaction: Transaction, definition: Definition, scope: Scope, by: Dimension) -> FunnelShown:
    """Agencies (or councils) compared in a funnel. Refused: a figure that is no share of records, or not told for each of those."""
    if definition.unit is not Unit.PER_CENT or not definition.summary.divides or definition.counted_in is not Unit.NUMBER:
        raise invalid(Reason("name", "share_of_records", "A funnel compares shares of records. This figure is none: look at its chart."))
    if by not in definition.divided_by:
        raise invalid(Reason("by", "can_be_divided", f"This figure cannot be told for each {by}."))
    rows = await counts.by(
        transaction,
        definition.name,
        by,
        first=scope.period.first,
        last=scope.period.last,
        council=scope.council,
        agency=scope.agency,
        lot=scope.lot,
    )
    measured = [Measured(row.code, int(row.numerator), int(row.denominator or 0)) for row in rows if row.code is not None]
    names = await (reference.agency_names if by is Dimension.AGENCY else reference.councils)(transaction)
    return FunnelShown(definition, scope, by, funnel(measured), names)


@dataclass(frozen=True, slots=True)
class League:
    """A lot's table, by which weights, over which period."""

    lot: str
    scope: Scope
    lines: tuple[Line, ...]
    weights: dict[str, float]


STABILITY = KPIS["unplanned_endings"]


async def league_of(transaction: Transaction, scope: Scope) -> League:
    """The league table of the lot in ``scope``: agencies of its published list, and others that had endings in it."""
    assert scope.lot is not None
    listed = await league.listed(transaction, scope.lot)
    ratings, names = await league.ratings(transaction), await reference.agency_names(transaction)
    before, now = [await league.households(transaction, at) for at in (scope.period.opens, scope.period.closes)]
    endings = await counts.by(
        transaction,
        STABILITY.name,
        Dimension.AGENCY,
        first=scope.period.first,
        last=scope.period.last,
        council=scope.council,
        lot=scope.lot,
    )
    ended = {row.code: (int(row.numerator), int(row.denominator or 0)) for row in endings if row.code is not None}
    entrants = [
        Entrant(
            code,
            names.get(code, code),
            listed[code][1] if code in listed else None,
            listed[code][0] if code in listed else None,
            ratings.get(code),
            before.get(code),
            now.get(code),
            *ended.get(code, (0, 0)),
        )
        for code in sorted({*listed, *ended})
    ]
    weighing = dict(weights(scope.lot))
    return League(scope.lot, scope, table(entrants, weighing), weighing)


async def lots(transaction: Transaction) -> dict[str, str]:
    """The title of every lot, by its code."""
    return await reference.lot_titles(transaction)
