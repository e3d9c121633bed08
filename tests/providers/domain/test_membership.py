"""When a further council may join, to the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.domain.membership import (
    Council,
    closed_period,
    establishing_faults,
    joining_faults,
    lead_role_faults,
    opens_again_on,
)

ESTABLISHED = date(2012, 4, 1)
TWELFTH = Council("E06000046", "Isle of Wight", date(2011, 12, 1))


def rules(council: Council, *, today: date, recorded: Council | None = None, established: tuple[date, ...] = (ESTABLISHED,)) -> list[str]:
    """The rules this council breaks."""
    return [str(fault.rule) for fault in joining_faults(council, recorded=recorded, established=established, today=today)]


@pytest.mark.parametrize(
    ("today", "broken"),
    [
        (date(2012, 3, 31), []),
        (date(2012, 4, 1), ["closed_to_new_councils"]),
        (date(2015, 3, 31), ["closed_to_new_councils"]),
        (date(2015, 4, 1), []),
        (date(2026, 11, 22), []),
    ],
)
def test_a_further_council_waits_until_the_model_has_run_three_years(today: date, broken: list[str]) -> None:
    assert rules(TWELFTH, today=today) == broken


def test_the_refusal_names_the_day_on_which_it_lifts() -> None:
    [fault] = joining_faults(TWELFTH, recorded=None, established=[ESTABLISHED], today=date(2013, 1, 1))
    assert "1 April 2015" in fault.message


def test_a_date_within_the_closed_years_is_no_joining_date_even_when_recorded_later() -> None:
    late = Council("E06000046", "Isle of Wight", date(2014, 6, 1))
    assert rules(late, today=date(2026, 1, 1)) == ["joins_while_closed"]
    assert rules(late, today=date(2013, 1, 1)) == ["closed_to_new_councils", "joins_while_closed"]


def test_a_model_established_on_a_leap_day_opens_on_the_first_of_march() -> None:
    assert opens_again_on(date(2024, 2, 29)) == date(2027, 3, 1)
    assert opens_again_on(date(2024, 2, 28)) == date(2027, 2, 28)


@given(st.dates(date(1990, 1, 1), date(2150, 1, 1)))
def test_three_whole_years_have_passed_on_the_day_it_opens_and_not_the_day_before(first: date) -> None:
    opens = opens_again_on(first)
    assert (opens.year - first.year, (opens.month, opens.day) >= (first.month, first.day)) == (3, True)
    before = opens - timedelta(days=1)
    assert (before.year - first.year) < 3 or (before.month, before.day) < (first.month, first.day)


def test_while_no_framework_is_set_out_any_number_may_join() -> None:
    assert rules(TWELFTH, today=date(2013, 1, 1), established=()) == []
    assert closed_period(()) is None


def test_a_member_may_always_be_renamed_but_not_moved_into_the_closed_years() -> None:
    renamed = Council(TWELFTH.ons_code, "Isle of Wight Council", TWELFTH.joined_on, ("communication",))
    assert rules(renamed, recorded=TWELFTH, today=date(2013, 1, 1)) == []
    moved = Council(TWELFTH.ons_code, TWELFTH.name, date(2013, 1, 1))
    assert rules(moved, recorded=TWELFTH, today=date(2013, 1, 1)) == ["joins_while_closed"]


def test_a_successor_framework_does_not_close_the_consortium_anew() -> None:
    assert rules(TWELFTH, today=date(2017, 1, 1), established=(ESTABLISHED, date(2016, 4, 1))) == []


def test_a_first_day_that_would_make_a_member_a_late_joiner_is_refused_for_each_such_member() -> None:
    late = Council("E06000037", "West Berkshire", date(2012, 9, 1))
    [fault] = establishing_faults([ESTABLISHED], members=[TWELFTH, late])
    assert fault.message.startswith("West Berkshire joined on 1 September 2012")


def test_each_lead_role_is_held_by_one_council() -> None:
    holder = Council("E06000045", "Southampton", date(2010, 1, 1), ("procurement",))
    wanting = Council("E10000014", "Hampshire", date(2010, 1, 1), ("procurement", "specification", "specification"))
    faults = lead_role_faults(wanting, led_by={"procurement": holder})
    assert [(fault.field, str(fault.rule)) for fault in faults] == [
        ("lead_roles.0", "role_led_by_another"),
        ("lead_roles.2", "role_twice"),
    ]
    assert lead_role_faults(holder, led_by={"procurement": holder}) == ()
