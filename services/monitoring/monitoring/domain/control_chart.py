"""XmR charts: a monthly figure with its moving range, and the limits that its own ordinary variation keeps to.

The convention is the one that analysts of England's public services know from NHS England's "Making Data Count": centre line the mean,
limits the mean plus and minus 2.66 times the mean moving range, upper limit of the range 3.268 times it. Limits come from a stated
span of months, the first twelve or more with a figure, and stay as they are: only a recorded decision begins a new span. A month without
records is a gap and never nought; no moving range reaches over it, and no run or trend either.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

LIMITS_FACTOR = Fraction(266, 100)
"""3 / 1.128, rounded as the convention rounds it: 1.128 is how much larger than a standard deviation the mean range of two is."""
RANGE_FACTOR = Fraction(3268, 1000)
FEWEST = 12
"""Points a span of limits needs; below that the chart says that it cannot tell, and raises no signal."""
MOST = 36
SMALL = Fraction(20)
"""A share over fewer records than this moves by five points in a hundred with a single record: such points are named."""


@dataclass(frozen=True, slots=True)
class Point:
    """One month's figure. ``value`` None is a month without records; ``denominator`` None a figure that is not divided."""

    month: date
    value: Fraction | None
    denominator: Fraction | None = None

    @property
    def small(self) -> bool:
        """Whether few records stand behind it, so that it moves much by chance."""
        return self.value is not None and self.denominator is not None and self.denominator < SMALL


@dataclass(frozen=True, slots=True)
class Limits:
    """What ordinary variation keeps to, from the points of one span. Exact numbers: nothing is rounded before it is shown."""

    centre: Fraction
    mean_range: Fraction
    first: date
    last: date
    points: int

    @property
    def lower(self) -> Fraction:
        """The mean less 2.66 mean moving ranges; below nought it says that the figure cannot fall far enough to tell."""
        return self.centre - LIMITS_FACTOR * self.mean_range

    @property
    def upper(self) -> Fraction:
        """The mean and 2.66 mean moving ranges."""
        return self.centre + LIMITS_FACTOR * self.mean_range

    @property
    def range_upper(self) -> Fraction:
        """The largest step from month to month that is ordinary."""
        return RANGE_FACTOR * self.mean_range

    def near(self, value: Fraction) -> int:
        """1 in the outer third towards the upper limit or beyond it, -1 towards the lower, 0 elsewhere."""
        third = Fraction(2, 3) * LIMITS_FACTOR * self.mean_range
        return (value - self.centre >= third) - (self.centre - value >= third)

    def outside(self, value: Fraction) -> int:
        """1 above the upper limit, -1 below the lower, 0 between or on them."""
        return (value > self.upper) - (value < self.lower)

    def side(self, value: Fraction) -> int:
        """1 above the mean, -1 below it, 0 on it."""
        return (value > self.centre) - (value < self.centre)


@dataclass(frozen=True, slots=True)
class Phase:
    """The points from one decision about limits to the next, and the limits they are held to: None when too few to tell."""

    points: tuple[Point, ...]
    limits: Limits | None
    why: str = ""
    """Why there are no limits."""


TOO_FEW = "Too few points to tell: limits need {fewest} months with records, and there are {found}."
NO_VARIATION = "The months the limits would come from are all alike, so nothing can be told of ordinary variation."


def moving_ranges(points: Sequence[Point]) -> tuple[Fraction | None, ...]:
    """The step from the month before to each point; None for the first and where either month has no figure."""
    ranges: list[Fraction | None] = [None] if points else []
    for before, point in itertools.pairwise(points):
        known = before.value is not None and point.value is not None
        ranges.append(abs(point.value - before.value) if known else None)  # type: ignore[operator]
    return tuple(ranges)


def limits_of(points: Sequence[Point], *, span: int = FEWEST) -> Limits | None:
    """Limits from the first ``span`` points that have a figure; None when there are fewer, or no step between neighbouring months."""
    reached = 0
    for end, point in enumerate(points, start=1):
        reached += point.value is not None
        if reached == span:
            base = points[:end]
            values = [each.value for each in base if each.value is not None]
            steps = [step for step in moving_ranges(base) if step is not None]
            if not steps:
                return None
            first = next(each.month for each in base if each.value is not None)
            centre = sum(values, Fraction(0)) / len(values)
            return Limits(centre, sum(steps, Fraction(0)) / len(steps), first, base[-1].month, len(values))
    return None


def phases(points: Sequence[Point], *, span: int = FEWEST, recalculated_from: Sequence[date] = ()) -> tuple[Phase, ...]:
    """The chart's phases: one, and one more for each recorded decision to recalculate from a month on.

    Within a phase limits come from its own first ``span`` points alone. Refused by the caller: a span under twelve or over 36.
    """
    cuts = sorted({month for month in recalculated_from if points and month > points[0].month})
    edges = [0, *(next((i for i, p in enumerate(points) if p.month >= cut), len(points)) for cut in cuts), len(points)]
    found = []
    for begins, ends in itertools.pairwise(edges):
        part = tuple(points[begins:ends])
        if not part:
            continue
        limits = limits_of(part, span=span)
        have = sum(point.value is not None for point in part)
        if limits is None:
            found.append(Phase(part, None, TOO_FEW.format(fewest=span, found=have)))
        elif limits.mean_range == 0:
            found.append(Phase(part, None, NO_VARIATION))
        else:
            found.append(Phase(part, limits))
    return tuple(found)
