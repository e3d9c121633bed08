"""What a stay truly costs: held against a slow recomputation, night by night, that shares nothing with the rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from matching.domain.birthdays import Band, BandChange, band_changes
from matching.domain.cost import LineKind, Weekly, cost, least, most
from matching.domain.pricing import BandPrice, Discount, DiscountWhat, Extra, ExtraWhat, Pricing, Uplift
from matching.domain.referral import Child
from shared.contracts.words import Sex
from tests.matching.domain.given import TODAY

BANDS = (Band("0-4", 0, 4), Band("5-10", 5, 10), Band("11-15", 11, 15), Band("16-18", 16, 18))

pounds = st.decimals(Decimal("0.01"), Decimal("3000.00"), places=2)
fees = st.decimals(Decimal("100.00"), Decimal("2000.00"), places=2)
days = st.dates(TODAY, TODAY + timedelta(900))
weeks = st.integers(1, 130)
_weekly = st.builds(Extra, st.sampled_from(ExtraWhat), pounds_per_week=pounds, begins=st.none() | days, ends=st.none() | days)
_once = st.builds(Extra, st.sampled_from(ExtraWhat), pounds_once=pounds, begins=st.none() | days)
_per_cent = st.decimals(Decimal("0.01"), Decimal(100), places=2)
_discounts = st.builds(Discount, st.sampled_from(DiscountWhat), per_cent=_per_cent, after_weeks=st.integers(0, 100)) | st.builds(
    Discount, st.sampled_from(DiscountWhat), pounds_per_week=pounds, after_weeks=st.integers(0, 100)
)
_bands = st.lists(st.builds(BandPrice, st.sampled_from([band.code for band in BANDS]), fees), max_size=4, unique_by=lambda one: one.band)
pricings = st.builds(
    Pricing,
    extras=st.lists(_weekly | _once, max_size=3).map(tuple),
    discounts=st.lists(_discounts, max_size=3).map(tuple),
    price_by_band=_bands.map(tuple),
    uplift=st.none() | st.builds(Uplift, days, _per_cent),
)
travels = st.lists(st.builds(Weekly, st.just(LineKind.CONTACT_MILEAGE), st.just("contact"), pounds), max_size=2)
differences = st.none() | st.decimals(Decimal(-500), Decimal(500), places=2)
changes = st.lists(
    st.builds(
        lambda on, window, difference: BandChange(1, 11, "5-10", "11-15", on, on + timedelta(window), difference),
        days,
        st.integers(0, 365),
        differences,
    ),
    max_size=3,
)


def exactly(fee: Decimal, pricing: Pricing, dated: list[tuple[BandChange, date]], going: list[Weekly], on: date, weeks: int) -> Fraction:
    """The whole stay, night by night, never rounded: a slow and plain way to the same money."""
    total = Fraction(0)
    for number in range(weeks * 7):
        night = on + timedelta(number)
        week = Fraction(fee)
        for change, birthday in dated:
            if night >= birthday:
                week = max(week + Fraction(change.difference or 0), Fraction(0))
        if pricing.uplift is not None and night >= pricing.uplift.on:
            week = week * (100 + Fraction(pricing.uplift.per_cent)) / 100
        full = week
        for discount in pricing.discounts:
            if number >= discount.after_weeks * 7:
                week -= Fraction(discount.pounds_per_week or 0) + full * Fraction(discount.per_cent or 0) / 100
                week = max(week, Fraction(0))
        for extra in pricing.extras:
            starts = extra.begins is None or night >= extra.begins
            lasts = extra.ends is None or night < extra.ends
            if extra.pounds_per_week is not None and starts and lasts:
                week += Fraction(extra.pounds_per_week)
        week += sum(Fraction(one.pounds_per_week) for one in going)
        total += week / 7
    last = on + timedelta(weeks * 7 - 1)
    return total + sum(Fraction(x.pounds_once) for x in pricing.extras if x.pounds_once and (x.begins is None or x.begins <= last))


@given(fees, pricings, changes, travels, days, weeks)
def test_a_cost_is_what_every_night_costs_to_half_a_penny_a_line(
    fee: Decimal, pricing: Pricing, crossed: list[BandChange], going: list[Weekly], on: date, weeks: int
) -> None:
    dated = [(change, change.earliest) for change in crossed]
    found = cost(fee, pricing, dated, going, on, weeks)
    # The fee with all its steps is rounded once, every extra and journey once more.
    roundings = 1 + len(pricing.extras) + len(going)
    assert abs(Fraction(found.total) - exactly(fee, pricing, dated, going, on, weeks)) <= Fraction(roundings, 200)


@given(fees, pricings, changes, travels, days, weeks)
def test_the_total_is_the_sum_of_its_lines_to_the_penny(
    fee: Decimal, pricing: Pricing, crossed: list[BandChange], going: list[Weekly], on: date, weeks: int
) -> None:
    for found in (least(fee, pricing, crossed, going, on, weeks), most(fee, pricing, crossed, going, on, weeks)):
        assert found.total == sum((line.pounds for line in found.lines), Decimal(0))
        assert all(line.pounds == line.pounds.quantize(Decimal("0.01")) for line in found.lines)
        fee_lines = (LineKind.WEEKLY_FEE, LineKind.BAND_CHANGE, LineKind.UPLIFT, LineKind.DISCOUNT)
        assert sum(line.pounds for line in found.lines if line.kind in fee_lines) >= 0


@given(fees, pricings, changes, travels, days, weeks, st.integers(1, 60))
def test_a_longer_stay_never_costs_less(
    fee: Decimal, pricing: Pricing, crossed: list[BandChange], going: list[Weekly], on: date, weeks: int, longer: int
) -> None:
    for priced in (least, most):
        assert priced(fee, pricing, crossed, going, on, weeks + longer).total >= priced(fee, pricing, crossed, going, on, weeks).total


@given(fees, pricings, changes, travels, days, weeks, st.data())
def test_whatever_day_each_birthday_is_the_cost_lies_between_the_least_and_the_most(
    fee: Decimal, pricing: Pricing, crossed: list[BandChange], going: list[Weekly], on: date, weeks: int, data: st.DataObject
) -> None:
    dated = [(change, data.draw(st.dates(change.earliest, change.latest))) for change in crossed]
    found = cost(fee, pricing, dated, going, on, weeks).total
    assert least(fee, pricing, crossed, going, on, weeks).total <= found <= most(fee, pricing, crossed, going, on, weeks).total


def age_on(born: date, day: date) -> tuple[int, int]:
    """Whole years and whole months, counted on the calendar by hand."""
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return months // 12, months


@given(st.dates(TODAY - timedelta(6500), TODAY), st.dates(TODAY, TODAY + timedelta(20)), weeks)
def test_every_true_birthday_into_another_band_lies_in_its_window(born: date, arrives_on: date, weeks: int) -> None:
    years, months = age_on(born, TODAY)
    child = Child(1, years, Sex.FEMALE, months=months if months < 24 else None)
    leaves_on = arrives_on + timedelta(weeks * 7)
    found = {change.age: change for change in band_changes([child], BANDS, TODAY, (), arrives_on=arrives_on, leaves_on=leaves_on)}
    for night in (arrives_on + timedelta(number) for number in range(1, weeks * 7)):
        age = age_on(born, night)[0]
        if age in (5, 11, 16, 19) and age_on(born, night - timedelta(1))[0] == age - 1:
            # A day on either side for those born on the 29th, 30th and 31st, whose month may have no such day.
            assert found[age].earliest - timedelta(1) <= night <= found[age].latest + timedelta(3)
            assert found[age].latest - found[age].earliest <= timedelta(366 if child.months is None else 32)


TEN = Child(1, 10, Sex.FEMALE)


def test_a_price_after_a_birthday_is_to_be_agreed_unless_the_offer_states_both_bands() -> None:
    stay = {"arrives_on": TODAY, "leaves_on": TODAY + timedelta(364)}
    [unstated] = band_changes([TEN], BANDS, TODAY, [BandPrice("11-15", Decimal(900))], **stay)
    assert (unstated.band_before, unstated.band_after, unstated.difference) == ("5-10", "11-15", None)
    assert (unstated.earliest, unstated.latest) == (TODAY + timedelta(1), date(2027, 11, 20))
    prices = [BandPrice("5-10", Decimal(800)), BandPrice("11-15", Decimal(900))]
    [stated] = band_changes([TEN], BANDS, TODAY, prices, **stay)
    assert stated.difference == 100
    found = most(Decimal(800), Pricing(), [unstated], [], TODAY, 52)
    assert [(line.kind, line.pounds, line.to_be_agreed) for line in found.lines] == [
        (LineKind.WEEKLY_FEE, Decimal("41600.00"), False),
        (LineKind.BAND_CHANGE, Decimal("0.00"), True),
    ]
    assert most(Decimal(800), Pricing(), [stated], [], TODAY, 52).total == Decimal("46785.71")
    assert least(Decimal(800), Pricing(), [stated], [], TODAY, 52).total == Decimal("41600.00")


def test_a_worked_example_in_pounds_and_pence() -> None:
    pricing = Pricing(
        extras=(
            Extra(ExtraWhat.EQUIPMENT, pounds_once=Decimal("250.00")),
            Extra(ExtraWhat.THERAPY, Decimal("70.00"), ends=TODAY + timedelta(3)),
        ),
        discounts=(Discount(DiscountWhat.LONG_TERM, per_cent=Decimal(10), after_weeks=1),),
        uplift=Uplift(TODAY + timedelta(7), Decimal(5)),
    )
    found = cost(Decimal("700.00"), pricing, [], [], TODAY, 2)
    assert [(line.kind, line.pounds) for line in found.lines] == [
        (LineKind.WEEKLY_FEE, Decimal("1400.00")),
        (LineKind.UPLIFT, Decimal("35.00")),
        (LineKind.DISCOUNT, Decimal("-73.50")),
        (LineKind.EXTRA_ONCE, Decimal("250.00")),
        (LineKind.EXTRA_WEEKLY, Decimal("30.00")),
    ]
    assert (found.nights, found.leaves_on, found.total) == (14, TODAY + timedelta(14), Decimal("1641.50"))


def test_nothing_is_charged_below_nought_however_much_is_taken_off() -> None:
    deep = tuple(Discount(DiscountWhat.OTHER, per_cent=Decimal(80)) for _ in range(3))
    assert cost(Decimal("700.00"), Pricing(discounts=deep), [], [], TODAY, 3).total == 0


def test_each_childs_birthday_counts_by_itself() -> None:
    younger = replace(TEN, number=2, age=4)
    found = band_changes([TEN, younger], BANDS, TODAY, (), arrives_on=TODAY, leaves_on=TODAY + timedelta(364))
    assert [(change.child, change.band_after) for change in found] == [(1, "11-15"), (2, "5-10")]


def half_up(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(fees, weeks)
def test_a_plain_fee_is_its_weeks_exactly(fee: Decimal, weeks: int) -> None:
    assert cost(fee, Pricing(), [], [], TODAY, weeks).total == half_up(exactly(fee, Pricing(), [], [], TODAY, weeks)) == fee * weeks
