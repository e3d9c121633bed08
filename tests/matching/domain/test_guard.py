"""What the law and the framework ask: each check clear, for a named officer, or blocked; nothing not stated passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.agency_standing import AgencyStanding, Gate, Suspended
from matching.domain.approval import OFFICES, ApprovalFor, ApprovalReason, NewApproval, Office, faults_in_approvals
from matching.domain.distance import Beyond, beyond
from matching.domain.guard import Check, Circumstances, Outcome, Question, blocked, checks, owed
from matching.domain.home import Exemption, Home
from matching.domain.limit import Limit, usual_limit
from matching.domain.referral import Referral
from matching.domain.suitability import Barrier, Standing, arrival, obstacles, reasons
from matching.domain.working_days import last_permitted_day
from shared.contracts.words import OfstedRating, Urgency
from tests.matching.domain.test_suitability import GIRL, HOME, REFERRAL

GOOD = AgencyStanding(OfstedRating.GOOD, OfstedRating.GOOD)
DAY = arrival(HOME, REFERRAL)
LAWFUL = replace(HOME, lives_in=REFERRAL.council, fostered_children=0, approved_places=4)
EMERGENCY = replace(REFERRAL, urgency=Urgency.EMERGENCY)


def answered(home: Home = LAWFUL, referral: Referral = REFERRAL, **known: Any) -> dict[Question, Check]:
    """Every check by its question."""
    told: dict[str, Any] = {"arrives_on": arrival(home, referral), "today": DAY, "about_miles": Decimal("3.0"), "agency": GOOD}
    circumstances = Circumstances(**told | known)
    found = obstacles(home, referral, Standing.ON_LIST, stopped=circumstances.stopped)
    return {one.question: one for one in checks(home, referral, reasons(found, home, referral), circumstances)}


def exemption(children: int = 4, starts_on: date = DAY, ends_on: date | None = None) -> Exemption:
    return Exemption(children, 0, REFERRAL.council, starts_on, ends_on)


def test_a_home_that_breaks_nothing_is_clear_on_every_question_each_with_its_source() -> None:
    found = answered()
    assert list(found) == list(Question)
    assert {one.outcome for one in found.values()} == {Outcome.CLEAR}
    assert all(one.source and one.words and one.clears is None and one.approval is None for one in found.values())


def test_every_check_that_is_not_clear_is_told_at_once() -> None:
    home = replace(HOME, fostered_children=3, lives_in=None, from_age=9)
    fallen = AgencyStanding(
        OfstedRating.GOOD, OfstedRating.INADEQUATE, Suspended("safeguarding_stop", DAY, None), Gate((OfstedRating.GOOD,), blocks=True)
    )
    found = answered(home, replace(REFERRAL, children=(replace(GIRL, age=8),)), about_miles=None, agency=fallen)
    assert {question: one.outcome for question, one in found.items()} == {
        Question.USUAL_LIMIT: Outcome.BLOCKED,
        Question.TERMS: Outcome.BLOCKED,
        Question.AREA: Outcome.NEEDS_DECISION,
        Question.DISTANCE: Outcome.NEEDS_DECISION,
        Question.SUSPENSION: Outcome.BLOCKED,
        Question.RATING: Outcome.BLOCKED,
    }
    assert all(one.clears for one in found.values())


LIMITS = [
    ({"fostered_children": 2}, Outcome.CLEAR, None),
    ({"fostered_children": 3}, Outcome.BLOCKED, None),
    ({"fostered_children": 3, "fostered_are_siblings": False}, Outcome.BLOCKED, None),
    ({"fostered_children": 3, "fostered_are_siblings": True}, Outcome.NEEDS_DECISION, ApprovalFor.ALL_SIBLINGS),
    ({"fostered_children": 3, "exemptions": (exemption(),)}, Outcome.CLEAR, None),
    ({"fostered_children": 4, "exemptions": (exemption(),)}, Outcome.BLOCKED, None),
    ({"fostered_children": 3, "exemptions": (exemption(ends_on=DAY),)}, Outcome.CLEAR, None),
    ({"fostered_children": 3, "exemptions": (exemption(starts_on=date(2020, 1, 1), ends_on=DAY - timedelta(1)),)}, Outcome.BLOCKED, None),
    ({"fostered_children": 3, "exemptions": (exemption(starts_on=DAY + timedelta(1)),)}, Outcome.BLOCKED, None),
    ({"fostered_children": 1, "placed_here": 2}, Outcome.BLOCKED, None),
    ({"fostered_children": None, "children_at_home": 2}, Outcome.CLEAR, None),
    ({"fostered_children": None, "children_at_home": 3}, Outcome.NEEDS_DECISION, ApprovalFor.LIMIT_KEPT),
    ({"fostered_children": None, "children_at_home": 3, "exemptions": (exemption(),)}, Outcome.CLEAR, None),
    ({"fostered_children": None, "children_at_home": 0, "placed_here": 3}, Outcome.BLOCKED, None),
]


@pytest.mark.parametrize(("changes", "outcome", "approval"), LIMITS)
def test_the_usual_fostering_limit_of_three(changes: dict[str, Any], outcome: Outcome, approval: ApprovalFor | None) -> None:
    found = answered(replace(LAWFUL, **changes))[Question.USUAL_LIMIT]
    assert (found.outcome, found.approval) == (outcome, approval)


def test_four_brothers_and_sisters_of_one_referral_may_fill_an_empty_home() -> None:
    children = tuple(replace(GIRL, number=number) for number in range(1, 5))
    assert answered(LAWFUL, replace(REFERRAL, children=children))[Question.USUAL_LIMIT].outcome is Outcome.CLEAR


@given(
    stated=st.none() | st.integers(0, 5),
    at_home=st.integers(0, 6),
    placed=st.integers(0, 4),
    coming=st.integers(1, 5),
    siblings=st.sampled_from((None, True, False)),
    exempted=st.lists(st.tuples(st.integers(4, 9), st.integers(-2, 2), st.none() | st.integers(-2, 2)), max_size=2),
)
def test_the_limit_is_passed_for_certain_only_when_nothing_that_is_stated_allows_it(
    stated: int | None, at_home: int, placed: int, coming: int, siblings: bool | None, exempted: list[tuple[int, int, int | None]]
) -> None:
    leave = tuple(exemption(n, DAY + timedelta(a), None if z is None else DAY + timedelta(z)) for n, a, z in exempted)
    home = replace(
        LAWFUL, fostered_children=stated, children_at_home=at_home, placed_here=placed, fostered_are_siblings=siblings, exemptions=leave
    )
    found = usual_limit(home, coming, DAY)
    least, most = (stated or 0) + placed, (at_home if stated is None else stated) + placed

    def exempt(total: int) -> bool:
        return any(one.children >= total and one.starts_on <= DAY <= (one.ends_on or date.max) for one in leave)

    if found in (Limit.WITHIN, Limit.ALL_SIBLINGS, Limit.EXEMPTED):
        assert most + coming <= 3 or most == 0 or exempt(most + coming), "it passes although nothing stated makes sure"
    elif found is Limit.OVER:
        assert least > 0
        assert least + coming > 3
        assert not exempt(least + coming)
        assert siblings is not True
    else:
        assert not exempt(most + coming)
        assert most + coming > 3
        assert most > 0
        assert (found is Limit.SIBLINGS_TO_CONFIRM) == (siblings is True)
    assert (found is Limit.NOT_STATED) <= (stated is None), "what is stated is never asked for"
    assert (found is Limit.OVER) == (Barrier.USUAL_LIMIT in {one.barrier for one in _obstacles(home, coming)})


def _obstacles(home: Home, coming: int) -> Any:
    return obstacles(home, replace(REFERRAL, children=tuple(replace(GIRL, number=n + 1) for n in range(coming))), Standing.ON_LIST)


@pytest.mark.parametrize(
    "changes",
    [{"from_age": 9}, {"to_age": 7}, {"sexes": frozenset()}, {"kinds": frozenset()}, {"approved_places": 2, "fostered_children": 2}],
)
def test_outside_the_terms_of_approval_only_an_emergency_may_go_and_then_a_named_officer_decides(changes: dict[str, Any]) -> None:
    home = replace(LAWFUL, **changes)
    usual, urgent = answered(home)[Question.TERMS], answered(home, EMERGENCY)[Question.TERMS]
    assert (usual.outcome, usual.approval) == (Outcome.BLOCKED, None)
    assert (urgent.outcome, urgent.approval) == (Outcome.NEEDS_DECISION, ApprovalFor.OUTSIDE_TERMS)


@pytest.mark.parametrize(
    ("lives_in", "outcome"), [(REFERRAL.council, Outcome.CLEAR), ("E10000030", Outcome.NEEDS_DECISION), (None, Outcome.NEEDS_DECISION)]
)
def test_outside_the_councils_area_or_where_that_is_not_stated_a_named_officer_decides(lives_in: str | None, outcome: Outcome) -> None:
    found = answered(replace(LAWFUL, lives_in=lives_in))[Question.AREA]
    assert (found.outcome, found.approval) == (outcome, None if outcome is Outcome.CLEAR else ApprovalFor.OUT_OF_AREA)


DISTANCES = [
    (None, "14.9", Beyond.NO),
    (None, "15.0", Beyond.UNDECIDED),
    (None, "25.0", Beyond.UNDECIDED),
    (None, "25.1", Beyond.YES),
    (None, None, Beyond.UNDECIDED),
    ("20.0", "26.0", Beyond.NO),
    ("20.1", "3.0", Beyond.YES),
    ("999.9", None, Beyond.UNDECIDED),
]


@pytest.mark.parametrize(("exact", "about", "answer"), DISTANCES)
def test_twenty_miles_by_exact_miles_else_by_districts_that_leave_no_doubt(exact: str | None, about: str | None, answer: Beyond) -> None:
    miles = {"exact": exact and Decimal(exact), "about": about and Decimal(about)}
    assert beyond(Decimal(20), **miles) is answer  # type: ignore[arg-type]
    found = answered(exact_miles=miles["exact"], about_miles=miles["about"])[Question.DISTANCE]
    assert found.outcome is (Outcome.CLEAR if answer is Beyond.NO else Outcome.NEEDS_DECISION)


@pytest.mark.parametrize(("own", "outcome"), [(10, Outcome.NEEDS_DECISION), (20, Outcome.CLEAR), (200, Outcome.CLEAR)])
def test_a_council_may_ask_sooner_than_the_law_and_never_later(own: int, outcome: Outcome) -> None:
    assert answered(approval_miles=own, exact_miles=Decimal("19.9"))[Question.DISTANCE].outcome is outcome
    assert answered(approval_miles=own, exact_miles=Decimal("20.1"))[Question.DISTANCE].outcome is Outcome.NEEDS_DECISION


@pytest.mark.parametrize(
    ("first", "last", "outcome"),
    [
        (DAY, None, Outcome.BLOCKED),
        (DAY - timedelta(9), DAY, Outcome.BLOCKED),
        (DAY - timedelta(9), DAY - timedelta(1), Outcome.CLEAR),
        (DAY + timedelta(1), None, Outcome.CLEAR),
    ],
)
def test_a_suspended_agency_is_blocked_from_its_first_day_to_its_last(first: date, last: date | None, outcome: Outcome) -> None:
    agency = replace(GOOD, suspended=Suspended("safeguarding_stop", first, last))
    assert answered(agency=agency)[Question.SUSPENSION].outcome is outcome


RATINGS = [
    (OfstedRating.GOOD, OfstedRating.OUTSTANDING, False, Outcome.CLEAR),
    (OfstedRating.OUTSTANDING, OfstedRating.GOOD, True, Outcome.CLEAR),
    (OfstedRating.GOOD, OfstedRating.REQUIRES_IMPROVEMENT, False, Outcome.NEEDS_DECISION),
    (OfstedRating.GOOD, OfstedRating.INADEQUATE, True, Outcome.BLOCKED),
    (None, OfstedRating.GOOD, False, Outcome.CLEAR),
    (OfstedRating.GOOD, None, False, Outcome.NEEDS_DECISION),
]


@pytest.mark.parametrize(("then", "now", "blocks", "outcome"), RATINGS)
def test_a_rating_below_the_lots_gate_is_decided_or_blocked_as_the_lot_says(
    then: OfstedRating | None, now: OfstedRating | None, blocks: bool, outcome: Outcome
) -> None:
    found = answered(agency=AgencyStanding(then, now, None, Gate(blocks=blocks)))[Question.RATING]
    assert found.outcome is outcome
    if then and now and then is not now:
        assert then.replace("_", " ") in found.words, "what changed since the tender is told even where it changes nothing"


def test_the_councils_own_carers_have_no_agency_to_suspend() -> None:
    found = answered(agency=None)
    assert (found[Question.SUSPENSION].outcome, found[Question.RATING].outcome) == (Outcome.CLEAR, Outcome.CLEAR)


@given(st.sets(st.sampled_from(ApprovalFor)))
def test_an_approval_clears_what_it_is_for_and_nothing_that_is_blocked(given_for: set[ApprovalFor]) -> None:
    home = replace(LAWFUL, fostered_children=3, lives_in="E10000030", from_age=9)
    found = tuple(answered(home, EMERGENCY, about_miles=Decimal("40.0")).values())
    wanted = {ApprovalFor.OUT_OF_AREA, ApprovalFor.OVER_20_MILES, ApprovalFor.OUTSIDE_TERMS}
    assert {check.approval for check in owed(found, given_for)} == wanted - given_for
    assert [check.question for check in blocked(found)] == [Question.USUAL_LIMIT]


@pytest.mark.parametrize("approved_for", ApprovalFor)
@pytest.mark.parametrize("office", Office)
def test_each_approval_is_for_its_offices_alone(approved_for: ApprovalFor, office: Office) -> None:
    one = NewApproval(approved_for, "A. Officer, head of service", office, ApprovalReason.SPECIALIST_NEED, DAY)
    found = [fault.rule for fault in faults_in_approvals([one], sent_on=DAY, today=DAY)]
    assert found == ([] if office in OFFICES[approved_for] else ["office_may_approve"])


@pytest.mark.parametrize(
    ("days", "rules"), [(0, []), (-1, ["not_before_referral"]), (1, ["not_in_the_future"])], ids=["that day", "before", "to come"]
)
def test_an_approval_is_given_between_the_referral_and_today(days: int, rules: list[str]) -> None:
    day = DAY + timedelta(days)
    one = NewApproval(ApprovalFor.OUT_OF_AREA, "A. Officer", Office.DIRECTOR, ApprovalReason.SAFER_AWAY, day)
    assert [fault.rule for fault in faults_in_approvals([one], sent_on=DAY, today=DAY)] == rules


SIX_WORKING_DAYS = [
    (date(2026, 11, 23), date(2026, 11, 30), "a Monday counts itself"),
    (date(2026, 11, 20), date(2026, 11, 27), "a Friday"),
    (date(2026, 11, 21), date(2026, 11, 30), "a Saturday does not"),
    (date(2026, 12, 23), date(2027, 1, 4), "Christmas, Boxing Day's substitute and New Year's Day"),
    (date(2026, 12, 25), date(2027, 1, 6), "a bank holiday does not count itself"),
    (date(2027, 3, 25), date(2027, 4, 5), "Good Friday and Easter Monday"),
    (date(2027, 4, 29), date(2027, 5, 7), "early May"),
]


@pytest.mark.parametrize(("first", "last", "why"), SIX_WORKING_DAYS)
def test_six_working_days_to_the_day(first: date, last: date, why: str) -> None:
    assert last_permitted_day(first) == last, why


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_an_emergency_lasts_at_least_eight_days_and_never_ends_on_a_day_off(first: date) -> None:
    last = last_permitted_day(first)
    assert 7 <= (last - first).days <= 14
    assert last.weekday() < 5
    assert last_permitted_day(first + timedelta(1)) >= last
