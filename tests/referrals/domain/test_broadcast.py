"""What is broadcast contains no identifying value of the vault record."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.ages import age_on
from referrals.domain.broadcast import view_of
from referrals.domain.disclosure import CHILD, REFERRAL, Stage, fields_shown, shown, withheld
from referrals.domain.identity import Identity
from referrals.domain.referral import Referral
from shared.contracts.referrals import ChildView, NearPlace, ReferralView
from tests.referrals.domain.records import CLOSES, LAW, TODAY, districts, identities, referrals


@st.composite
def sent(draw: st.DrawFn) -> tuple[Referral, dict[UUID, Identity]]:
    """A referral and the vault records of its children."""
    referral = draw(referrals(children=draw(st.integers(1, 4))))
    return referral, {needs.child: draw(identities()) for needs in referral.terms.children}


def identifying(identity: Identity, told: ReferralView) -> set[str]:
    """Every way the values of a vault record could be written in what is sent."""
    found = {
        identity.child_id, identity.given_names, identity.family_name, identity.school, identity.home_address, identity.upn,
        identity.nhs_number, identity.home_postcode, (identity.home_postcode or "").replace(" ", ""),
        *(text for relative in identity.relatives for text in (relative.name, relative.relationship)),
    }  # fmt: skip
    for day in (identity.date_of_birth, identity.mother_child_date_of_birth):
        # A birth date that is also the day the home is needed, or the day it closes, cannot be told from those by its digits.
        if day is not None and day not in (told.needed_by, told.closes_at.date()):
            found |= {day.isoformat(), day.strftime("%d/%m/%Y"), day.strftime("%Y%m%d")}
    return {value.casefold() for value in found if value}


@LAW
@given(sent())
def test_what_is_broadcast_contains_no_identifying_value_of_the_vault_record(of: tuple[Referral, dict[UUID, Identity]]) -> None:
    referral, vault = of
    view = view_of(referral, vault, TODAY, CLOSES)
    text = view.model_dump_json().casefold()
    for identity in vault.values():
        for value in identifying(identity, view):
            assert value not in text


@LAW
@given(st.data())
def test_two_children_alike_in_age_sex_and_district_are_broadcast_alike(data: st.DataObject) -> None:
    referral = data.draw(referrals(children=1))
    child = referral.terms.children[0].child
    one = data.draw(identities())
    age = age_on(one.date_of_birth, TODAY)
    near = (one.date_of_birth + timedelta(days=days) for days in range(-366, 367, 3))
    born = data.draw(st.sampled_from([day for day in near if day <= TODAY and age_on(day, TODAY) == age]))
    other = data.draw(identities(born=born, sex=one.sex, district=(one.home_postcode or "").split(" ")[0]))
    assert view_of(referral, {child: one}, TODAY, CLOSES) == view_of(referral, {child: other}, TODAY, CLOSES)


@LAW
@given(sent(), districts)
def test_a_broadcast_holds_no_full_postcode_and_no_date_but_the_two_it_is_about(
    of: tuple[Referral, dict[UUID, Identity]], district: str
) -> None:
    referral, vault = of
    told = view_of(referral, vault, TODAY, CLOSES).model_dump()

    def walk(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [leaf for inner in value.values() for leaf in walk(inner)]
        if isinstance(value, list | tuple):
            return [leaf for inner in value for leaf in walk(inner)]
        return [value]

    assert all(" " not in leaf for leaf in walk(told) if isinstance(leaf, str)), "no free text and no postcode: both have a space"
    assert [leaf for leaf in walk(told) if isinstance(leaf, date)] == [referral.terms.needed_by, CLOSES]


@pytest.mark.parametrize(("born", "years", "months"), [(date(2024, 11, 23), 1, 23), (date(2024, 11, 22), 2, None), (TODAY, 0, 0)])
def test_an_age_is_told_in_months_only_under_two(born: date, years: int, months: int | None) -> None:
    age = age_on(born, TODAY)
    assert (age.years, age.months) == (years, months)


def test_every_field_of_the_vault_record_has_a_stage_and_none_but_the_sex_is_broadcast() -> None:
    held = {field.name for field in fields(Identity)}
    assert held <= set(CHILD)
    assert held & set(fields_shown(CHILD, Stage.BROADCAST)) == {"sex"}


def test_the_contract_of_the_bus_and_the_table_of_stages_name_the_same_fields() -> None:
    assert set(ChildView.model_fields) == set(fields_shown(CHILD, Stage.BROADCAST))
    assert set(ReferralView.model_fields) == set(fields_shown(REFERRAL, Stage.BROADCAST))
    assert set(NearPlace.model_fields) == {"what", "district", "visits_per_week"}


def test_a_field_that_the_table_does_not_hold_is_seen_by_nobody() -> None:
    assert shown(CHILD, Stage.COUNCIL_ONLY, {"nickname": "Zeph", "sex": "F"}) == {"sex": "F"}


def test_a_later_stage_shows_all_that_an_earlier_one_does() -> None:
    for table in (CHILD, REFERRAL):
        for earlier, later in zip(list(Stage), list(Stage)[1:], strict=False):
            assert set(fields_shown(table, earlier)) <= set(fields_shown(table, later))


def test_the_preview_lists_all_of_the_vault_record_that_the_broadcast_leaves_out_and_nothing_it_tells() -> None:
    kept_back = {name.removeprefix("child.") for name, _ in withheld(Stage.BROADCAST) if name.startswith("child.")}
    assert kept_back >= {field.name for field in fields(Identity)} - {"sex"}
    assert not kept_back & set(ChildView.model_fields)


@LAW
@given(sent())
def test_brothers_and_sisters_are_numbered_in_the_order_of_the_referral(of: tuple[Referral, dict[UUID, Identity]]) -> None:
    referral, vault = of
    view = view_of(referral, vault, TODAY, CLOSES)
    assert [child.child_number for child in view.children] == list(range(1, len(vault) + 1))
    turned = replace(referral, terms=replace(referral.terms, children=referral.terms.children[::-1]))
    ages = [child.age_years for child in view_of(turned, vault, TODAY, CLOSES).children]
    assert ages == [child.age_years for child in view.children][::-1]
