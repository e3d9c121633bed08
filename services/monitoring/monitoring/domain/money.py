"""What placements cost, and what they would have cost at each council's own prices before the framework.

A night is a seventh of the weekly fee and seldom whole pence, so nights are never rounded one by one: the charge from arrival to
any day is rounded once, half up, and a part of a stay is the charge to its end less the charge to its beginning. So quarters add
up to years, and councils to the consortium, to the penny.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.definition import ANY_WAY, BUYERS, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import BaselinePrice, Placement, PriceBand, Records
from monitoring.domain.figure import TENTH, Figure, LeftOut, Part, rounded, worth_saying
from monitoring.domain.period import Period

NIGHTS_IN_A_WEEK = 7
PRICE_UNHEARD = "the price has not been heard yet"
IN_HOUSE = "placed in-house, not bought through the framework"
NO_BASELINE = "no baseline price for the lot, an age band and the day"

BandKey = tuple[str, str, str]
"""Council, lot and band code."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What the counted placements cost at the baseline and in fact, in pounds, and how many were counted."""

    at_baseline: Decimal
    paid: Decimal
    placements: int
    nights: int
    left_out: tuple[LeftOut, ...]

    @property
    def pounds(self) -> Decimal | None:
        """Baseline less paid; below nought when the framework was dearer. None without a placement."""
        return self.at_baseline - self.paid if self.placements else None

    @property
    def per_cent(self) -> Decimal | None:
        """The saving in per cent of the baseline cost, to one place. None without a placement, or one of no cost."""
        if not self.at_baseline:
            return None
        return rounded(100 * Fraction(self.at_baseline - self.paid) / Fraction(self.at_baseline), TENTH)


def stay(placement: Placement, period: Period, *, today: date) -> tuple[int, int]:
    """Nights since arrival when the period begins and when it ends; their difference is the nights charged in it.

    The day a child arrives counts, the day it leaves does not; tonight has not been slept yet. (0, 0) without a night.
    """
    if placement.started_on is None or placement.cancelled:
        return (0, 0)
    leaves = min(period.last + timedelta(days=1), today)
    if placement.ended_on is not None:
        leaves = min(leaves, placement.ended_on)
    before = max((period.first - placement.started_on).days, 0)
    until = (leaves - placement.started_on).days
    return (before, until) if until > before else (0, 0)


def charge(pounds_per_week: Decimal, before: int, until: int) -> Decimal:
    """Pounds for the nights of a stay after the first ``before`` up to ``until``, as the module says pennies are handled."""
    return _to_date(pounds_per_week, until) - _to_date(pounds_per_week, before)


def spend(records: Records, period: Period) -> Figure:
    """Weekly price by nights in the period; a placement whose price is unheard is stated apart."""
    pounds, placements, nights, unpriced = Decimal("0.00"), 0, 0, 0
    for placement in records.placements:
        before, until = stay(placement, period, today=records.today)
        if until == before:
            continue
        if placement.pounds_per_week is None:
            unpriced += 1
            continue
        pounds += charge(placement.pounds_per_week, before, until)
        placements += 1
        nights += until - before
    total = pounds if placements else None
    parts = (Part("nights", Decimal(nights)),) if placements else ()
    return Figure(total, total, None, placements, parts, worth_saying([LeftOut(unpriced, PRICE_UNHEARD)]))


def saving(records: Records, period: Period) -> Saving:
    """The agencies' placements with a baseline price for every child: their nights in the period at both prices.

    The baseline of a placement is fixed on the day it starts, like its price: for each child the price of its age band
    in force that day, added up. Everything not counted is stated with its reason.
    """
    stays = []
    for placement in records.placements:
        before, until = stay(placement, period, today=records.today)
        if until > before:
            stays.append((placement, before, until))
    compared, left_out = _compare([placement for placement, _, _ in stays], records)
    at_baseline = paid = Decimal("0.00")
    nights = 0
    for placement, before, until in stays:
        if placement in compared:
            weekly, agreed = compared[placement]
            at_baseline += charge(weekly, before, until)
            paid += charge(agreed, before, until)
            nights += until - before
    return Saving(at_baseline, paid, len(compared), nights, left_out)


def savings_pounds(records: Records, period: Period) -> Figure:
    """Pounds saved against the baseline; below nought when the framework was dearer."""
    found = saving(records, period)
    return Figure(found.pounds, found.pounds, None, found.placements, _costs(found), found.left_out)


def savings_per_cent(records: Records, period: Period) -> Figure:
    """Pounds saved, in per cent of what the same nights would have cost at the baseline."""
    found = saving(records, period)
    cost = found.at_baseline if found.placements else None
    return Figure(found.per_cent, found.pounds, cost, found.placements, _costs(found), found.left_out)


def agreed_below_baseline(records: Records, period: Period) -> Figure:
    """How far the weekly prices agreed in the period lie below the baseline, in per cent: known on the day, before a night is slept."""
    agreed = [p for p in records.placements if period.holds(p.agreed_at) and not p.cancelled]
    compared, left_out = _compare(agreed, records)
    weekly = sum((baseline for baseline, _ in compared.values()), Decimal("0.00"))
    price = sum((paid for _, paid in compared.values()), Decimal("0.00"))
    if not weekly:
        return Figure(None, None, None, 0, (), left_out)
    value = rounded(100 * Fraction(weekly - price) / Fraction(weekly), TENTH)
    parts = (Part("pounds a week at the baseline", weekly), Part("pounds a week agreed", price))
    return Figure(value, weekly - price, weekly, len(compared), parts, left_out)


def _to_date(pounds_per_week: Decimal, nights: int) -> Decimal:
    """The charge for the first so many nights, half up to the penny: in whole pence, because this runs for every stay."""
    sevenths_of_a_penny = int(pounds_per_week.scaleb(2)) * nights
    return Decimal((2 * sevenths_of_a_penny + NIGHTS_IN_A_WEEK) // (2 * NIGHTS_IN_A_WEEK)).scaleb(-2)


def _costs(found: Saving) -> tuple[Part, ...]:
    if not found.placements:
        return ()
    return (
        Part("cost at the baseline in pounds", found.at_baseline),
        Part("cost paid in pounds", found.paid),
        Part("nights", Decimal(found.nights)),
    )


def _compare(placements: Iterable[Placement], records: Records) -> tuple[dict[Placement, tuple[Decimal, Decimal]], tuple[LeftOut, ...]]:
    """Weekly baseline and price of each placement that has both; and those left out, by reason."""
    in_force = _by_band(records.baseline)
    compared: dict[Placement, tuple[Decimal, Decimal]] = {}
    in_house = unheard = without = 0
    for placement in placements:
        if placement.in_house:
            in_house += 1
        elif placement.pounds_per_week is None:
            unheard += 1
        elif (weekly := _baseline(placement, in_force, records.bands)) is None:
            without += 1
        else:
            compared[placement] = (weekly, placement.pounds_per_week)
    left_out = [LeftOut(without, NO_BASELINE), LeftOut(in_house, IN_HOUSE), LeftOut(unheard, PRICE_UNHEARD)]
    return compared, worth_saying(left_out)


def _by_band(baseline: Iterable[BaselinePrice]) -> dict[BandKey, list[BaselinePrice]]:
    found: dict[BandKey, list[BaselinePrice]] = {}
    for price in sorted(baseline, key=lambda b: b.from_date):
        found.setdefault((price.council, price.lot, price.band), []).append(price)
    return found


def _baseline(
    placement: Placement, in_force: Mapping[BandKey, list[BaselinePrice]], bands: Mapping[str, tuple[PriceBand, ...]]
) -> Decimal | None:
    """The weekly baseline of all the placement's children together; None when one child's is missing."""
    begins = placement.started_on or placement.starts_on
    if placement.lot is None or begins is None or not placement.ages:
        return None
    total = Decimal(0)
    for age in placement.ages:
        band = next((b.code for b in bands.get(placement.lot, ()) if b.from_age <= age <= b.to_age), None)
        prices = in_force.get((placement.council, placement.lot, band), []) if band else []
        known = [p.pounds_per_week for p in prices if p.from_date <= begins]
        if not known:
            return None
        total += known[-1]
    return total


KPIS = (
    Definition(
        "spend",
        "Spend",
        "What did the placements cost?",
        "weekly price by nights in the period: the day of arrival counts, the day of leaving does not",
        None,
        Unit.POUNDS,
        Direction.NEITHER,
        EVERYBODY,
        ANY_WAY,
        spend,
        Unit.POUNDS,
    ),
    Definition(
        "savings_pounds",
        "Savings in pounds",
        "What was saved against the councils' own prices before the framework?",
        "cost at the baseline less cost paid, of agencies' placements with a baseline price",
        None,
        Unit.POUNDS,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        savings_pounds,
        Unit.POUNDS,
    ),
    Definition(
        "savings_per_cent",
        "Savings in per cent",
        "Is the expected average saving reached?",
        "cost at the baseline less cost paid",
        "cost at the baseline of the same nights",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        savings_per_cent,
        Unit.POUNDS,
    ),
    Definition(
        "agreed_below_baseline",
        "Agreed prices below the baseline",
        "Are new placements agreed below the councils' own former prices?",
        "weekly baseline less weekly price, of agencies' placements with a baseline price",
        "weekly baseline of those placements",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        agreed_below_baseline,
        Unit.POUNDS,
    ),
)
"""The KPIs counted here."""
