"""What placements cost, and what they would have cost at each council's own prices before the framework.

A night is a seventh of the weekly fee and seldom whole pence, so nights are never rounded one by one: the charge from arrival to
any day is rounded once, half up, and a part of a stay is the charge to its end less the charge to its beginning. So quarters add
up to years, and councils to the consortium, to the penny.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.counted import LEFT_OUT, NOUGHT, Counted, Summary
from monitoring.domain.definition import ANY_WAY, BUYERS, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import BaselinePrice, Placement, PriceBand, Records, agency_of
from monitoring.domain.figure import TENTH, LeftOut, Part, Tally, rounded, worth_saying
from monitoring.domain.period import Period, months
from monitoring.domain.placing import agreed, left_out_placement

NIGHTS_IN_A_WEEK = 7
PRICE_UNHEARD = "the price has not been heard yet"
IN_HOUSE = "placed in-house, not bought through the framework"
NO_BASELINE = "no baseline price for the lot, an age band and the day"

BandKey = tuple[str, str, str]
"""Council, lot and band code."""
_Stayed = tuple[date, int, int, Decimal | None]
"""Of a month of a stay its first night, the nights since arrival before it and to its end, and the pounds paid, if the price was heard."""


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


def spend(records: Records, period: Period) -> tuple[Counted, ...]:
    """Weekly price by nights in the period, month by month; a placement whose price is unheard is stated apart."""
    rows = []
    for placement, months_of_it in records.once(_stays, period):
        for on, before, until, paid in months_of_it:
            if paid is None:
                rows.append(_apart(placement, on, PRICE_UNHEARD, begins=not before))
            else:
                rows.append(_paid(placement, on, paid, Decimal(until - before), begins=not before))
    return tuple(rows)


def stay_by_month(placement: Placement, period: Period, *, today: date) -> Iterator[tuple[date, int, int]]:
    """A stay in each calendar month of the period that has a night of it: the first such night, and as :func:`stay` says it."""
    before, until = stay(placement, period, today=today)
    if until == before or placement.started_on is None:
        return
    slept = Period(placement.started_on + timedelta(days=before), placement.started_on + timedelta(days=until - 1))
    for month in months(slept):
        yield month.first, (month.first - placement.started_on).days, (month.last - placement.started_on).days + 1


def _stays(records: Records, period: Period) -> tuple[tuple[Placement, tuple[_Stayed, ...]], ...]:
    """Each placement with a night in the period, month by month: walked and charged once for what was spent and what was saved."""
    found = []
    for placement in records.placements:
        weekly = placement.pounds_per_week
        months_of_it = tuple(
            (on, before, until, None if weekly is None else charge(weekly, before, until))
            for on, before, until in stay_by_month(placement, period, today=records.today)
        )
        if months_of_it:
            found.append((placement, months_of_it))
    return tuple(found)


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
    compared, apart = _compare([placement for placement, _, _ in stays], records)
    reasons = Counter(apart.values())
    left_out = worth_saying([LeftOut(reasons[why], why) for why in (NO_BASELINE, IN_HOUSE, PRICE_UNHEARD)])
    at_baseline = paid = Decimal("0.00")
    nights = 0
    for placement, before, until in stays:
        if placement in compared:
            weekly, agreed = compared[placement]
            at_baseline += charge(weekly, before, until)
            paid += charge(agreed, before, until)
            nights += until - before
    return Saving(at_baseline, paid, len(compared), nights, left_out)


def savings(records: Records, period: Period) -> tuple[Counted, ...]:
    """Pounds saved month by month, over what the same nights would have cost at the baseline; below nought when the framework was dearer.

    Which placements count, and at which prices, is as :func:`saving` says.
    """
    staying = records.once(_stays, period)
    compared, apart = _compare((placement for placement, _ in staying), records)
    rows = []
    for placement, months_of_it in staying:
        both = compared.get(placement)
        for on, before, until, paid in months_of_it:
            if both is not None and paid is not None:
                at_baseline = charge(both[0], before, until)
                rows.append(_paid(placement, on, at_baseline - paid, at_baseline, begins=not before))
            else:
                rows.append(_apart(placement, on, apart[placement], begins=not before))
    return tuple(rows)


def agreed_below_baseline(records: Records, period: Period) -> tuple[Counted, ...]:
    """How far the weekly prices agreed in the period lie below the baseline, in per cent: known on the day, before a night is slept."""
    days = dict(agreed(records, period))
    compared, apart = _compare(days, records)
    rows = [_paid(placement, days[placement], weekly - price, weekly) for placement, (weekly, price) in compared.items()]
    return (*rows, *(left_out_placement(placement, days[placement], LEFT_OUT + why) for placement, why in apart.items()))


def _to_date(pounds_per_week: Decimal, nights: int) -> Decimal:
    """The charge for the first so many nights, half up to the penny: in whole pence, because this runs for every stay."""
    sevenths_of_a_penny = int(pounds_per_week.scaleb(2)) * nights
    return Decimal((2 * sevenths_of_a_penny + NIGHTS_IN_A_WEEK) // (2 * NIGHTS_IN_A_WEEK)).scaleb(-2)


def _paid(placement: Placement, on: date, pounds: Decimal, of: Decimal, *, begins: bool = False) -> Counted:
    """``begins``: in the first month of a stay, so that a stay of many months is one record in their sum."""
    id, agency = str(placement.id), agency_of(placement.provider)
    return Counted("placement", id, on, pounds, of, placement.council, agency, placement.lot, once=id if begins else "")


def _apart(placement: Placement, on: date, why: str, *, begins: bool) -> Counted:
    return replace(left_out_placement(placement, on, LEFT_OUT + why), once=str(placement.id) if begins else "")


def _nights(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    return (Part("nights", sum((tally.denominator for tally in tallies), NOUGHT)),)


def _costs(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    at_baseline = sum((tally.denominator for tally in tallies), NOUGHT)
    saved = sum((tally.numerator for tally in tallies), NOUGHT)
    return (Part("cost at the baseline in pounds", at_baseline), Part("cost paid in pounds", at_baseline - saved))


def _weekly(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    at_baseline, paid = _costs(tallies)
    return (Part("pounds a week at the baseline", at_baseline.value), Part("pounds a week agreed", paid.value))


def _compare(placements: Iterable[Placement], records: Records) -> tuple[dict[Placement, tuple[Decimal, Decimal]], dict[Placement, str]]:
    """Weekly baseline and price of each placement that has both; and of the others why they are left out."""
    in_force = _by_band(records.baseline)
    compared: dict[Placement, tuple[Decimal, Decimal]] = {}
    apart: dict[Placement, str] = {}
    for placement in placements:
        if placement.in_house:
            apart[placement] = IN_HOUSE
        elif placement.pounds_per_week is None:
            apart[placement] = PRICE_UNHEARD
        elif (weekly := _baseline(placement, in_force, records.bands)) is None:
            apart[placement] = NO_BASELINE
        else:
            compared[placement] = (weekly, placement.pounds_per_week)
    return compared, apart


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
        Summary.TOTAL,
        Unit.POUNDS,
        _nights,
        each_month=True,
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
        savings,
        Summary.TOTAL,
        Unit.POUNDS,
        _costs,
        counted_as="savings_per_cent",
        each_month=True,
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
        savings,
        Summary.RATIO,
        Unit.POUNDS,
        _costs,
        each_month=True,
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
        Summary.RATIO,
        Unit.POUNDS,
        _weekly,
    ),
)
"""The KPIs counted here."""
