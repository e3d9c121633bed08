"""The ledger adds up to the penny at every level, and each effect is what its definition says, worked out again in fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.domain.facts import BaselinePrice, Placement, PriceBand
from monitoring.domain.lasting import double_paid_nights
from monitoring.domain.ledger.awarded import Award, Source, lists
from monitoring.domain.ledger.baseline_period import CellNights, baseline_period
from monitoring.domain.ledger.counting import Known, lines
from monitoring.domain.ledger.double_paid import Need, double_paid
from monitoring.domain.ledger.effects import Effects
from monitoring.domain.ledger.line import Line, LineKind
from monitoring.domain.ledger.pence import charged
from monitoring.domain.ledger.real_terms import PriceIndex
from monitoring.domain.period import Period
from tests.monitoring.domain.made import AGENCY, COUNCIL, an_id, placement, records

BANDS = {"general": (PriceBand("0-4", 0, 4), PriceBand("5-10", 5, 10)), "parent_child": (PriceBand("any", 0, 17),)}
FIRST = date(2012, 4, 1)
MAY_2015 = Period(date(2015, 5, 1), date(2015, 5, 31))
LISTED = datetime(2012, 6, 1, tzinfo=UTC)
OAK, ASH = "SC012345", "SC054321"
PRICES = {
    ("general", "0-4"): "702.33",
    ("general", "5-10"): "798.01",
    ("parent_child", "any"): "1598.50",
}


def award(agency: str, tier: int, band: str, pence: int, *, lot: str = "general", at: datetime = LISTED) -> Award:
    return Award(lot, at, agency, tier, band, pence)


AWARDS = lists(
    [
        award(OAK, 1, "0-4", 65_017), award(OAK, 1, "5-10", 75_031),
        award(ASH, 2, "0-4", 69_999), award(ASH, 2, "5-10", 81_003),
        award(OAK, 1, "any", 150_005, lot="parent_child"),
    ]
)  # fmt: skip


def prices(council: str = COUNCIL) -> dict[tuple[str, str], list[BaselinePrice]]:
    return {cell: [BaselinePrice(council, *cell, date(2011, 4, 1), Decimal(pounds))] for cell, pounds in PRICES.items()}


def period(nights: dict[tuple[str, str], int]) -> Any:
    cells = [CellNights(COUNCIL, lot, band, slept) for (lot, band), slept in nights.items()]
    return baseline_period(cells, prices(), first=date(2011, 4, 1), last=date(2012, 3, 31))


@st.composite
def stays(draw: st.DrawFn) -> Placement:
    started = FIRST + timedelta(days=draw(st.integers(0, 500)))
    lot = draw(st.sampled_from(list(BANDS)))
    provider, tier = draw(
        st.sampled_from([(f"agency:{OAK}", 1), (f"agency:{ASH}", 2), (f"agency:{ASH}", None), (f"council:{COUNCIL}", None)])
    )
    ends = draw(st.none() | st.integers(0, 400))
    return Placement(
        id=an_id(draw(st.integers(1, 10**9))),
        referral=an_id(draw(st.integers(1, 3))),
        council=COUNCIL,
        provider=provider,
        lot=lot,
        tier=tier,
        ages=tuple(draw(st.lists(st.integers(0, 12), min_size=1, max_size=3))),
        pounds_per_week=Decimal(draw(st.integers(20_000, 200_000))).scaleb(-2),
        agreed_at=datetime.combine(started, datetime.min.time(), UTC) - timedelta(days=2),
        starts_on=started,
        started_on=started,
        ended_on=None if ends is None else started + timedelta(days=ends),
    )


@st.composite
def ledgers(draw: st.DrawFn) -> Known:
    placements = draw(st.lists(stays(), max_size=6, unique_by=lambda each: each.id))
    nights = draw(st.none() | st.fixed_dictionaries({cell: st.integers(0, 50_000) for cell in PRICES}))
    months = {date(2011 + n // 12, n % 12 + 1, 1): Fraction(100 + n, 1) for n in range(draw(st.integers(0, 40)))}
    return Known(
        council=COUNCIL,
        today=FIRST + timedelta(days=draw(st.integers(0, 700))),
        placements=placements,
        prices=prices(),
        bands=BANDS,
        awarded=AWARDS if draw(st.booleans()) else {},
        baseline_period=period(nights) if nights else None,
        index=PriceIndex.of(months),
    )


def add(effects: Iterable[Effects]) -> Effects:
    total = Effects()
    for each in effects:
        total = total + each
    return total


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_effects_add_up_to_what_was_not_spent_at_every_level_to_the_penny(known: Known) -> None:
    every = list(lines(known))
    counted = [line for line in every if line.kind in (LineKind.PLACEMENT, LineKind.BASELINE)]
    levels: list[Callable[[Line], object]] = [
        lambda line: (line.id, line.quarter),
        lambda line: line.id,
        lambda line: line.lot,
        lambda line: line.quarter,
        lambda line: line.provider,
        lambda line: line.tier,
        lambda line: line.council,
    ]
    for level in levels:
        groups: dict[object, list[Line]] = defaultdict(list)
        for line in counted:
            groups[level(line)].append(line)
        for group in groups.values():
            effects = add(line.effects for line in group)
            assert effects.total == effects.volume + effects.mix + effects.rate + effects.tier
            placements = [line for line in group if line.kind is LineKind.PLACEMENT]
            assert effects.like_for_like == sum(line.baseline - line.paid for line in placements)
            if known.baseline_period is not None:
                at_first = sum(line.baseline for line in group if line.kind is LineKind.BASELINE)
                assert effects.total == at_first - sum(line.paid for line in placements)
            else:
                assert effects.total == effects.like_for_like


@settings(max_examples=40, deadline=None)
@given(ledgers())
def test_the_quarters_of_a_stay_add_up_to_the_stay_and_its_nights(known: Known) -> None:
    for each in known.placements:
        assert each.started_on is not None
        own = [line for line in lines(known) if line.id == str(each.id) and line.kind in (LineKind.PLACEMENT, LineKind.LEFT_OUT)]
        nights = max((min(each.ended_on or known.today, known.today) - each.started_on).days, 0)
        assert sum(line.nights for line in own) == nights
        assert each.pounds_per_week is not None
        assert sum(line.paid for line in own) == charged(int(each.pounds_per_week * 100), 0, nights)


@settings(max_examples=40, deadline=None)
@given(ledgers())
def test_each_effect_is_its_definition_worked_out_in_fractions(known: Known) -> None:
    """Night by night, with nothing of the ledger's own code: each effect of a line is within a penny of the exact value for each charge."""
    for line in lines(known):
        if line.kind is not LineKind.PLACEMENT:
            continue
        one = next(each for each in known.placements if str(each.id) == line.id)
        bands = ["any" if one.lot == "parent_child" else "0-4" if age <= 4 else "5-10" for age in one.ages]
        former = sum(Fraction(PRICES[one.lot or "", band]) for band in bands)
        assert one.pounds_per_week is not None
        paid = Fraction(one.pounds_per_week)
        list_of = {("general", "0-4"): (650.17, 699.99), ("general", "5-10"): (750.31, 810.03), ("parent_child", "any"): (1500.05, None)}
        top = sum(Fraction(str(list_of[one.lot or "", band][0])) for band in bands)
        ash = None if one.lot == "parent_child" else sum(Fraction(str(list_of[one.lot or "", band][1])) for band in bands)
        if not known.awarded:
            framework = tier_one = paid
        elif one.in_house:
            framework, tier_one = paid, top
        elif one.provider == f"agency:{OAK}":
            framework = tier_one = top
        else:
            framework, tier_one = paid if ash is None else ash, top
        a_night = {
            "rate_framework": (former - tier_one) / 7,
            "rate_agreed": (framework - paid) / 7,
            "tier": (tier_one - framework) / 7,
        }
        if known.baseline_period is not None:
            cells = {(cell.lot, cell.band): cell.nights for cell in known.baseline_period.cells}
            average = sum(Fraction(PRICES[cell]) * slept for cell, slept in cells.items()) / sum(cells.values())
            a_night |= {"volume": -average * len(bands) / 7, "mix": (average * len(bands) - former) / 7}
        for name, exact in a_night.items():
            assert abs(getattr(line.effects, name) - 100 * exact * line.nights) <= 2, name


def test_a_simple_placement_is_split_as_the_docstring_says() -> None:
    agreed = datetime(2012, 6, 28, tzinfo=UTC)
    second = placement(1, provider=f"agency:{ASH}", price="805.00", started=date(2012, 7, 1), tier=2, agreed=agreed)
    known = Known(COUNCIL, date(2012, 7, 15), [second], prices(), BANDS, AWARDS)
    [line] = [line for line in lines(known) if line.kind is LineKind.PLACEMENT]
    # Two weeks: 798.01 before, 750.31 at tier one, 810.03 on Ash's list, 805.00 agreed.
    assert line.nights == 14
    assert line.effects == Effects(volume=0, mix=0, rate_framework=2 * 4_770, rate_agreed=2 * 503, tier=-2 * 5_972)
    assert (line.baseline, line.paid, line.source) == (2 * 79_801, 2 * 80_500, Source.AWARDED)


def test_own_carers_instead_of_tier_one_is_a_tier_effect_and_not_a_rate_agreed() -> None:
    own = placement(1, provider=f"council:{COUNCIL}", price="408.00", started=date(2012, 7, 1), tier=None, ended=date(2012, 7, 8))
    known = Known(council=COUNCIL, today=date(2012, 9, 1), placements=[own], prices=prices(), bands=BANDS, awarded=AWARDS)
    [line] = list(lines(known))
    assert line.tier == "in-house"
    assert (line.effects.rate_framework, line.effects.rate_agreed, line.effects.tier) == (79_801 - 75_031, 0, 75_031 - 40_800)


def test_a_placement_agreed_before_the_first_list_is_measured_by_it_and_says_so() -> None:
    early = placement(1, provider=f"agency:{OAK}", price="750.31", started=date(2012, 5, 1), agreed=datetime(2012, 4, 20, tzinfo=UTC))
    [line] = list(lines(Known(COUNCIL, date(2012, 5, 8), [early], prices(), BANDS, AWARDS)))
    assert (line.source, line.effects.rate_agreed) == (Source.FIRST_LIST, 0)


def test_volume_and_mix_are_demand_alone_when_as_many_nights_are_slept_at_former_prices() -> None:
    """Seven children of one cell in a year of 364 days, at the former price throughout: nothing was saved."""
    cells = [CellNights(COUNCIL, "general", "5-10", 366 * 7)]
    base = baseline_period(cells, prices(), first=date(2011, 4, 1), last=date(2012, 3, 31))
    same = [placement(n, price="798.01", started=FIRST) for n in range(7)]
    known = Known(COUNCIL, date(2013, 4, 1), same, prices(), BANDS, {}, base)
    total = add(line.effects for line in lines(known))
    assert abs(total.volume) <= 7 * 5
    assert abs(total.mix) <= 7 * 5
    assert (total.rate, total.tier) == (0, 0)


def test_real_terms_name_the_month_that_is_missing_and_guess_nothing() -> None:
    one = placement(1, price="750.00", started=date(2012, 4, 1))
    months = {
        date(2011, 4, 1): Fraction(100),
        date(2012, 4, 1): Fraction(102),
        date(2012, 5, 1): Fraction(103),
        date(2012, 6, 1): Fraction(104),
    }
    known = Known(COUNCIL, date(2012, 7, 15), [one], prices(), BANDS, {}, None, PriceIndex.of(months))
    first, second = sorted((line for line in lines(known)), key=lambda line: line.quarter)
    # 91 nights; the former price raised by 104/100, the paid by 104/103.
    assert first.baseline_real == charged(Fraction(79_801) * 104 / 100, 0, 91)
    assert first.paid_real == round(first.paid * 104 / 103)
    assert (second.baseline_real, second.paid_real, second.index_missing) == (None, None, date(2012, 7, 1))
    without_its_start = Known(
        COUNCIL, date(2012, 6, 1), [one], prices(), BANDS, {}, None, PriceIndex.of({k: v for k, v in months.items() if k.year > 2011})
    )
    [line] = list(lines(without_its_start))
    assert line.index_missing == date(2011, 4, 1)


def test_nights_are_double_paid_only_when_more_places_are_paid_than_children_need() -> None:
    need = {an_id(1): Need(an_id(1), 1), an_id(2): Need(an_id(1), 1)}
    left = placement(1, on=1, started=date(2012, 4, 1), ended=date(2012, 5, 10))
    moved = placement(2, on=2, started=date(2012, 5, 1))
    [overlap] = double_paid([left, moved], need, today=date(2012, 6, 1))
    assert (overlap.placement, overlap.first, overlap.last) == (left.id, date(2012, 5, 1), date(2012, 5, 9))
    siblings = {an_id(1): Need(an_id(1), 2)}
    apart = [placement(n, on=1, started=date(2012, 4, 1)) for n in (1, 2)]
    assert list(double_paid(apart, siblings, today=date(2012, 6, 1))) == []
    third = placement(3, on=1, started=date(2012, 5, 1))
    gone = placement(1, on=1, started=date(2012, 4, 1), ended=date(2012, 5, 3))
    found = list(double_paid([gone, apart[1], third], siblings, today=date(2012, 6, 1)))
    assert [(each.placement, (each.last - each.first).days + 1) for each in found] == [(gone.id, 2)]


def test_a_child_that_grew_older_in_the_earlier_placement_is_still_the_same_child() -> None:
    """Ages are those of the days on which placements were agreed; a brother of another age placed apart is somebody else."""
    left = placement(1, on=1, started=date(2012, 4, 1), ended=date(2015, 5, 10), ages=(7,))
    moved = placement(2, on=1, started=date(2015, 5, 1), ages=(10,))
    brother = placement(3, on=1, started=date(2015, 5, 1), ages=(7,))
    counted = {
        later.id: double_paid_nights(records(placements=(left, later), today=date(2015, 6, 1)), MAY_2015) for later in (moved, brother)
    }
    assert [row.numerator for row in counted[moved.id]] == [9]
    assert counted[brother.id] == ()


def test_a_move_and_double_paid_nights_are_lines_of_the_same_ledger() -> None:
    left = placement(1, on=1, provider=AGENCY, price="700.00", started=date(2012, 6, 25), ended=date(2012, 7, 9))
    moved = placement(2, on=1, price="700.00", started=date(2012, 6, 29), numbers=(2,))
    known = Known(COUNCIL, date(2012, 8, 1), [left, moved], prices(), BANDS, {}, None, None, {an_id(1): Need(an_id(1), 1)})
    twice = sorted((line.quarter, line.nights, line.paid) for line in lines(known) if line.kind is LineKind.DOUBLE_PAID)
    assert twice == [(date(2012, 4, 1), 2, 20_000), (date(2012, 7, 1), 8, 80_000)]
    [move] = [line for line in lines(known) if line.kind is LineKind.MOVE]
    assert (move.id, move.count, move.quarter) == (str(moved.id), 1, date(2012, 4, 1))
