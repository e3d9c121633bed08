"""Rules of a child's record, and the words it is found by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from referrals.domain import unaccompanied
from referrals.domain.identity import Identity, broken_rules, nhs_number_is_sound, upn_is_sound
from referrals.domain.search_terms import SearchField, likely_same_child, plain, sound, terms_of
from tests.referrals.domain.records import LAW, TODAY, identities

AMY = Identity("SOU1", "Amy Rose", "O'Brien", date(2015, 3, 2), "F", upn="H801200001001", nhs_number="9434765919")


@LAW
@given(identities())
def test_a_record_comes_back_from_its_plain_form_unchanged(identity: Identity) -> None:
    assert Identity.from_plain(identity.to_plain()) == identity


def test_a_record_sealed_before_it_could_say_that_a_child_came_alone_still_opens() -> None:
    older = {name: value for name, value in AMY.to_plain().items() if not name.startswith("unaccompanied")}
    assert Identity.from_plain(older) == AMY


def test_the_status_goes_on_to_eighteen_unless_a_day_is_given_and_moves_with_the_date_of_birth() -> None:
    leap = replace(AMY, date_of_birth=date(2012, 2, 29), unaccompanied=True)
    lasting = unaccompanied.settled(leap)
    assert lasting.unaccompanied_until == date(2030, 2, 28)
    younger = unaccompanied.settled(replace(lasting, date_of_birth=date(2013, 5, 1)), lasting)
    assert younger.unaccompanied_until == date(2031, 5, 1)
    ended = unaccompanied.settled(replace(lasting, unaccompanied_until=date(2025, 1, 2)), lasting)
    assert unaccompanied.settled(replace(ended, date_of_birth=date(2013, 5, 1)), ended).unaccompanied_until == date(2025, 1, 2)
    assert unaccompanied.settled(replace(ended, unaccompanied_until=None), ended).unaccompanied_until == date(2030, 2, 28)
    assert unaccompanied.settled(replace(ended, unaccompanied=False), ended).unaccompanied_until is None
    assert unaccompanied.settled(leap, leap) == leap  # blank in an earlier return, and nobody said more


@pytest.mark.parametrize(
    ("said", "until", "rule"),
    [
        (False, date(2025, 1, 2), "only_for_unaccompanied"),
        (True, date(2033, 3, 3), "not_after_eighteen"),
        (True, date(2015, 3, 2), "not_after_eighteen"),
        (True, date(2030, 1, 1), "not_in_the_future"),
        (True, date(2033, 3, 2), None),
        (True, date(2025, 1, 2), None),
        (None, None, None),
    ],
)
def test_the_day_the_status_ceased_is_held_to_its_rules(said: bool | None, until: date | None, rule: str | None) -> None:
    child = replace(AMY, unaccompanied=said, unaccompanied_until=until)
    assert [reason.rule for reason in unaccompanied.broken_rules(child, TODAY)] == ([rule] if rule else [])


def test_a_home_is_not_asked_for_in_the_years_of_the_status_and_the_two_after() -> None:
    child = replace(AMY, unaccompanied=True, unaccompanied_until=date(2024, 3, 31))
    assert [year for year in range(2023, 2029) if unaccompanied.home_not_asked(child, year)] == [2023, 2024, 2025, 2026]
    assert [year for year in range(2023, 2029) if unaccompanied.in_uasc_table(child, year)] == [2023, 2024]
    assert unaccompanied.ceased(child, 2023) == date(2033, 3, 2)


def test_a_number_with_one_wrong_digit_is_not_sound() -> None:
    assert nhs_number_is_sound("9434765919")
    assert upn_is_sound("H801200001001")
    assert upn_is_sound("UN3")
    for place in range(10):
        wrong = list("9434765919")
        wrong[place] = str((int(wrong[place]) + 1) % 10)
        assert not nhs_number_is_sound("".join(wrong))
    for place in range(1, 13):
        wrong = list("H801200001001")
        wrong[place] = str((int(wrong[place]) + 1) % 10)
        assert not upn_is_sound("".join(wrong))


def test_every_broken_rule_of_a_record_is_named_with_its_field() -> None:
    wrong = replace(
        AMY, date_of_birth=date(2030, 1, 1), sex="1", ethnicity="XXXX", legal_status="C9", category_of_need="N9",
        upn="A801200001001", nhs_number="123", mother_child_date_of_birth=TODAY,
    )  # fmt: skip
    assert {reason.field for reason in broken_rules(wrong, TODAY)} == {
        "date_of_birth", "sex", "ethnicity", "legal_status", "category_of_need", "upn", "nhs_number", "mother_child_date_of_birth",
    }  # fmt: skip
    assert broken_rules(AMY, TODAY) == ()


def test_a_child_of_18_cannot_be_recorded() -> None:
    assert broken_rules(replace(AMY, date_of_birth=date(2008, 11, 22)), TODAY)[0].rule == "under_18"
    assert broken_rules(replace(AMY, date_of_birth=date(2008, 11, 23)), TODAY) == ()


@pytest.mark.parametrize(
    ("one", "other"), [("Smith", "Smyth"), ("O'Brien", "OBrian"), ("Müller", "Muller"), ("Kathryn", "Katherine"), ("Ashcraft", "Ashcroft")]
)
def test_a_name_spelt_another_way_sounds_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_a_name_is_plain_without_case_accent_space_or_mark() -> None:
    assert plain(" O’Brien-Šafář ") == "obriensafar"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(AMY, child_id="X", upn=None, nhs_number=None, family_name="OBrian", given_names="Aimee"), True),
        (replace(AMY, child_id="X", upn=None, nhs_number=None, date_of_birth=date(2015, 3, 3)), False),
        (Identity("X", "Bo", "Lund", date(2011, 1, 1), "M", upn="H801200001001"), True),
        (Identity("X", "Bo", "Lund", date(2015, 3, 2), "M"), False),
        (Identity("X", "Bo", "Lund", date(2011, 1, 1), "M", upn="UN1"), False),
    ],
)
def test_the_same_birth_date_and_a_like_sounding_name_or_the_same_number_is_likely_the_same_child(other: Identity, same: bool) -> None:
    shared = {field for field, _ in terms_of(AMY) & terms_of(other)}
    assert likely_same_child(frozenset(shared)) is same


def test_a_reason_for_having_no_pupil_number_is_no_search_term() -> None:
    assert SearchField.UPN not in {field for field, _ in terms_of(replace(AMY, upn="UN1"))}
