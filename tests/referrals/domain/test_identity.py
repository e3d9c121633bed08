"""Rules of a child's record, and the words it is found by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from referrals.domain.identity import Identity, broken_rules, nhs_number_is_sound, upn_is_sound
from referrals.domain.search_terms import SearchField, likely_same_child, plain, sound, terms_of
from tests.referrals.domain.records import LAW, TODAY, identities

AMY = Identity("SOU1", "Amy Rose", "O'Brien", date(2015, 3, 2), "F", upn="H801200001001", nhs_number="9434765919")


@LAW
@given(identities())
def test_a_record_comes_back_from_its_plain_form_unchanged(identity: Identity) -> None:
    assert Identity.from_plain(identity.to_plain()) == identity


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
