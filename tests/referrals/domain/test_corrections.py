"""Whatever corrections are accepted, in whatever order, the record never contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.care import Review, holding
from referrals.domain.corrections import (
    Recorded,
    moved_homes,
    period_correction_broken_rules,
    review_correction_broken_rules,
    status_correction_broken_rules,
    statuses_in,
)
from referrals.domain.episodes import CarePeriod, StatusFrom, Stay, derive
from tests.referrals.domain.records import LAW

BORN, TODAY = date(2014, 5, 5), date(2026, 11, 22)
FIRST = date(2025, 4, 10)
SECOND = FIRST + timedelta(100)


def day(number: int) -> date:
    return FIRST + timedelta(number)


def a_record() -> Recorded:
    """Two times in care, each with a placement, two legal statuses and reviews."""
    return Recorded(
        born=BORN,
        periods=[CarePeriod(FIRST, "N1", day(60), "E4A"), CarePeriod(SECOND, "N1")],
        statuses=[StatusFrom(FIRST, "C1"), StatusFrom(day(20), "C2"), StatusFrom(SECOND, "C1"), StatusFrom(day(130), "E1")],
        reviews=[Review(day(18), "PN1"), Review(day(55), "PN2"), Review(day(120), "PN1")],
        stays=[Stay(FIRST, "U6", day(60)), Stay(SECOND, "U6")],
    )


def contradictions(record: Recorded) -> list[str]:
    """What a record must never say, looked for by somebody who knows nothing of the corrections' rules."""
    found = []
    periods = sorted(record.periods, key=lambda period: period.began_on)
    for before, after in pairwise(periods):
        if before.ended_on is None or before.ended_on >= after.began_on:
            found.append("two times in care at once")
    for period in periods:
        if (period.ended_on is None) != (period.ending_reason is None) or (period.ended_on or period.began_on) < period.began_on:
            found.append("an ending without its reason, or before the beginning")
        if not any(status.from_on == period.began_on for status in record.statuses):
            found.append("care that begins without a legal status")
        if not BORN <= period.began_on <= TODAY or (period.ended_on or TODAY) > TODAY:
            found.append("care before birth or to come")
    for days, what in (
        ([status.from_on for status in record.statuses], "legal status"),
        ([review.held_on for review in record.reviews], "review"),
    ):
        found += [f"a {what} outside care" for each in days if holding(periods, each) is None]
        found += [f"two of a {what} on a day"] * (len(days) - len(set(days)))
    for stay in record.stays:
        if holding(periods, stay.began_on) is None:
            found.append("a placement that began outside care")
    return found


def put(values: Any, wrong: Any, right: Any) -> list[Any]:
    return [each for each in values if each != wrong] + ([right] if right is not None else [])


@st.composite
def corrections(draw: st.DrawFn) -> list[tuple[str, int, Any]]:
    """Corrections of any record into anything near by."""
    found: list[tuple[str, int, Any]] = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["status", "review", "period", "period"]))
        moved = st.integers(-40, 160)
        change: Any = None
        if draw(st.integers(0, 4)):
            change = (draw(moved), draw(moved | st.none()), draw(st.sampled_from(["C1", "C2", "E1", "Q9"])))
        found.append((kind, draw(st.integers(0, 3)), change))
    return found


@LAW
@given(corrections(), st.booleans())
def test_no_correction_that_is_accepted_makes_the_record_contradict_itself(asked: list[tuple[str, int, Any]], placed: bool) -> None:
    record = a_record() if placed else replace(a_record(), stays=[])  # placements alone would refuse much that other rules must
    assert contradictions(record) == []
    for kind, place, change in asked:
        values: Any = {"status": record.statuses, "review": record.reviews, "period": record.periods}[kind]
        if not values:
            continue
        wrong = values[place % len(values)]
        after = _asked(record, kind, wrong, change)
        if after is not None:
            record = after
            assert contradictions(record) == []
    derive(record.periods, record.statuses, record.stays)


def _asked(record: Recorded, kind: str, wrong: Any, change: Any) -> Recorded | None:
    """The record after the correction; None when it was refused."""
    if kind == "status":
        right = None if change is None else StatusFrom(day(change[0]), change[2])
        if status_correction_broken_rules(record.periods, record.statuses, wrong, right, TODAY):
            return None
        return replace(record, statuses=put(record.statuses, wrong, right))
    if kind == "review":
        held = None if change is None else Review(day(change[0]), "PN3")
        if review_correction_broken_rules(record.periods, record.reviews, wrong, held, BORN, TODAY):
            return None
        return replace(record, reviews=put(record.reviews, wrong, held))
    if change is None:
        if period_correction_broken_rules(record, wrong, None, TODAY):
            return None
        gone = statuses_in(wrong, record.statuses)
        return replace(record, periods=put(record.periods, wrong, None), statuses=[each for each in record.statuses if each not in gone])
    ended = None if change[1] is None else day(change[1])
    right_period = replace(wrong, began_on=day(change[0]), ended_on=ended, ending_reason="E4A" if ended else None)
    if period_correction_broken_rules(record, wrong, right_period, TODAY):
        return None
    first = statuses_in(wrong, record.statuses)[0]
    moved = put(record.statuses, first, replace(first, from_on=right_period.began_on))
    return replace(record, periods=put(record.periods, wrong, right_period), statuses=moved)


def test_a_correction_that_keeps_to_the_rules_is_accepted() -> None:
    """So that the law above does not hold because everything is refused."""
    record = a_record()
    wrong = record.periods[0]
    for right in (replace(wrong, began_on=day(-5)), replace(wrong, ended_on=day(70)), replace(wrong, category_of_need="N2")):
        assert period_correction_broken_rules(record, wrong, right, TODAY) == ()
    assert status_correction_broken_rules(record.periods, record.statuses, record.statuses[1], None, TODAY) == ()
    assert status_correction_broken_rules(record.periods, record.statuses, record.statuses[1], StatusFrom(day(25), "E1"), TODAY) == ()
    assert review_correction_broken_rules(record.periods, record.reviews, record.reviews[0], Review(day(19), "PN1"), BORN, TODAY) == ()


def test_what_would_lie_outside_a_time_in_care_is_named_to_be_corrected_first() -> None:
    record = replace(a_record(), stays=[])
    lasting = record.periods[1]

    def rules(**changes: Any) -> set[str]:
        return {reason.rule for reason in period_correction_broken_rules(record, lasting, replace(lasting, **changes), TODAY)}

    assert rules(ended_on=day(124), ending_reason="E4A") == {"statuses_inside"}
    assert rules(ended_on=day(131), ending_reason="E4A") == set()
    assert rules(ended_on=day(110), ending_reason="E4A") == {"statuses_inside", "reviews_inside"}
    assert rules(began_on=day(130)) == {"statuses_inside", "reviews_inside"}


def test_the_home_of_the_first_day_moves_with_it_and_later_homes_stay() -> None:
    homes = ((FIRST, "SO14 7LY"), (day(30), "SO16 9GQ"))
    assert moved_homes(homes, FIRST, day(-5)) == ((day(-5), "SO14 7LY"), (day(30), "SO16 9GQ"))
    assert moved_homes(homes, FIRST, day(5))[0] == (day(5), "SO14 7LY")
    assert moved_homes((), FIRST, day(5)) == ()
