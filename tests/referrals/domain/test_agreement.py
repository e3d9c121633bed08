"""An agreement's rules: what may be proposed, how a version comes into force, when the full agreement is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from referrals.domain import agreement_due
from referrals.domain.agreement import (
    Notice,
    NoticeReason,
    VersionState,
    declining_broken_rules,
    in_force_on,
    notice_broken_rules,
    notice_days,
    signing_broken_rules,
    state_of,
)
from referrals.domain.agreement_terms import (
    Form,
    Line,
    LineKind,
    LineWhat,
    Terms,
    content_of,
    drafted,
    hash_of,
    terms_broken_rules,
    terms_of,
)
from referrals.domain.placement_rules import PlacementRules
from tests.referrals.domain.agreed import AGENCY, ARRIVED, AT, COUNCIL, fee, in_force, placement, terms, version

LATER = ARRIVED + timedelta(10)


def off(pounds: str | None = None, share: str | None = None, **changes: object) -> Line:
    one = Line(
        LineKind.DISCOUNT, LineWhat.SIBLING, ARRIVED,
        pounds_per_week=Decimal(pounds) if pounds else None, per_cent=Decimal(share) if share else None,
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def more(kind: LineKind, what: LineWhat, **changes: object) -> Line:
    return Line(kind, what, ARRIVED, **changes)  # type: ignore[arg-type]


BROKEN = [
    ("it begins before the placement", terms(effective_from=ARRIVED - timedelta(1)), {("effective_from", "not_before_the_placement")}),
    ("it ends before it begins", terms(expected_end_on=ARRIVED), {("expected_end_on", "after_effective_from")}),
    ("a fee that stops", terms(fee(until=LATER)), {("lines", "fee_for_every_night")}),
    ("a fee that begins late", terms(fee(from_on=LATER)), {("lines", "fee_for_every_night")}),
    ("a gap between two fees", terms(fee(until=LATER), fee(from_on=LATER + timedelta(1))), {("lines", "fee_for_every_night")}),
    ("two fees at once", terms(fee(), fee(from_on=LATER)), {("lines", "one_base_fee_a_night")}),
    ("more off than on", terms(fee("50.00"), off("50.01")), {("lines", "not_below_nothing")}),
    ("a hundred per cent and a penny", terms(fee("50.00"), off("0.01"), off(share="100")), {("lines", "not_below_nothing")}),
    ("a discount longer than its addition",
     terms(fee("10.00"), more(LineKind.ADDITION, LineWhat.THERAPY, until=LATER, pounds_per_week=Decimal(50)), off("60")),
     {("lines", "not_below_nothing")}),
    ("a line before its version", terms(fee(), off("5", from_on=ARRIVED - timedelta(1))), {("lines.1.from_on", "within_the_version")}),
    ("a line of no night", terms(fee(), off("5", until=ARRIVED)), {("lines.1.until", "after_from_on")}),
    ("a one-off over days", terms(fee(), more(LineKind.ONE_OFF, LineWhat.CLOTHING, until=LATER, pounds=Decimal(5))),
     {("lines.1.until", "after_from_on")}),
    ("two amounts", terms(fee(), off("5", share="5")), {("lines.1", "amount_of_its_kind")}),
    ("no amount", terms(fee(), off()), {("lines.1", "amount_of_its_kind")}),
    ("a one-off by the week", terms(fee(), more(LineKind.ONE_OFF, LineWhat.CLOTHING, pounds_per_week=Decimal(5))),
     {("lines.1", "amount_of_its_kind")}),
    ("an addition in per cent", terms(fee(), more(LineKind.ADDITION, LineWhat.THERAPY, per_cent=Decimal(5))),
     {("lines.1", "amount_of_its_kind")}),
    ("a discount for therapy", terms(fee(), off("5", what=LineWhat.THERAPY)), {("lines.1.what", "fits_kind")}),
    ("an addition called the weekly fee", terms(fee(), more(LineKind.ADDITION, LineWhat.WEEKLY_FEE, pounds_per_week=Decimal(5))),
     {("lines.1.what", "fits_kind")}),
    ("nothing given to the carers", terms(documents=()), {("documents", "given_with_the_agreement")}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "said", "rules"), BROKEN, ids=[row[0] for row in BROKEN])
def test_terms_that_are_no_agreement_are_refused(why: str, said: Terms, rules: set[tuple[str, str]]) -> None:
    assert {(reason.field, reason.rule) for reason in terms_broken_rules(said, placement())} == rules


def test_every_broken_rule_is_named_at_once() -> None:
    said = terms(fee(), off(), off("5", what=LineWhat.THERAPY), expected_end_on=ARRIVED, documents=())
    assert len(terms_broken_rules(said, placement())) == 4


def test_terms_that_keep_the_rules_are_accepted() -> None:
    said = terms(fee(until=LATER), fee("800.00", LATER), off(share="100", until=ARRIVED + timedelta(1)))
    assert terms_broken_rules(said, placement()) == ()


def test_the_emergency_form_may_leave_out_what_the_full_agreement_needs() -> None:
    assert terms_broken_rules(terms(form=Form.EMERGENCY, documents=()), placement()) == ()


def test_a_version_is_in_force_once_both_sides_have_signed_and_not_before() -> None:
    said = terms()
    assert state_of(version(1, said), 1) is VersionState.PROPOSED
    assert state_of(version(1, said, COUNCIL), 1) is VersionState.PROPOSED
    assert state_of(version(1, said, AGENCY), 1) is VersionState.PROPOSED
    assert state_of(version(1, said, COUNCIL, AGENCY), 1) is VersionState.IN_FORCE
    assert state_of(version(1, said, COUNCIL, AGENCY), 2) is VersionState.IN_FORCE, "a later proposal takes nothing from it"
    assert state_of(version(1, said, COUNCIL), 2) is VersionState.REPLACED
    assert state_of(version(1, said, COUNCIL, declined=AGENCY), 1) is VersionState.DECLINED


def test_of_the_versions_in_force_the_newest_whose_day_has_come_holds() -> None:
    second = terms(fee(from_on=LATER), effective_from=LATER)
    versions = [in_force(1, terms()), in_force(2, second), version(3, terms(), COUNCIL)]
    assert [found.number if found else None for found in (in_force_on(versions, night) for night in (
        ARRIVED - timedelta(1), ARRIVED, LATER - timedelta(1), LATER))] == [None, 1, 1, 2]  # fmt: skip


def test_only_an_open_version_is_signed_once_a_side_and_as_it_was_read() -> None:
    said, read = terms(), "f" * 64

    def rules(of: object, newest: int, side: str, content: str) -> list[str]:
        return [reason.rule for reason in signing_broken_rules(of, newest, side, content)]  # type: ignore[arg-type]

    assert rules(version(1, said), 1, COUNCIL, read) == []
    assert rules(version(1, said, COUNCIL), 1, AGENCY, read) == []
    assert rules(version(1, said, COUNCIL), 1, COUNCIL, read) == ["signed_once"]
    assert rules(version(1, said), 2, COUNCIL, read) == ["open"]
    assert rules(version(1, said, declined=AGENCY), 1, COUNCIL, read) == ["open"]
    assert rules(version(1, said, COUNCIL, AGENCY), 2, COUNCIL, "0" * 64) == ["open", "same_content", "signed_once"]
    assert [reason.rule for reason in declining_broken_rules(version(1, said, COUNCIL, AGENCY), 1)] == ["open"]
    assert declining_broken_rules(version(1, said, COUNCIL), 1) == ()


def test_a_first_proposal_says_what_was_offered() -> None:
    draft = drafted(placement(), None, 28, None)
    assert (draft.effective_from, draft.notice_days, draft.lines) == (ARRIVED, 28, (fee("812.50"),))


def test_a_variation_takes_over_what_still_runs_on_its_day() -> None:
    gone = more(LineKind.ADDITION, LineWhat.THERAPY, until=LATER, pounds_per_week=Decimal(5))
    charged = more(LineKind.ONE_OFF, LineWhat.CLOTHING, pounds=Decimal(5))
    to_come = replace(charged, from_on=LATER)
    before = terms(fee(), gone, charged, to_come, form=Form.EMERGENCY, notice_days=14)
    draft = drafted(placement(), before, 28, LATER)
    assert draft.lines == (fee(from_on=LATER), to_come)
    assert (draft.form, draft.notice_days, draft.documents) == (Form.FULL, 14, before.documents)


def test_the_hash_is_of_all_that_a_version_says_and_what_is_kept_says_it_again() -> None:
    said = terms(fee(), off(share="5.50", until=LATER), expected_end_on=date(2026, 12, 1))
    content = content_of(placement(), 1, said)
    assert terms_of(content) == replace(said, documents=tuple(sorted(said.documents)))
    others = [
        content_of(placement(), 2, said),
        content_of(placement(provider="agency:SC054321"), 1, said),
        content_of(placement(id=UUID(int=8)), 1, said),
        content_of(placement(), 1, replace(said, notice_days=27)),
        content_of(placement(), 1, replace(said, lines=(fee(), off(share="5.51", until=LATER)))),
    ]
    assert len({hash_of(each) for each in [content, *others]}) == 6


def test_a_content_has_one_hash_for_ever() -> None:
    """Signatures stand under it: whoever changes how it is made makes them worthless."""
    assert hash_of(content_of(placement(), 1, terms())) == "cb30a296a4e772d6d5359ae654298a1076a1a7a68d02ae6970990b5bfa39436c"


RULES = PlacementRules()


@pytest.mark.parametrize(
    ("begun", "due_on"),
    [
        (date(2026, 11, 2), date(2026, 11, 9)),  # a Monday: five working days later
        (date(2026, 11, 6), date(2026, 11, 13)),
        (date(2026, 11, 7), date(2026, 11, 13)),  # a Saturday
        (date(2026, 12, 23), date(2027, 1, 4)),  # Christmas, Boxing Day's substitute and New Year between
    ],
)
def test_the_full_agreement_is_due_five_working_days_after_the_first_day(begun: date, due_on: date) -> None:
    assert agreement_due.due(begun, RULES, begun).due_on == due_on


def test_it_is_overdue_from_the_day_after_and_asked_for_once_before_and_once_after() -> None:
    begun = date(2026, 11, 2)
    stages = {day: list(agreement_due.stages_reached(agreement_due.due(begun, RULES, day), day)) for day in (
        date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9), date(2026, 11, 10))}  # fmt: skip
    assert list(stages.values()) == [[], ["due_soon"], ["due_soon"], ["due_soon", "overdue"]]
    assert agreement_due.due(begun, RULES, date(2026, 11, 12)).days_overdue == 3


def test_the_emergency_form_does_not_complete_an_agreement() -> None:
    assert not agreement_due.complete([in_force(1, terms(form=Form.EMERGENCY)), version(2, terms(), AGENCY)])
    assert agreement_due.complete([in_force(1, terms(form=Form.EMERGENCY)), in_force(2, terms())])


def test_notice_runs_as_long_as_the_version_of_its_day_says() -> None:
    versions = [in_force(1, terms(notice_days=7)), in_force(2, terms(fee(from_on=LATER), effective_from=LATER, notice_days=42))]
    assert [notice_days(versions, day, 28) for day in (ARRIVED - timedelta(1), ARRIVED, LATER)] == [28, 7, 42]


def test_notice_is_given_once_on_a_day_of_the_placement() -> None:
    standing = Notice(UUID(int=1), COUNCIL, ARRIVED, LATER, NoticeReason.RETURNING_HOME, "somebody", AT)
    assert standing.last_night == LATER - timedelta(1)
    assert notice_broken_rules(placement(), None, ARRIVED, ARRIVED) == ()
    assert [r.rule for r in notice_broken_rules(placement(), standing, ARRIVED, ARRIVED)] == ["one_notice"]
    assert [r.rule for r in notice_broken_rules(placement(), None, LATER, ARRIVED)] == ["not_in_the_future"]
    assert [r.rule for r in notice_broken_rules(placement(), None, ARRIVED - timedelta(1), ARRIVED)] == ["not_before_agreed"]
