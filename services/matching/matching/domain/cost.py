"""What a stay would truly cost: every line by the night, as the least and the most it may come to, never one weekly figure.

A fee is per week and charged by the night: the day a child arrives counts, the day a child leaves does not (domain §5). A night is
a seventh of a week's price and is never rounded by itself; the fee after each step (birthdays, uplift, each discount) is rounded
once, half up, to the penny, and a step's line is what that step adds. So lines add up to the total to the penny, and a longer
stay never costs less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from matching.domain.birthdays import BandChange
from matching.domain.pricing import Discount, Extra, Pricing

PENNY = Decimal("0.01")
NIGHTS_A_WEEK = 7


class LineKind(StrEnum):
    """What a line of the cost is for, in the order they are shown."""

    WEEKLY_FEE = "weekly_fee"
    BAND_CHANGE = "birthday_into_another_band"
    UPLIFT = "uplift"
    DISCOUNT = "discount"
    EXTRA_WEEKLY = "weekly_extra"
    EXTRA_ONCE = "one_off"
    CONTACT_MILEAGE = "contact_mileage"
    SCHOOL_TRANSPORT = "school_transport"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cost, in pounds and pence; below nothing for what is taken off. ``to_be_agreed``: its price is not stated."""

    kind: LineKind
    what: str
    pounds: Decimal
    to_be_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Weekly:
    """Something paid by the week beside the fee, for each night of the stay: travel."""

    kind: LineKind
    what: str
    pounds_per_week: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """A stay of whole weeks and what it costs; ``total`` is the sum of the lines."""

    arrives_on: date
    weeks: int
    lines: tuple[Line, ...]

    @property
    def nights(self) -> int:
        """Nights charged."""
        return self.weeks * NIGHTS_A_WEEK

    @property
    def leaves_on(self) -> date:
        """The day of leaving, whose night is not charged."""
        return self.arrives_on + timedelta(self.nights)

    @property
    def total(self) -> Decimal:
        """In pounds and pence."""
        return sum((line.pounds for line in self.lines), Decimal("0.00"))

    @property
    def to_be_agreed(self) -> bool:
        """Whether any of it is not stated."""
        return any(line.to_be_agreed for line in self.lines)


def least(
    pounds_per_week: Decimal, pricing: Pricing, changes: Sequence[BandChange], travel: Sequence[Weekly], on: date, weeks: int
) -> Cost:
    """The least that a stay of so many weeks costs: birthdays that add to the price come late, those that take from it early."""
    dated = [(change, change.latest if (change.difference or 0) >= 0 else change.earliest) for change in changes]
    return cost(pounds_per_week, pricing, dated, travel, on, weeks)


def most(pounds_per_week: Decimal, pricing: Pricing, changes: Sequence[BandChange], travel: Sequence[Weekly], on: date, weeks: int) -> Cost:
    """The most that a stay of so many weeks costs: birthdays that add to the price come early, those that take from it late."""
    dated = [(change, change.earliest if (change.difference or 0) >= 0 else change.latest) for change in changes]
    return cost(pounds_per_week, pricing, dated, travel, on, weeks)


def cost(
    pounds_per_week: Decimal,
    pricing: Pricing,
    changes: Iterable[tuple[BandChange, date]],
    travel: Sequence[Weekly],
    arrives_on: date,
    weeks: int,
) -> Cost:
    """What a stay of ``weeks`` whole weeks costs, each birthday on the day given with it.

    ``pounds_per_week`` is for all children together. After a birthday whose price is to be agreed the fee is counted unchanged.
    The uplift is on the fee; a discount is on the uplifted fee; nothing takes a night below nought.
    """
    leaves_on = arrives_on + timedelta(weeks * NIGHTS_A_WEEK)
    inside = [(change, on) for change, on in changes if on < leaves_on]
    steps = _steps(pounds_per_week, pricing, inside, arrives_on)
    lines = [*_fee_lines(steps, arrives_on, leaves_on)]
    lines += [line for extra in pricing.extras for line in _extra_lines(extra, arrives_on, leaves_on)]
    nights = weeks * NIGHTS_A_WEEK
    lines += [Line(one.kind, one.what, _pounds(_a_night(one.pounds_per_week) * nights)) for one in travel]
    return Cost(arrives_on, weeks, tuple(lines))


def _pounds(exact: Fraction) -> Decimal:
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PENNY, ROUND_HALF_UP)


def _a_night(pounds_per_week: Decimal) -> Fraction:
    return Fraction(pounds_per_week) / NIGHTS_A_WEEK


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the fee: from ``begins`` on a night costs ``add`` more, or ``share`` of the uplifted fee more."""

    kind: LineKind
    what: str
    begins: date
    add: Fraction = Fraction(0)
    share: Fraction = Fraction(0)
    to_be_agreed: bool = False


def _steps(pounds_per_week: Decimal, pricing: Pricing, changes: list[tuple[BandChange, date]], arrives_on: date) -> list[_Step]:
    steps = [_Step(LineKind.WEEKLY_FEE, "weekly fee", arrives_on, add=_a_night(pounds_per_week))]
    for change, on in changes:
        what = f"child {change.child} to {change.band_after or 'past the last band'}"
        add = Fraction(0) if change.difference is None else _a_night(change.difference)
        steps.append(_Step(LineKind.BAND_CHANGE, what, on, add=add, to_be_agreed=change.difference is None))
    if pricing.uplift is not None:
        begins = max(pricing.uplift.on, arrives_on)
        steps.append(_Step(LineKind.UPLIFT, "uplift", begins, share=Fraction(pricing.uplift.per_cent) / 100))
    return steps + [_discount(discount, arrives_on) for discount in pricing.discounts]


def _discount(discount: Discount, arrives_on: date) -> _Step:
    begins = arrives_on + timedelta(discount.after_weeks * NIGHTS_A_WEEK)
    add = -_a_night(discount.pounds_per_week or Decimal(0))
    return _Step(LineKind.DISCOUNT, discount.what, begins, add=add, share=-Fraction(discount.per_cent or 0) / 100)


def _fee_lines(steps: list[_Step], arrives_on: date, leaves_on: date) -> Iterator[Line]:
    sums = [Fraction(0)] * len(steps)
    days = sorted({arrives_on, leaves_on, *(step.begins for step in steps if arrives_on < step.begins < leaves_on)})
    for begin, end in pairwise(days):
        for position, a_night in enumerate(_after_each(steps, begin)):
            sums[position] += a_night * (end - begin).days
    before = Decimal("0.00")
    for step, exact in zip(steps, sums, strict=True):
        so_far = _pounds(exact)
        if step.begins < leaves_on:
            yield Line(step.kind, step.what, so_far - before, step.to_be_agreed)
        before = so_far


def _after_each(steps: list[_Step], night: date) -> Iterator[Fraction]:
    """What this night costs after each step in turn."""
    fee = uplifted = Fraction(0)
    for step in steps:
        if step.begins <= night:
            whole = uplifted if step.kind is LineKind.DISCOUNT else fee
            fee = max(Fraction(0), fee + step.add + whole * step.share)
        if step.kind is not LineKind.DISCOUNT:
            uplifted = fee
        yield fee


def _extra_lines(extra: Extra, arrives_on: date, leaves_on: date) -> Iterator[Line]:
    if extra.pounds_once is not None:
        if extra.begins is None or extra.begins < leaves_on:
            yield Line(LineKind.EXTRA_ONCE, extra.what, extra.pounds_once)
    elif extra.pounds_per_week is not None:
        begin, end = max(extra.begins or arrives_on, arrives_on), min(extra.ends or leaves_on, leaves_on)
        if begin < end:
            yield Line(LineKind.EXTRA_WEEKLY, extra.what, _pounds(_a_night(extra.pounds_per_week) * (end - begin).days))
