"""What a stay costs by its agreement, held to a count made night by night by somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.agreement import Version
from referrals.domain.agreement_cost import cost, expected_end, week_of
from referrals.domain.agreement_terms import Line, LineKind, LineWhat, terms_broken_rules
from tests.referrals.domain.agreed import ARRIVED, by_the_night, fee, in_force, money, placement, some_lines, some_versions, terms, version
from tests.referrals.domain.records import LAW

OFFERED = Decimal("812.50")
lengths = st.integers(0, 20) | st.integers(40, 110)


def total(versions: list[Version], nights: int, offered: Decimal = OFFERED) -> Decimal:
    return cost(versions, offered, ARRIVED, ARRIVED, ARRIVED + timedelta(nights)).total


@LAW
@given(some_versions(), money, lengths)
def test_a_stay_comes_to_what_a_count_of_its_nights_comes_to(versions: list[Version], offered: Decimal, nights: int) -> None:
    to = ARRIVED + timedelta(nights)
    assert cost(versions, offered, ARRIVED, ARRIVED, to).total == by_the_night(versions, offered, ARRIVED, to)


@LAW
@given(some_versions(), money, lengths)
def test_the_weeks_of_a_stay_add_up_to_the_stay_and_the_lines_to_each_week(versions: list[Version], offered: Decimal, nights: int) -> None:
    to = ARRIVED + timedelta(nights)
    mondays = [week_of(ARRIVED)[0] + timedelta(7 * number) for number in range(nights // 7 + 3)]
    weeks = [cost(versions, offered, ARRIVED, monday, min(following, to)) for monday, following in pairwise(mondays)]
    whole = cost(versions, offered, ARRIVED, ARRIVED, to)
    assert sum(week.total for week in weeks) == whole.total
    assert sum(week.nights for week in weeks) == whole.nights == nights
    for part in (*weeks, whole):
        assert sum((line.pounds for line in part.lines), Decimal(0)) == part.total
        fees = sum(line.nights for line in part.lines if line.line.kind is LineKind.BASE_FEE)
        assert fees == part.nights, "one base fee a night"


@LAW
@given(some_lines(ARRIVED), st.data(), lengths)
def test_a_line_cut_in_two_changes_nothing(lines: tuple[Line, ...], data: st.DataObject, nights: int) -> None:
    place = data.draw(st.integers(0, len(lines) - 1))
    line = lines[place]
    if line.kind is LineKind.ONE_OFF:
        return
    longest = (line.until - line.from_on).days if line.until else 150
    if longest < 2:
        return
    middle = line.from_on + timedelta(data.draw(st.integers(1, longest - 1)))
    cut = (*lines[:place], replace(line, until=middle), replace(line, from_on=middle), *lines[place + 1 :])
    to = ARRIVED + timedelta(nights)
    before, after = (cost([in_force(1, terms(*each))], OFFERED, ARRIVED, ARRIVED, to) for each in (lines, cut))
    assert before.total == after.total

    def of(kind: LineKind, what: LineWhat, found: object) -> Decimal:
        return sum((each.pounds for each in found.lines if (each.line.kind, each.line.what) == (kind, what)), Decimal(0))  # type: ignore[attr-defined]

    for each in lines:
        assert of(each.kind, each.what, before) == of(each.kind, each.what, after)


def test_the_day_of_arrival_counts_and_the_day_of_leaving_does_not() -> None:
    said = [in_force(1, terms(fee("700.00")))]
    assert [total(said, nights) for nights in (0, 1, 7, 8)] == [Decimal(pounds) for pounds in ("0.00", "100.00", "700.00", "800.00")]


def test_sevenths_are_rounded_once_and_not_night_by_night() -> None:
    said = [in_force(1, terms(fee("100.00")))]
    assert total(said, 3) == Decimal("42.86")  # three nights of 14.29 would come to 42.87
    assert total(said, 7) == Decimal("100.00")


def test_a_variation_prices_its_own_nights_and_leaves_those_before_as_they_were() -> None:
    first, second = in_force(1, terms(fee("700.00"))), ARRIVED + timedelta(14)
    after = in_force(2, terms(fee("770.00", second), effective_from=second))
    assert total([first, after], 14) == Decimal("1400.00")
    assert total([first, after], 21) == Decimal("2170.00")
    lines = cost([first, after], OFFERED, ARRIVED, ARRIVED, ARRIVED + timedelta(21)).lines
    assert [(line.version, line.nights, line.pounds) for line in lines] == [(1, 14, Decimal("1400.00")), (2, 7, Decimal("770.00"))]
    unsigned = version(2, after.terms, "council:E06000045")
    assert total([first, unsigned], 21) == Decimal("2100.00"), "a variation one side has signed prices nothing"


def test_a_later_version_from_an_earlier_day_replaces_all_that_it_overlaps() -> None:
    second, third = ARRIVED + timedelta(14), ARRIVED + timedelta(7)
    said = [
        in_force(1, terms(fee("700.00"))),
        in_force(2, terms(fee("1400.00", second), effective_from=second)),
        in_force(3, terms(fee("70.00", third), effective_from=third)),
    ]
    assert total(said, 21) == Decimal("700.00") + Decimal("140.00")


def test_nights_without_a_signed_version_are_charged_as_offered() -> None:
    assert total([], 7) == OFFERED
    begins = ARRIVED + timedelta(7)
    assert total([in_force(1, terms(fee("700.00", begins), effective_from=begins))], 14) == OFFERED + 700


def test_each_line_is_charged_on_its_own_dates_only() -> None:
    lines = (
        fee("700.00"),
        Line(LineKind.ADDITION, LineWhat.THERAPY, ARRIVED + timedelta(2), ARRIVED + timedelta(4), pounds_per_week=Decimal("70.00")),
        Line(LineKind.DISCOUNT, LineWhat.SIBLING, ARRIVED + timedelta(5), per_cent=Decimal(10)),
        Line(LineKind.ONE_OFF, LineWhat.CLOTHING, ARRIVED + timedelta(6), pounds=Decimal("99.99")),
    )
    whole = cost([in_force(1, terms(*lines))], OFFERED, ARRIVED, ARRIVED, ARRIVED + timedelta(7))
    assert [(line.line.kind, line.nights, line.pounds) for line in whole.lines] == [
        ("base_fee", 7, Decimal("700.00")), ("addition", 2, Decimal("20.00")), ("one_off", 1, Decimal("99.99")),
        ("discount", 2, Decimal("-20.00")),
    ]  # fmt: skip
    assert whole.total == Decimal("799.99")
    assert total([in_force(1, terms(*lines))], 6) == Decimal("610.00"), "a one-off is charged with the night of its day and not before"


@LAW
@given(some_lines(ARRIVED), lengths)
def test_terms_that_keep_the_rules_never_take_a_night_below_nothing(lines: tuple[Line, ...], nights: int) -> None:
    said = terms(*lines)
    if not terms_broken_rules(said, placement()):
        night = ARRIVED + timedelta(nights)
        assert cost([in_force(1, said)], OFFERED, ARRIVED, night, night + timedelta(1)).total >= 0


def test_the_stay_ends_when_the_child_left_else_with_notice_else_as_agreed() -> None:
    end = date(2026, 9, 1)
    said = [in_force(1, terms(expected_end_on=end)), version(2, terms(expected_end_on=date(2027, 1, 1)))]
    assert expected_end(said, None, None) == end
    assert expected_end(said, date(2026, 5, 1), None) == date(2026, 5, 1)
    assert expected_end([], None, None) is None
