"""Funnel plots: agencies of different size compared fairly, each with the share that all have together.

Around the overall share lie two limits that narrow as records grow: outside the 95 per cent limit chance puts one in twenty, outside the
99.8 per cent limit one in five hundred. Both are exact binomial: an agency lies outside if so many marked records or more (or fewer), at
the overall share, have a chance under half of 5 or 0.2 per cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from math import sqrt

from monitoring.domain.chance import Interval, binomial, binomial_tails, wilson

INNER, OUTER = 0.05, 0.002


class Standing(StrEnum):
    """Where one lies in the funnel."""

    INSIDE = "inside"
    OUTSIDE_95 = "outside_95"
    OUTSIDE_99_8 = "outside_99_8"


@dataclass(frozen=True, slots=True)
class Measured:
    """One agency's (or council's) records: how many are marked, of how many."""

    code: str
    marked: int
    records: int


@dataclass(frozen=True, slots=True)
class Placed:
    """One in the funnel: its share with its interval, and where it lies; ``above`` the overall share or not."""

    code: str
    marked: int
    records: int
    interval: Interval
    above: bool
    standing: Standing
    widened: Standing
    """Where it would lie if the limits were as wide as those compared in fact scatter."""
    tail: float
    """The chance of a count so far from the overall share, or farther, on its side."""


@dataclass(frozen=True, slots=True)
class Band:
    """The limits at one number of records, as shares."""

    records: int
    lower_99_8: float
    lower_95: float
    upper_95: float
    upper_99_8: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """The whole picture. ``scatter`` over 1: those compared differ more than chance alone (overdispersion)."""

    overall: float
    marked: int
    records: int
    placed: tuple[Placed, ...]
    bands: tuple[Band, ...]
    scatter: float


def funnel(measured: Sequence[Measured]) -> Funnel | None:
    """Place each in the funnel; None where nobody has a record. Those without records are not in it."""
    given = [each for each in measured if each.records > 0]
    records = sum(each.records for each in given)
    if not records:
        return None
    marked = sum(each.marked for each in given)
    overall = marked / records
    scatter = scatter_of(given, overall)
    placed = tuple(_placed(each, overall, scatter) for each in given)
    sizes = sorted(set(_grid(max(each.records for each in given))))
    return Funnel(overall, marked, records, placed, tuple(band(size, overall) for size in sizes), scatter)


def band(records: int, overall: float) -> Band:
    """The limits at one size: the extreme shares that still lie inside."""

    chances = binomial(records, overall)
    at_most = list(accumulate(chances))
    at_least = list(accumulate(reversed(chances)))[::-1]

    def within(alpha: float) -> tuple[float, float]:
        inside = [k for k in range(records + 1) if min(at_most[k], at_least[k]) >= alpha / 2]
        return inside[0] / records, inside[-1] / records

    (low, high), (lowest, highest) = within(INNER), within(OUTER)
    return Band(records, lowest, low, high, highest)


_STEPS = 24


def _grid(most: int) -> list[int]:
    return [max(1, round(most * step / _STEPS)) for step in range(1, _STEPS + 1)]


def scatter_of(given: Sequence[Measured], overall: float) -> float:
    """Overdispersion: the mean square of each one's distance from the overall share in standard errors, the farthest tenth on each side
    drawn in to its neighbours' (winsorised, after Spiegelhalter); at least 1.
    """
    if overall in (0.0, 1.0) or len(given) < 3:
        return 1.0
    scores = sorted((each.marked / each.records - overall) / sqrt(overall * (1 - overall) / each.records) for each in given)
    cut = len(scores) // 10
    drawn = [min(max(score, scores[cut]), scores[-1 - cut]) for score in scores]
    return max(1.0, sum(score * score for score in drawn) / len(drawn))


def _placed(each: Measured, overall: float, scatter: float) -> Placed:
    lower, upper = binomial_tails(each.marked, each.records, overall)
    above = each.marked > overall * each.records
    tail = upper if above else lower
    score = abs(each.marked / each.records - overall) / sqrt(scatter * overall * (1 - overall) / each.records) if 0 < overall < 1 else 0.0
    wide = Standing.OUTSIDE_99_8 if score > 3.09 else Standing.OUTSIDE_95 if score > 1.96 else Standing.INSIDE
    exact = Standing.OUTSIDE_99_8 if tail < OUTER / 2 else Standing.OUTSIDE_95 if tail < INNER / 2 else Standing.INSIDE
    # Widened limits never move anybody further out than the exact ones.
    widest = min(exact, wide, key=list(Standing).index)
    return Placed(each.code, each.marked, each.records, wilson(each.marked, each.records), above, exact, widest, tail)
