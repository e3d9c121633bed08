"""Episodes are cut from periods, legal statuses and placements: laws, and the cases that every officer knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.domain.episodes import CarePeriod, GapRule, StatusFrom, Stay, TimeInCare, derive, in_year, whole_year
from referrals.domain.ssda903 import year_end, year_start
from tests.referrals.returns.histories import TimeOfChild, times

BEGAN, MOVED, LEFT = date(2025, 5, 1), date(2025, 8, 1), date(2025, 12, 1)
HOME = ((BEGAN, "SO16 9GQ"),)
PERIOD = CarePeriod(BEGAN, "N1", homes=HOME)
C1 = StatusFrom(BEGAN, "C1")
FIRST = Stay(BEGAN, "U6", MOVED, "PR4", "SC900001", "SO14 7LY", "CREQB")
SECOND = Stay(MOVED, "U4", None, "PR5", "SC900002", "RG1 1AA")


def made(time: TimeOfChild) -> TimeInCare:
    return derive(time.periods, time.statuses, time.stays)


def only_moves_not_shown(time: TimeInCare) -> bool:
    return {gap.rule for gap in time.gaps} <= {GapRule.MOVE_NOT_SHOWN}


@given(times())
def test_episodes_tile_each_period_without_gap_or_overlap(time: TimeOfChild) -> None:
    result = made(time)
    assert only_moves_not_shown(result)
    for period in time.periods:
        rows = [row for row in result.episodes if row.decom >= period.began_on and (not period.ended_on or row.decom < period.ended_on)]
        assert rows[0].decom == period.began_on
        assert all(before.dec == after.decom for before, after in pairwise(rows))
        assert (rows[-1].dec, rows[-1].rec) == (period.ended_on, period.ending_reason)
        assert [row.rec for row in rows[:-1]] == ["X1"] * (len(rows) - 1)
        assert [row.rne == "S" for row in rows] == [True] + [False] * (len(rows) - 1)


@given(times())
def test_the_reason_for_a_new_episode_is_what_its_row_shows(time: TimeOfChild) -> None:
    result = made(time)
    unshown = {gap.on for gap in result.gaps}
    for before, after in pairwise(result.episodes):
        if after.rne == "S":
            continue
        status = before.ls != after.ls
        place = (before.place, before.place_provider, before.pl_post, before.urn) != (
            after.place,
            after.place_provider,
            after.pl_post,
            after.urn,
        )
        assert status == (after.rne in "LBU")
        assert place == (after.rne in "PTBU") or after.decom in unshown
        assert (before.reason_place_change is not None) == (after.rne in "PTBU")
        assert before.cin == after.cin


@given(times(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_recorded_changes_nothing(time: TimeOfChild, order: object) -> None:
    statuses, stays = list(time.statuses), list(time.stays)
    order.shuffle(statuses)  # type: ignore[attr-defined]
    order.shuffle(stays)  # type: ignore[attr-defined]
    assert derive(reversed(time.periods), statuses, stays) == made(time)


@given(times(), st.integers(2023, 2027))
def test_a_year_holds_each_episode_open_in_it_as_it_stood_on_31_march(time: TimeOfChild, year: int) -> None:
    whole, cut = made(time), in_year(made(time), year)
    first, last = year_start(year), year_end(year)
    assert [row.decom for row in cut.episodes] == [
        row.decom for row in whole.episodes if row.decom <= last and (row.dec is None or row.dec >= first)
    ]
    for row in cut.episodes:
        assert row.dec is None or row.dec <= last
        assert (row.dec is None) == (row.rec is None)
        assert row.dec is not None or row.reason_place_change is None


@given(times(), st.data())
def test_a_placement_taken_away_leaves_a_gap_and_never_a_row_made_up(time: TimeOfChild, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(time.stays))
    result = derive(time.periods, time.statuses, [stay for stay in time.stays if stay is not lost])
    assert any(gap.rule is GapRule.NO_PLACEMENT and gap.on == lost.began_on for gap in result.gaps)
    assert not [row for row in result.episodes if row.decom <= lost.began_on and (row.dec is None or row.dec > lost.began_on)]


@settings(max_examples=50)
@given(times(most_periods=1), st.integers(1, 300), st.integers(1, 10))
def test_a_temporary_place_cuts_the_placement_it_lies_in_and_the_child_comes_back_to_it(
    time: TimeOfChild, after_days: int, for_days: int
) -> None:
    home = next(stay for stay in time.stays if stay.began_on == time.periods[0].began_on)
    began = home.began_on + timedelta(after_days)
    ended = began + timedelta(for_days)
    if home.ended_on is not None and home.ended_on <= ended:
        return
    away = Stay(began, "T1", ended, postcode="SO16 6YD")
    result = derive(time.periods, time.statuses, [*time.stays, away])
    assert only_moves_not_shown(result)
    days = {row.decom: row for row in result.episodes}
    assert (days[began].place, days[began].place_provider, days[began].urn) == ("T1", None, None)
    assert (days[ended].place, days[ended].pl_post) == (home.place, home.postcode)
    assert days[ended].rne in ("P", "B")
    assert not [row for row in result.episodes if row.place == "T1" and row.reason_place_change]


def test_a_move_alone_is_p_and_with_the_same_carer_t() -> None:
    carer = uuid4()
    for same, rne in ((False, "P"), (True, "T")):
        second = replace(SECOND, same_carer=same)
        rows = derive([PERIOD], [C1], [FIRST, second]).episodes
        assert [(row.rne, row.rec, row.reason_place_change) for row in rows] == [("S", "X1", "CREQB"), (rne, None, None)]
    known = derive([PERIOD], [C1], [replace(FIRST, carer=carer), replace(SECOND, carer=carer)])
    assert known.episodes[1].rne == "T"


def test_a_legal_status_that_changes_on_the_day_of_a_move_is_b_or_u_and_on_another_day_l() -> None:
    assert [row.rne for row in derive([PERIOD], [C1, StatusFrom(MOVED, "C2")], [FIRST, SECOND]).episodes] == ["S", "B"]
    same = replace(SECOND, same_carer=True)
    assert [row.rne for row in derive([PERIOD], [C1, StatusFrom(MOVED, "C2")], [FIRST, same]).episodes] == ["S", "U"]
    later = StatusFrom(MOVED + timedelta(9), "C2")
    assert [row.rne for row in derive([PERIOD], [C1, later], [FIRST, SECOND]).episodes] == ["S", "P", "L"]


def test_the_same_legal_status_recorded_again_makes_no_episode() -> None:
    assert len(derive([PERIOD], [C1, StatusFrom(MOVED + timedelta(9), "C1")], [FIRST, SECOND]).episodes) == 2


def test_everything_missing_is_named_at_once() -> None:
    bare = derive(
        [replace(PERIOD, homes=())], [C1], [replace(FIRST, urn=None, postcode=None, change_reason=None, place_provider=None), SECOND]
    )
    assert {gap.rule for gap in bare.gaps} == {
        GapRule.NO_URN, GapRule.NO_PLACEMENT_POSTCODE, GapRule.NO_HOME_POSTCODE, GapRule.NO_CHANGE_REASON, GapRule.NO_PROVIDER,
    }  # fmt: skip
    assert len(bare.episodes) == 2


def test_two_placements_at_once_a_missing_status_and_a_placement_outside_care_make_no_rows() -> None:
    both = derive([PERIOD], [C1], [replace(FIRST, ended_on=None), SECOND])
    assert (both.episodes, both.gaps[0].rule) == ((), GapRule.TWO_PLACEMENTS)
    late = derive([PERIOD], [StatusFrom(MOVED, "C1")], [FIRST, SECOND])
    assert (late.episodes, late.gaps[0].rule) == ((), GapRule.NO_LEGAL_STATUS)
    assert derive([], [], [SECOND]).gaps[0].rule is GapRule.PLACEMENT_OUTSIDE_CARE
    left = derive([replace(PERIOD, ended_on=LEFT, ending_reason="E4A")], [C1], [FIRST, SECOND])
    assert (left.episodes, left.gaps[0].rule, left.gaps[0].on) == ((), GapRule.PLACEMENT_OUTSIDE_CARE, LEFT)


def test_short_breaks_show_no_postcode_and_no_ofsted_number_and_are_no_whole_year() -> None:
    since = replace(PERIOD, began_on=date(2024, 1, 1))
    rows = derive([since], [StatusFrom(since.began_on, "V4")], [replace(FIRST, began_on=since.began_on, ended_on=None)])
    assert (rows.episodes[0].home_post, rows.episodes[0].pl_post, rows.episodes[0].urn) == (None, None, None)
    assert not rows.gaps
    assert not whole_year(rows, 2026)


def test_a_whole_year_is_one_without_coming_into_care_or_leaving_it() -> None:
    def year_of(began: date, ended: date | None) -> bool:
        period = replace(PERIOD, began_on=began, ended_on=ended, ending_reason="E4A" if ended else None)
        return whole_year(derive([period], [StatusFrom(began, "C2")], [replace(FIRST, began_on=began, ended_on=ended)]), 2026)

    assert year_of(date(2024, 1, 1), None)
    assert year_of(date(2025, 4, 1), date(2026, 3, 31))
    assert not year_of(date(2025, 4, 2), None)
    assert not year_of(date(2024, 1, 1), date(2026, 3, 30))
