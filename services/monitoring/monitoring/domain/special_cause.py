"""Special causes on an XmR chart: which points ordinary variation would hardly make, by which named rule, and how unlikely.

Four rules, with the names analysts use: a point outside the limits; a run of seven (or eight) points on one side of the mean; a trend of
seven (or six) points rising or falling; two of three neighbouring points near the same limit, in its outer third or beyond. A point on the
mean ends a run, two alike end a trend, a gap ends both. Neighbouring points that one rule marks are one signal, named by its first month:
so a run that grows stays the same signal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import factorial

from monitoring.domain.control_chart import Limits, Phase, Point
from monitoring.domain.definition import Direction


class Rule(StrEnum):
    """What marks a point as a special cause."""

    OUTSIDE = "outside_limits"
    RUN = "run_on_one_side"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three_near_a_limit"


class Way(StrEnum):
    """Towards which side the signal lies or moves."""

    UP = "up"
    DOWN = "down"


class Reading(StrEnum):
    """What the signal means, by the figure's direction."""

    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    CHANGE = "change"
    """The figure has no better side."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a run and a trend must be: seven by the convention; analysts also use eight for a run and six for a trend."""

    run: int = 7
    trend: int = 7


RUN_LENGTHS = (7, 8)
TREND_LENGTHS = (6, 7)


@dataclass(frozen=True, slots=True)
class Signal:
    """One special cause: the rule, the points it marks (first to last month), its side, and how unlikely it is without a change."""

    rule: Rule
    way: Way
    first: date
    last: date
    points: int
    chance: Fraction
    """Of the signal as it stands, at a place named beforehand, if nothing had changed. Exact for runs and trends; for the
    other two from the normal distribution, which a figure of months follows only nearly."""

    @property
    def approximate(self) -> bool:
        """Whether the chance supposes a normal distribution."""
        return self.rule in (Rule.OUTSIDE, Rule.TWO_OF_THREE)


OUTSIDE_CHANCE = Fraction(27, 10_000)
"""Beyond three standard deviations on either side of a normal distribution."""
_OUTER = Fraction(2275, 100_000)
TWO_OF_THREE_CHANCE = 2 * (3 * _OUTER**2 * (1 - _OUTER) + _OUTER**3)
"""At least two of three beyond two standard deviations on the same side, either side."""


def reading_of(way: Way, direction: Direction) -> Reading:
    """Improvement or concern: up is better where higher is better, and the other way about."""
    match direction:
        case Direction.HIGHER:
            return Reading.IMPROVEMENT if way is Way.UP else Reading.CONCERN
        case Direction.LOWER:
            return Reading.IMPROVEMENT if way is Way.DOWN else Reading.CONCERN
        case _:
            return Reading.CHANGE


def signals(phase: Phase, rules: Rules = Rules()) -> tuple[Signal, ...]:
    """Every signal of one phase, by first month and rule; none where the phase has no limits."""
    if phase.limits is None:
        return ()
    found = [
        *_outside(phase.points, phase.limits),
        *_runs(phase.points, phase.limits, rules.run),
        *_trends(phase.points, rules.trend),
        *_two_of_three(phase.points, phase.limits),
    ]
    return tuple(sorted(found, key=lambda each: (each.first, each.rule, each.way)))


def in_words(signal: Signal, reading: Reading) -> str:
    """The rule as a sentence, with how unlikely it is."""
    side = "above" if signal.way is Way.UP else "below"
    match signal.rule:
        case Rule.OUTSIDE:
            what = f"{_points(signal.points)} {side} the {'upper' if signal.way is Way.UP else 'lower'} limit"
        case Rule.RUN:
            what = f"a run of {signal.points} points {side} the mean"
        case Rule.TREND:
            what = f"a trend of {signal.points} points {'rising' if signal.way is Way.UP else 'falling'}"
        case Rule.TWO_OF_THREE:
            what = f"two of three points near the {'upper' if signal.way is Way.UP else 'lower'} limit"
    about = " (approximately, from the normal distribution)" if signal.approximate else ""
    return f"{reading.capitalize()}: {what}. Without a change this happens about {one_in(signal.chance)}{about}."


def one_in(chance: Fraction) -> str:
    """A chance as people say it, to two digits: once in 64 times."""
    times = round(1 / chance)
    digits = max(len(str(times)) - 2, 0)
    return f"once in {round(times, -digits):,} times"


def _points(number: int) -> str:
    return "a point" if number == 1 else f"{number} points"


def _ways(side: int) -> Way:
    return Way.UP if side > 0 else Way.DOWN


def _outside(points: Sequence[Point], limits: Limits) -> list[Signal]:
    return [_signal(Rule.OUTSIDE, side, points, begins, ends, OUTSIDE_CHANCE) for begins, ends, side in _stretches(points, limits.outside)]


def _runs(points: Sequence[Point], limits: Limits, least: int) -> list[Signal]:
    return [
        _signal(Rule.RUN, side, points, begins, ends, 2 * Fraction(1, 2) ** (ends - begins))
        for begins, ends, side in _stretches(points, limits.side)
        if ends - begins >= least
    ]


def _trends(points: Sequence[Point], least: int) -> list[Signal]:
    """A trend of seven is seven points, that is six steps the same way; each order of them is as likely as any other: 2 / 7!."""
    found, begins, way = [], 0, 0
    for place in range(1, len(points) + 1):
        step = _step(points[place - 1], points[place]) if place < len(points) else 0
        if step == way != 0:
            continue
        if way and place - begins >= least:
            found.append(_signal(Rule.TREND, way, points, begins, place, Fraction(2, factorial(place - begins))))
        begins, way = place - 1, step
    return found


def _step(before: Point, after: Point) -> int:
    if before.value is None or after.value is None:
        return 0
    return (after.value > before.value) - (after.value < before.value)


def _two_of_three(points: Sequence[Point], limits: Limits) -> list[Signal]:
    """Marked are the points near the limit in any three neighbours of which at least two are; those at most one apart are one signal."""
    found = []
    for side in (1, -1):
        near = [point.value is not None and limits.near(point.value) == side for point in points]
        marked = sorted(
            {
                place
                for begins in range(len(points) - 2)
                if all(point.value is not None for point in points[begins : begins + 3]) and sum(near[begins : begins + 3]) >= 2
                for place in range(begins, begins + 3)
                if near[place]
            }
        )
        groups: list[list[int]] = []
        for place in marked:
            if groups and place - groups[-1][-1] <= 2:
                groups[-1].append(place)
            else:
                groups.append([place])
        for group in groups:
            months = points[group[0]].month, points[group[-1]].month
            found.append(Signal(Rule.TWO_OF_THREE, _ways(side), *months, len(group), TWO_OF_THREE_CHANCE))
    return found


def _stretches(points: Sequence[Point], side_of: Callable[[Fraction], int]) -> list[tuple[int, int, int]]:
    """Neighbouring points of the same side other than 0: where each stretch begins and ends (itself no longer in), and its side."""
    found, begins, side = [], 0, 0
    for place in range(len(points) + 1):
        value = points[place].value if place < len(points) else None
        here = 0 if value is None else side_of(value)
        if here != side:
            if side:
                found.append((begins, place, side))
            begins, side = place, here
    return found


def _signal(rule: Rule, side: int, points: Sequence[Point], begins: int, ends: int, chance: Fraction) -> Signal:
    return Signal(rule, _ways(side), points[begins].month, points[ends - 1].month, ends - begins, chance)
