"""How often a chart gives an alarm when nothing has changed: ``python -m tests.monitoring.false_alarms`` prints docs/trends.md's table.

Each series is months of independent figures from one unchanging source; counted are the signals that end after the base span, by rule, a
series and year. What is measured is the code that runs, not a formula.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from monitoring.domain.control_chart import Point, phases
from monitoring.domain.special_cause import Rule, Rules, signals

SERIES, MONTHS_AFTER = 1500, 24
Draw = Callable[[random.Random], Fraction]


def normal(chance: random.Random) -> Fraction:
    """A figure of many records."""
    return Fraction(round(chance.gauss(100, 10) * 1000), 1000)


def share_of_thirty(chance: random.Random) -> Fraction:
    """A share of one in five over thirty records."""
    return Fraction(sum(chance.random() < 0.2 for _ in range(30)), 30)


def a_year(draw: Draw, span: int, rules: Rules, *, series: int = SERIES, seed: int = 1) -> dict[Rule, float]:
    """Signals a series and year, by rule."""
    chance = random.Random(seed)
    found: Counter[Rule] = Counter()
    for _ in range(series):
        points = [Point(date(2012 + n // 12, 1 + n % 12, 1), draw(chance)) for n in range(span + MONTHS_AFTER)]
        (phase,) = phases(points, span=span)
        found.update(each.rule for each in signals(phase, rules) if phase.limits and each.last > phase.limits.last)
    return {rule: found[rule] / series / (MONTHS_AFTER / 12) for rule in Rule}


def table() -> str:
    """The table, as Markdown."""
    lines = ["| figure | span | outside limits | run of 7 | run of 8 | trend of 7 | two of three |", "|---|---|---|---|---|---|---|"]
    for title, draw in (("normal", normal), ("share of 30", share_of_thirty)):
        for span in (12, 24):
            seven, eight = (a_year(draw, span, Rules(run=run)) for run in (7, 8))
            cells = [seven[Rule.OUTSIDE], seven[Rule.RUN], eight[Rule.RUN], seven[Rule.TREND], seven[Rule.TWO_OF_THREE]]
            lines.append(f"| {title} | {span} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
