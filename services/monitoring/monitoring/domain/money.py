"""What placements cost, and what they would have cost at each council's own prices before the framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.facts import BaselinePrice, Placement, PriceBand, Records
from monitoring.domain.figure import PENNY, TENTH, Figure, LeftOut, Part, rounded, worth_saying
from monitoring.domain.period import Period

NIGHTS_IN_A_WEEK = 7
PRICE_UNHEARD = "the price has not been heard yet"
IN_HOUSE = "placed in-house, not bought through the framework"
NO_BASELINE = "no baseline price for the lot, an age band and the day"

BandKey = tuple[str, str, str]
"""Council, lot and band code."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What the counted placements cost at the baseline and in fact, in exact pounds, and how many were counted."""

    at_baseline: Fraction
    paid: Fraction
    placements: int
    nights: int
    left_out: tuple[LeftOut, ...]

    @property
    def pounds(self) -> Decimal | None:
        """Baseline less paid, to the penny; below nought when the framework was dearer. None without a placement."""
        return rounded(self.at_baseline - self.paid, PENNY) if self.placements else None

    @property
    def per_cent(self) -> Decimal | None:
        """The saving in per cent of the baseline cost, to one place. None without a placement."""
        return rounded(100 * (self.at_baseline - self.paid) / self.at_baseline, TENTH) if self.placements else None


def nights(placement: Placement, period: Period, *, today: date) -> int:
    """Nights charged within the period: the day a child arrives counts, the day it leaves does not.

    A placement still running is counted up to and including ``today``; the future costs nothing yet.
    """
    if placement.started_on is None or placement.cancelled:
        return 0
    after_last = min(period.last, today) + timedelta(days=1)
    leaves = after_last if placement.ended_on is None else min(placement.ended_on, after_last)
    return max((leaves - max(placement.started_on, period.first)).days, 0)


def spend(records: Records, period: Period) -> Figure:
    """Weekly price by nights in the period, over seven, added exactly and rounded to the penny once."""
    exact, placements, all_nights, unpriced = Fraction(0), 0, 0, 0
    for placement in records.placements:
        stayed = nights(placement, period, today=records.today)
        if not stayed:
            continue
        if placement.pounds_per_week is None:
            unpriced += 1
            continue
        exact += Fraction(placement.pounds_per_week) * stayed / NIGHTS_IN_A_WEEK
        placements += 1
        all_nights += stayed
    pounds = rounded(exact, PENNY)
    return Figure(
        pounds if placements else None,
        pounds if placements else None,
        None,
        placements,
        (Part("nights", Decimal(all_nights)),) if placements else (),
        worth_saying([LeftOut(unpriced, PRICE_UNHEARD)]),
    )


def saving(records: Records, period: Period) -> Saving:
    """The agencies' placements with a baseline price for every child, their nights in the period at both prices.

    The baseline of a placement is fixed on the day it started, like its price: for each child the price of its age
    band in force that day, added up. Everything not counted is stated with its reason.
    """
    in_force = _by_band(records.baseline)
    at_baseline, paid, counted, all_nights = Fraction(0), Fraction(0), 0, 0
    in_house = unheard = without = 0
    for placement in records.placements:
        stayed = nights(placement, period, today=records.today)
        if not stayed:
            continue
        if placement.in_house:
            in_house += 1
        elif placement.pounds_per_week is None:
            unheard += 1
        elif (weekly := _baseline(placement, in_force, records.bands)) is None:
            without += 1
        else:
            at_baseline += Fraction(weekly) * stayed / NIGHTS_IN_A_WEEK
            paid += Fraction(placement.pounds_per_week) * stayed / NIGHTS_IN_A_WEEK
            counted += 1
            all_nights += stayed
    left_out = [LeftOut(without, NO_BASELINE), LeftOut(in_house, IN_HOUSE), LeftOut(unheard, PRICE_UNHEARD)]
    return Saving(at_baseline, paid, counted, all_nights, worth_saying(left_out))


def savings_pounds(records: Records, period: Period) -> Figure:
    """Pounds saved against the baseline; below nought when the framework was dearer."""
    found = saving(records, period)
    return Figure(found.pounds, found.pounds, None, found.placements, _costs(found), found.left_out)


def savings_per_cent(records: Records, period: Period) -> Figure:
    """Pounds saved, in per cent of what the same nights would have cost at the baseline."""
    found = saving(records, period)
    cost = rounded(found.at_baseline, PENNY) if found.placements else None
    return Figure(found.per_cent, found.pounds, cost, found.placements, _costs(found), found.left_out)


def _costs(found: Saving) -> tuple[Part, ...]:
    if not found.placements:
        return ()
    return (
        Part("cost at the baseline in pounds", rounded(found.at_baseline, PENNY)),
        Part("cost paid in pounds", rounded(found.paid, PENNY)),
        Part("nights", Decimal(found.nights)),
    )


def _by_band(baseline: Iterable[BaselinePrice]) -> dict[BandKey, list[BaselinePrice]]:
    found: dict[BandKey, list[BaselinePrice]] = {}
    for price in sorted(baseline, key=lambda b: b.from_date):
        found.setdefault((price.council, price.lot, price.band), []).append(price)
    return found


def _baseline(
    placement: Placement, in_force: Mapping[BandKey, list[BaselinePrice]], bands: Mapping[str, tuple[PriceBand, ...]]
) -> Decimal | None:
    """The weekly baseline of all the placement's children together; None when one child's is missing."""
    if placement.lot is None or placement.started_on is None or not placement.ages:
        return None
    total = Decimal(0)
    for age in placement.ages:
        band = next((b.code for b in bands.get(placement.lot, ()) if b.from_age <= age <= b.to_age), None)
        prices = in_force.get((placement.council, placement.lot, band), []) if band else []
        known = [p.pounds_per_week for p in prices if p.from_date <= placement.started_on]
        if not known:
            return None
        total += known[-1]
    return total
