"""The stability watch: each sign shown by what is recorded, none by what is not, always with the records behind it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.agreement import Notice, NoticeReason
from referrals.domain.agreement_due import due
from referrals.domain.placement_events import (
    ComplaintBy,
    EventKind,
    PlacementEvent,
    closing_broken_rules,
    event_broken_rules,
    shared_unless_said,
)
from referrals.domain.placement_rules import PlacementRules
from referrals.domain.review_dates import DueReview, ReviewState
from referrals.domain.stability import Done, Facts, Flag, Look, Sign, flags, new_since, place_in_list
from tests.referrals.domain.agreed import AGENCY, ARRIVED, AT, COUNCIL, ID, placement
from tests.referrals.domain.records import LAW

TODAY = date(2026, 11, 22)
RULES = PlacementRules()
MISSING, COMPLAINT, ALLEGATION = EventKind.MISSING_EPISODE, EventKind.COMPLAINT, EventKind.ALLEGATION


def event(kind: EventKind, days_ago: int, number: int = 1, until: int | None = None, **changes: object) -> PlacementEvent:
    one = PlacementEvent(UUID(int=number), ID, kind, TODAY - timedelta(days_ago), COUNCIL, "somebody", AT)
    back = None if until is None else TODAY - timedelta(until)
    by = ComplaintBy.CHILD if kind is COMPLAINT else None
    return replace(one, until=back, complaint_by=by, **changes)  # type: ignore[arg-type]


def missed(*days: date) -> list[DueReview]:
    return [DueReview(number, day, ReviewState.MISSED) for number, day in enumerate(days, start=1)]


def facts(**changes: object) -> Facts:
    return replace(Facts(started_on=date(2026, 8, 1)), **changes)  # type: ignore[arg-type]


def signs(**changes: object) -> list[Sign]:
    return [flag.sign for flag in flags(facts(**changes), RULES, TODAY)]


NOTICE = Notice(UUID(int=9), AGENCY, date(2026, 11, 1), date(2026, 11, 29), NoticeReason.CARER_CANNOT_GO_ON, "somebody", AT)
SPRING, SUMMER = date(2026, 3, 1), date(2026, 6, 1)


def test_a_placement_of_which_nothing_is_recorded_is_not_flagged() -> None:
    assert signs() == []


def test_two_reviews_missed_in_a_row_flag_it_and_one_does_not() -> None:
    assert signs(reviews_missed=[missed(SPRING)]) == []
    [flag] = flags(facts(reviews_missed=[missed(), missed(SPRING, SUMMER)]), RULES, TODAY)
    assert (flag.sign, flag.child_number, flag.since) == (Sign.REVIEWS_MISSED, 2, SUMMER)
    assert flag.words == "2 reviews in a row were not held: they were due on 1 March 2026, 1 June 2026."
    assert [(record.kind, record.on) for record in flag.records] == [("review_due", SPRING), ("review_due", SUMMER)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event(MISSING, 5, 1, 4), event(MISSING, 9, 2, 8)], []),
        ([event(MISSING, 5, 1, 4), event(MISSING, 9, 2, 8), event(MISSING, 80, 3, 79)], [Sign.MISSING_EPISODES]),
        ([event(MISSING, 5, 1, 4), event(MISSING, 9, 2, 8), event(MISSING, 91, 3, 90)], []),  # ended before the 90 days
        ([event(MISSING, 5, 1, 4), event(MISSING, 9, 2, 8), event(MISSING, 95, 3, 89)], [Sign.MISSING_EPISODES]),  # reached into them
        ([event(MISSING, 5, 1, 4), event(MISSING, 9, 2, 8), event(MISSING, 7, 3, 6, retracted_at=AT)], []),
        ([event(MISSING, 200)], [Sign.MISSING_NOW]),
        ([event(COMPLAINT, 3)], []),
        ([event(COMPLAINT, 3), event(COMPLAINT, 89, 2)], [Sign.COMPLAINTS]),
        ([event(COMPLAINT, 3), event(COMPLAINT, 90, 2)], []),
        ([event(COMPLAINT, 3), event(COMPLAINT, 4, 2, retracted_at=AT)], []),
        ([event(ALLEGATION, 89)], [Sign.ALLEGATION]),
        ([event(ALLEGATION, 90)], []),
        ([event(EventKind.DISRUPTION_MEETING, 1)], []),
    ],
)
def test_missing_episodes_complaints_and_allegations_count_within_the_councils_days(
    events: list[PlacementEvent], expected: list[Sign]
) -> None:
    assert signs(events=events) == expected


def test_how_many_within_how_many_days_is_the_councils_setting() -> None:
    events = [event(COMPLAINT, 3), event(COMPLAINT, 40, 2)]
    assert [flag.sign for flag in flags(facts(events=events), replace(RULES, watch_days=30), TODAY)] == []
    assert [flag.sign for flag in flags(facts(events=events), replace(RULES, watch_days=30, complaints=1), TODAY)] == [Sign.COMPLAINTS]


def test_notice_the_third_placement_of_the_year_and_an_overdue_agreement_flag_it() -> None:
    assert signs(notice=NOTICE) == [Sign.NOTICE_GIVEN]
    assert [signs(numbers_in_year=[number]) for number in (2, 3, 4)] == [[], [Sign.THIRD_PLACEMENT], [Sign.THIRD_PLACEMENT]]
    assert signs(numbers_in_year=[3], started_on=date(2026, 3, 31)) == [], "the third of a year that is over"
    began = date(2026, 11, 13)  # due five working days later, on Friday the 20th; today is the Sunday after
    assert signs(due=due(began, RULES, TODAY)) == [Sign.AGREEMENT_OVERDUE]
    assert signs(due=due(began + timedelta(3), RULES, TODAY)) == []


def test_every_reason_is_named_at_once_in_words_with_its_records_and_there_is_no_score() -> None:
    events = [event(MISSING, day, day, day - 1) for day in (10, 20, 30)] + [event(MISSING, 2, 2)]
    events += [event(COMPLAINT, day, 40 + day) for day in (3, 4)] + [event(ALLEGATION, 5, 60)]
    everything = facts(
        events=events, notice=NOTICE, reviews_missed=[missed(SPRING, SUMMER)], numbers_in_year=[4], due=due(SPRING, RULES, TODAY)
    )
    found = flags(everything, RULES, TODAY)
    assert [flag.sign for flag in found] == list(Sign)
    assert all(flag.records and flag.words.endswith(".") and flag.since <= TODAY for flag in found)
    assert "score" not in {field.name for field in fields(Flag)}
    by_sign = {flag.sign: flag for flag in found}
    assert len(by_sign[Sign.MISSING_EPISODES].records) == 4
    assert by_sign[Sign.MISSING_EPISODES].since == TODAY - timedelta(10), "since the third"
    assert by_sign[Sign.NOTICE_GIVEN].words == (
        "The agency gave notice on 1 November 2026 (carer cannot go on): it ends on 29 November 2026."
    )


@LAW
@given(st.lists(st.tuples(st.sampled_from(EventKind), st.integers(0, 200)), max_size=12), st.data())
def test_taking_a_record_back_never_adds_a_reason(recorded: list[tuple[EventKind, int]], data: st.DataObject) -> None:
    events = [event(kind, days, number, max(days - 1, 0)) for number, (kind, days) in enumerate(recorded, start=1)]
    before = set(signs(events=events))
    if events:
        place = data.draw(st.integers(0, len(events) - 1))
        events[place] = replace(events[place], retracted_at=AT)
    assert set(signs(events=events)) <= before


def test_more_reasons_come_first_and_then_the_oldest() -> None:
    one = flags(facts(notice=NOTICE), RULES, TODAY)
    old = flags(facts(reviews_missed=[missed(SPRING, SUMMER)]), RULES, TODAY)
    two = flags(facts(notice=NOTICE, numbers_in_year=[3]), RULES, TODAY)
    ids = [UUID(int=number) for number in (1, 2, 3)]
    assert sorted(zip((one, old, two), ids, strict=True), key=lambda pair: place_in_list(*pair)) == [
        (two, ids[2]), (old, ids[1]), (one, ids[0]),
    ]  # fmt: skip


def test_a_reason_that_came_after_the_last_look_is_new_and_one_that_was_seen_is_not() -> None:
    seen = flags(facts(notice=NOTICE), RULES, TODAY)
    look = Look(ID, Done.VISIT, None, frozenset(flag.key for flag in seen), "somebody", TODAY)
    later = flags(facts(notice=NOTICE, numbers_in_year=[3]), RULES, TODAY)
    assert new_since(seen, look) == (False,)
    assert [(flag.sign, new) for flag, new in zip(later, new_since(later, look), strict=True)] == [
        (Sign.NOTICE_GIVEN, False), (Sign.THIRD_PLACEMENT, True),
    ]  # fmt: skip
    again = flags(facts(notice=replace(NOTICE, given_on=date(2026, 11, 20))), RULES, TODAY)
    assert new_since(again, look) == (True,), "notice given anew is another reason"
    assert new_since(seen, None) == (True,)


@pytest.mark.parametrize(
    ("happened", "rules"),
    [
        (event(MISSING, 5), []),
        (event(MISSING, -1), ["not_in_the_future"]),
        (event(COMPLAINT, 400), ["within_the_placement"]),
        (event(MISSING, 5, until=6), ["not_before_start"]),
        (event(MISSING, 5, until=-1), ["not_in_the_future"]),
        (event(MISSING, 5, interview_offered=True), ["after_return"]),
        (event(ALLEGATION, 5, until=4), ["of_a_missing_episode"]),
        (replace(event(COMPLAINT, 5), complaint_by=None), ["of_a_complaint"]),
        (replace(event(ALLEGATION, 5), complaint_by=ComplaintBy.PARENT), ["of_a_complaint"]),
    ],
)
def test_an_event_that_cannot_be_so_is_refused(happened: PlacementEvent, rules: list[str]) -> None:
    one = placement(started_on=ARRIVED, starts_on=ARRIVED)
    assert [reason.rule for reason in event_broken_rules(one, happened, [], TODAY)] == rules


def test_a_child_is_not_missing_twice_at_once() -> None:
    one = placement()
    lasting, over = event(MISSING, 9, 7), event(MISSING, 9, 7, 4)
    assert [r.rule for r in event_broken_rules(one, event(MISSING, 5), [lasting], TODAY)] == ["one_episode_at_a_time"]
    assert [r.rule for r in event_broken_rules(one, event(MISSING, 5), [over], TODAY)] == ["one_episode_at_a_time"]
    assert event_broken_rules(one, event(MISSING, 4), [over], TODAY) == ()
    assert event_broken_rules(one, event(MISSING, 5), [replace(over, retracted_at=AT)], TODAY) == ()
    assert [r.rule for r in closing_broken_rules(event(MISSING, 5, until=6), TODAY)] == ["not_before_start"]


def test_an_accusation_the_council_records_is_not_the_agencys_to_read_unless_it_says_so() -> None:
    assert {kind for kind in EventKind if shared_unless_said(kind, True)} == {MISSING, EventKind.DISRUPTION_MEETING}
    assert all(shared_unless_said(kind, False) for kind in EventKind)
