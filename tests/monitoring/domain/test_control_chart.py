"""XmR charts: limits by their law, rules found exactly as somebody counting by hand would find them."""

from __future__ import annotations

import itertools
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.control_chart import FEWEST, Limits, Phase, Point, limits_of, moving_ranges, phases
from monitoring.domain.definition import Direction
from monitoring.domain.special_cause import Reading, Rule, Rules, Signal, Way, in_words, one_in, reading_of, signals
from tests.monitoring.false_alarms import a_year, normal


def month(place: int) -> date:
    return date(2012 + place // 12, 1 + place % 12, 1)


def chart(*values: int | None) -> tuple[Point, ...]:
    return tuple(Point(month(place), None if value is None else Fraction(value)) for place, value in enumerate(values))


ANY_VALUES = st.lists(st.one_of(st.none(), st.integers(-30, 30), st.integers(-30, 30), st.integers(-30, 30)), min_size=9, max_size=40)
FEW_VALUES = st.lists(st.integers(-4, 5).map(lambda value: None if value == 5 else value), min_size=6, max_size=30)
"""Few different ones, so that ties, points on the mean and long runs come often."""


@given(ANY_VALUES, st.integers(FEWEST, 20))
def test_limits_are_the_mean_and_2_66_mean_moving_ranges_of_the_first_points_alone(values: list[int | None], span: int) -> None:
    found = limits_of(chart(*values), span=span)
    known = [(place, value) for place, value in enumerate(values) if value is not None][:span]
    steps = [abs(b - a) for (p, a), (q, b) in itertools.pairwise(known) if q == p + 1]
    if len(known) < span or not steps:
        assert found is None
        return
    assert found is not None
    assert found.centre * span == sum(value for _, value in known)
    assert found.mean_range * len(steps) == sum(steps)
    assert found.upper - found.centre == found.centre - found.lower == Fraction("2.66") * found.mean_range
    assert found.range_upper == Fraction("3.268") * found.mean_range
    assert (found.first, found.last, found.points) == (month(known[0][0]), month(known[-1][0]), span)


@given(ANY_VALUES, st.integers(-5, 5).filter(bool), st.integers(-100, 100))
def test_another_unit_or_zero_moves_the_limits_with_the_figure(values: list[int | None], scale: int, shift: int) -> None:
    before = limits_of(chart(*values))
    after = limits_of(chart(*(None if value is None else value * scale + shift for value in values)))
    if before is None or after is None:
        assert before is after is None
        return
    assert after.centre == before.centre * scale + shift
    assert after.mean_range == before.mean_range * abs(scale)


def test_points_after_the_span_never_move_the_limits() -> None:
    quiet = [10, 12] * 6
    assert limits_of(chart(*quiet)) == limits_of(chart(*quiet, 500, 600, None, 700))


def test_a_month_without_records_is_a_gap_that_no_moving_range_reaches_over() -> None:
    assert moving_ranges(chart(3, None, 9, 4)) == (None, None, None, Fraction(5))


def by_hand(points: tuple[Point, ...], limits: Limits, rules: Rules) -> dict[tuple[Rule, Way], set[date]]:
    """Which months each rule marks, looked at window by window: another way than the chart's own."""
    marked: dict[tuple[Rule, Way], set[date]] = {(rule, way): set() for rule in Rule for way in Way}

    def mark(rule: Rule, way: Way, window: tuple[Point, ...]) -> None:
        marked[rule, way] |= {point.month for point in window}

    for size in (1, 3, rules.run, rules.trend):
        for begins in range(len(points) - size + 1):
            window = points[begins : begins + size]
            values = [point.value for point in window if point.value is not None]
            if len(values) < size:
                continue
            for way, sign in ((Way.UP, 1), (Way.DOWN, -1)):
                above = [sign * (value - limits.centre) for value in values]
                reach = Fraction("2.66") * limits.mean_range
                if size == 1 and above[0] > reach:
                    mark(Rule.OUTSIDE, way, window)
                if size == 3 and sum(each >= reach * 2 / 3 for each in above) >= 2:
                    mark(Rule.TWO_OF_THREE, way, tuple(p for p, a in zip(window, above, strict=True) if a >= reach * 2 / 3))
                if size == rules.run and min(above) > 0:
                    mark(Rule.RUN, way, window)
                if size == rules.trend and all(a < b for a, b in itertools.pairwise(above)):
                    mark(Rule.TREND, way, window)
    return marked


@pytest.mark.parametrize("rules", [Rules(), Rules(run=8, trend=6)])
@given(values=FEW_VALUES, centre=st.integers(-8, 8), mean_range=st.integers(1, 6))
def test_each_rule_marks_exactly_the_months_that_a_count_by_hand_marks(
    rules: Rules, values: list[int | None], centre: int, mean_range: int
) -> None:
    points = chart(*values)
    limits = Limits(Fraction(centre, 4), Fraction(mean_range, 4), month(0), month(11), 12)
    found = signals(Phase(points, limits), rules)
    for (rule, way), expected in by_hand(points, limits, rules).items():
        theirs = [each for each in found if (each.rule, each.way) == (rule, way)]
        covered = {p.month for each in theirs for p in points if each.first <= p.month <= each.last}
        if rule is Rule.TWO_OF_THREE:
            covered = {m for m in covered if m in expected}  # a signal may reach over the third point
            assert {each.first for each in theirs} | {each.last for each in theirs} <= expected
        assert covered == expected, rule
        assert len({each.first for each in theirs}) == len(theirs)


def test_a_run_and_a_trend_are_signals_from_the_very_point_the_rules_name() -> None:
    limits = Limits(Fraction(0), Fraction(100), month(0), month(11), 12)
    for rules in (Rules(7, 7), Rules(8, 6)):
        for rule, least, values in ((Rule.RUN, rules.run, [1, 2] * 9), (Rule.TREND, rules.trend, list(range(-9, 9)))):
            for length in (least - 1, least):
                found = [each for each in signals(Phase(chart(*values[:length]), limits), rules) if each.rule is rule]
                assert len(found) == (length == least), (rule, length)


def test_the_limits_of_a_worked_example() -> None:
    found = limits_of(chart(*[10, 14] * 6))
    assert found is not None
    assert (found.centre, found.mean_range, found.upper, found.lower) == (12, 4, Fraction("22.64"), Fraction("1.36"))
    assert found.range_upper == Fraction("13.072")


def test_the_same_run_one_month_longer_is_the_same_signal() -> None:
    base = [10, 12] * 6
    for length in (7, 8, 12):
        (phase,) = phases(chart(*base, *[12] * length))
        (run,) = [each for each in signals(phase) if each.rule is Rule.RUN]
        assert (run.first, run.way) == (month(11), Way.UP)
        assert run.points == length + 1


def test_with_eleven_months_there_is_no_limit_and_no_alarm_whatever_the_figures() -> None:
    (phase,) = phases(chart(*range(0, 110, 10)))
    assert phase.limits is None
    assert phase.why == "Too few points to tell: limits need 12 months with records, and there are 11."
    assert signals(phase) == ()


def test_months_that_are_all_alike_tell_nothing_of_ordinary_variation() -> None:
    (phase,) = phases(chart(*[0] * 12, 1))
    assert phase.limits is None
    assert signals(phase) == ()


def test_limits_are_recalculated_only_from_a_decided_month_on_and_from_its_own_points() -> None:
    points = chart(*[10, 12] * 6, *[50, 54] * 6)
    (only,) = phases(points)
    assert only.limits is not None
    assert only.limits.centre == 11
    before, after = phases(points, recalculated_from=[month(12)])
    assert before.limits is not None
    assert after.limits is not None
    assert (before.limits.centre, after.limits.centre) == (11, 52)
    assert not signals(after)
    _, too_short = phases(points, recalculated_from=[month(15)])
    assert too_short.limits is None


def test_a_gap_ends_a_run_and_a_trend() -> None:
    base = [10, 12] * 6
    (phase,) = phases(chart(*base, *[12] * 3, None, *[12] * 5))
    assert not [each for each in signals(phase) if each.rule is Rule.RUN]
    (phase,) = phases(chart(*base, 9, 10, 11, None, 12, 13, 14, 15))
    assert not [each for each in signals(phase) if each.rule is Rule.TREND]


@pytest.mark.parametrize(
    ("way", "direction", "reading"),
    [
        (Way.UP, Direction.HIGHER, Reading.IMPROVEMENT),
        (Way.DOWN, Direction.HIGHER, Reading.CONCERN),
        (Way.UP, Direction.LOWER, Reading.CONCERN),
        (Way.DOWN, Direction.LOWER, Reading.IMPROVEMENT),
        (Way.UP, Direction.NEITHER, Reading.CHANGE),
    ],
)
def test_what_a_signal_means_is_said_by_which_way_is_better(way: Way, direction: Direction, reading: Reading) -> None:
    assert reading_of(way, direction) is reading


def test_how_unlikely_a_signal_is_is_said_in_words_and_as_approximate_where_it_is() -> None:
    run = Signal(Rule.RUN, Way.DOWN, month(0), month(6), 7, 2 * Fraction(1, 2) ** 7)
    assert (
        in_words(run, Reading.CONCERN) == "Concern: a run of 7 points below the mean. Without a change this happens about once in 64 times."
    )
    outside = Signal(Rule.OUTSIDE, Way.UP, month(0), month(0), 1, Fraction(27, 10_000))
    assert "once in 370 times (approximately, from the normal distribution)" in in_words(outside, Reading.IMPROVEMENT)
    assert one_in(Fraction(2, 5040)) == "once in 2,500 times"


def test_a_share_over_fewer_than_twenty_records_is_named_as_small() -> None:
    assert Point(month(0), Fraction(50), Fraction(19)).small
    assert not Point(month(0), Fraction(50), Fraction(20)).small
    assert not Point(month(0), Fraction(5)).small


def test_the_false_alarms_that_the_documents_state_are_those_of_the_code_that_runs() -> None:
    """A smaller run of the same simulation; within four standard errors of what docs/trends.md says."""
    (row,) = [line for line in Path("docs/trends.md").read_text().splitlines() if line.startswith("| normal | 12 |")]
    outside, run, _, trend, two = (float(cell) for cell in row.split("|")[3:8])
    found = a_year(normal, 12, Rules(), series=200, seed=3)
    for stated, rule in ((outside, Rule.OUTSIDE), (run, Rule.RUN), (trend, Rule.TREND), (two, Rule.TWO_OF_THREE)):
        assert abs(found[rule] - stated) <= 4 * (max(stated, 0.02) / 400) ** 0.5, rule
