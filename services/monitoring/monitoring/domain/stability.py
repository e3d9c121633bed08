"""Stability 1 and 2 of the national return: children moved again and again, and children who stay."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from monitoring.domain.counted import LEFT_OUT, NOUGHT, ONE, Counted, Summary
from monitoring.domain.definition import BUYERS, BY_COUNCIL, Definition, Direction, Unit
from monitoring.domain.facts import Placement, Records, StabilityCount, agency_of
from monitoring.domain.period import Period, return_year_of

UNSTABLE = 3
UNHEARD = LEFT_OUT + "children counted although their first placement of the year was not heard"


def stability_1(records: Records, period: Period) -> tuple[Counted, ...]:
    """Children who reached a third placement, of all children placed, from 1 April to the last day of the period.

    No event follows a child. Each start says for each child its how-manyeth placement of the return year it is, one
    continuing over 1 April counted. So a child is counted once where its first placement of the year is: a start that
    says 1, or a placement that continued over 1 April (which nobody announces again); one left on 1 April does not, because
    the day of leaving is no day of the stay. It is counted unstable once: at
    the start that says 3. A child whose earlier placements were never heard still counts once, at its council.
    """
    year = Period(return_year_of(period.last), period.last)
    rows: list[Counted] = []
    heard: Counter[str] = Counter()
    second: Counter[str] = Counter()
    third: Counter[str] = Counter()
    for placement in records.placements:
        numbers, council = placement.numbers_in_year, placement.council
        if year.holds_day(placement.started_on):
            first, unstable = numbers.count(1), numbers.count(UNSTABLE)
            second[council] += numbers.count(2)
            third[council] += unstable
        elif _continues(placement, year):
            first, unstable = len(numbers), 0
        else:
            continue
        heard[council] += first
        on, agency = placement.started_on or year.first, agency_of(placement.provider)
        if first:
            rows += [Counted("placement", str(placement.id), on, NOUGHT, ONE, council, agency)] * first
        if unstable:
            rows += [Counted("placement", str(placement.id), on, ONE, NOUGHT, council, agency)] * unstable
    for council in {**second, **third}:
        unheard = max(second[council], third[council]) - heard[council]
        rows += [Counted("council", council, period.last, NOUGHT, ONE, council, part=UNHEARD)] * max(unheard, 0)
    return tuple(rows)


def stability_2(records: Records, period: Period) -> tuple[Counted, ...]:
    """As each council last counted it of its own children, within the year that ends with the period: no event follows a child.

    Of children under 16 looked after for two and a half years or more, those in the same placement for two years or more.
    """
    latest: dict[str, StabilityCount] = {}
    since = date(period.last.year - 1, period.last.month, min(period.last.day, 28))
    for told in records.stability_counts:
        known = latest.get(told.council)
        if since < told.as_of <= period.last and (known is None or known.as_of < told.as_of):
            latest[told.council] = told
    return tuple(
        Counted("council", told.council, told.as_of, Decimal(told.same_placement), Decimal(told.looked_after_long), told.council)
        for told in latest.values()
    )


def _continues(placement: Placement, year: Period) -> bool:
    """Whether a placement went on over 1 April."""
    if placement.started_on is None or placement.started_on >= year.first:
        return False
    return placement.ended_on is None or placement.ended_on > year.first


KPIS = (
    Definition(
        "stability_1",
        "Stability 1: three or more placements in the year",
        "How many children are moved again and again?",
        "of those, children who reached a third placement",
        "children placed between 1 April and the last day of the period, one continuing over 1 April counted",
        Unit.PER_CENT,
        Direction.LOWER,
        BUYERS,
        BY_COUNCIL,
        stability_1,
        Summary.LATEST_RATIO,
    ),
    Definition(
        "stability_2",
        "Stability 2: two years in the same placement",
        "Do children who stay long in care have one home?",
        "of those, children in the same placement for two years or more",
        "children under 16 looked after for two and a half years or more, as councils last counted them",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        BY_COUNCIL,
        stability_2,
        Summary.LATEST_RATIO,
    ),
)
"""The KPIs counted here."""
