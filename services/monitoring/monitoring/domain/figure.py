"""A figure as people get it: the value, what it was divided by, how many records, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

PENNY = Decimal("0.01")
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records that could not be counted, and why: stated, never hidden in a denominator."""

    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One slice of a figure: a tier, a side, an urgency."""

    label: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of the rows of one part: what they add up to, and how many records they are."""

    part: str
    numerator: Decimal
    denominator: Decimal
    records: int
    divided: int
    """How many of them have a denominator."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One KPI over one period. ``value`` is None where there is no record to count: that is never 0 per cent."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int
    parts: tuple[Part, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def worth_saying(left_out: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    """Only what was in fact left out."""
    return tuple(line for line in left_out if line.count)


def rounded(exact: Fraction, step: Decimal) -> Decimal:
    """An exact number to the nearest step, a half away from nought, as money and percentages are rounded by hand.

    The division is done once, on whole numbers, so that no digit is lost before the rounding.
    """
    steps = exact / Fraction(step)
    whole, rest = divmod(abs(steps.numerator), steps.denominator)
    if 2 * rest >= steps.denominator:
        whole += 1
    signed = Decimal(whole if steps >= 0 else -whole)
    return (signed * step).quantize(step, rounding=ROUND_HALF_UP)


def percentile(values: Sequence[int] | Sequence[Decimal] | Sequence[Fraction], hundredth: int) -> Fraction:
    """The value below which ``hundredth`` per cent lie, between two neighbours in proportion (a spreadsheet's PERCENTILE.INC).

    ``values`` must not be empty; their order does not matter.
    """
    ordered: list[int | Decimal | Fraction] = sorted(values)
    place = Fraction((len(ordered) - 1) * hundredth, 100)
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    low, high = Fraction(ordered[below]), Fraction(ordered[above])
    return low + (high - low) * (place - below)
