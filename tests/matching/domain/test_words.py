"""Closing times, messages and answers: what is said, and what may not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.closing import is_late
from matching.domain.message import NAMES_NOBODY, faults_in_message
from matching.domain.offer import SIDE_OF, Answer, DeclineReason, Terms, WithdrawalReason, faults_in_terms, faults_of_moment
from shared.contracts.words import Need
from tests.matching.domain.given import TODAY
from tests.matching.domain.test_suitability import HOME


def test_a_late_offer_is_told_the_closing_time_in_uk_time_with_its_utc_value() -> None:
    closes = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    [fault] = faults_of_moment("open", closes, closes)
    assert "closed on Sunday 25 October 2026 at 01:30 GMT (01:30 UTC)." in fault.message
    [fault] = faults_of_moment("open", closes - timedelta(hours=1), closes)
    assert "closed on Sunday 25 October 2026 at 01:30 BST (00:30 UTC)." in fault.message


def test_the_closing_moment_itself_is_late() -> None:
    closes = datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert is_late(closes, closes)
    assert not is_late(closes - timedelta(microseconds=1), closes)


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        ("The carers can visit before the move and have cared for siblings before.", set()),
        ("Free on Monday. Ofsted visited and I can start after Christmas.", set()),
        ("She goes to school with Amelia.", {"no_names"}),
        ("The carer is mrs smith.", {"no_names"}),
        ("Call 07700 900123", {"no_numbers"}),
        ("Write to jo@example.org", {"no_addresses"}),
        ("José can help", {"no_names"}),
        ("write to the carer at home dot com", {"no_addresses"}),
        ("see ashfostering.co.uk for the carers", {"no_addresses"}),
        ("free from the third of May two thousand and eighteen", {"no_numbers", "no_names"}),
        ("a" * 281, {"short_message"}),
        ("Near Bitterne at number 12, see www.example.org", {"no_names", "no_numbers", "no_addresses"}),
    ],
)
def test_a_message_may_say_nothing_about_a_person(message: str, rules: set[str]) -> None:
    assert {fault.rule for fault in faults_in_message(message)} == rules


@given(st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True), st.from_regex(r"[a-z ]{1,30}[a-z]", fullmatch=True))
def test_no_name_gets_through_inside_a_sentence(name: str, words: str) -> None:
    assert faults_in_message(f"so {words} {name} {words}.") or name in NAMES_NOBODY


def test_every_reason_says_whose_side_it_is_on() -> None:
    assert set(SIDE_OF) == {*WithdrawalReason, *DeclineReason}


def test_every_fault_of_an_offers_terms_is_named_at_once() -> None:
    terms = Terms(HOME.vacancy, Decimal(800), TODAY - timedelta(1), (Answer(Need.AUTISM, True), Answer(Need.AUTISM, False)))
    essential = {Need.AUTISM, Need.MEDICATION, Need.ADHD}
    faults = faults_in_terms(terms, HOME, provider=HOME.provider, essential_needs=essential, today=TODAY)
    assert [fault.rule for fault in faults] == [
        "not_before_vacancy_is_free",
        "not_in_the_past",
        "each_essential_need_answered",
        "each_essential_need_answered",
        "each_need_answered_once",
    ]


def test_another_providers_vacancy_is_answered_like_an_unknown_one() -> None:
    terms = Terms(HOME.vacancy, Decimal(800), TODAY, ())
    theirs = faults_in_terms(terms, HOME, provider="agency:SC900009", essential_needs=(), today=TODAY)
    unknown = faults_in_terms(terms, None, provider="agency:SC900009", essential_needs=(), today=TODAY)
    assert theirs == unknown
    assert [fault.rule for fault in theirs] == ["own_published_vacancy"]
