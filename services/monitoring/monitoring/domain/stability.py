"""Stability 1 of the national return: children who had three or more placements in the year."""

from __future__ import annotations

from collections import Counter

from monitoring.domain.definition import BUYERS, BY_COUNCIL, Definition, Direction, Unit
from monitoring.domain.facts import Records
from monitoring.domain.figure import Figure, LeftOut, share
from monitoring.domain.period import Period, return_year_of

UNSTABLE = 3


def stability_1(records: Records, period: Period) -> Figure:
    """Children who reached a third placement, of all children placed, from 1 April to the last day of the period.

    No event follows a child. Each start says for each child its how-manyeth placement of the return year it is, one
    continuing over 1 April counted. So a child is counted once where its first placement of the year is: a start that
    says 1, or a placement that continued over 1 April (which nobody announces again); one left on 1 April does not, because
    the day of leaving is no day of the stay. It is counted unstable once: at
    the start that says 3. A child whose earlier placements were never heard still counts once.
    """
    year = Period(return_year_of(period.last), period.last)
    starts = Counter(number for p in records.placements if year.holds_day(p.started_on) for number in p.numbers_in_year)
    continuing = sum(
        len(p.numbers_in_year)
        for p in records.placements
        if p.started_on is not None and p.started_on < year.first and (p.ended_on is None or p.ended_on > year.first)
    )
    heard = starts[1] + continuing
    children = max(heard, starts[2], starts[UNSTABLE])
    unheard = LeftOut(children - heard, "children counted although their first placement of the year was not heard")
    return share(starts[UNSTABLE], children, left_out=[unheard])


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
    ),
)
"""The KPIs counted here."""
