"""The declared table: what is in it is seen as it says, what is not is seen by nobody; and the page made of it is the committed one."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth import disclosure_table
from referrals.domain.disclosure import (
    CHILD,
    FINGERPRINT,
    IN_FORCE_FROM,
    NEAR_PLACE,
    REFERRAL,
    TABLE,
    VERSION,
    Noun,
    Reader,
    Showing,
    Stage,
    cell,
    fields_seen,
    shown,
)
from referrals.domain.identity import Identity
from referrals.domain.referral import ChildNeeds, Terms
from referrals.schemas.agreements import AgreementBody, CostsBody
from referrals.schemas.agreements_due import MissingBody
from referrals.schemas.placements import DisclosedChild, PlacementBody, PlacementChildren
from referrals.schemas.referrals import PreviewBody
from referrals.schemas.stability import EventBody, WatchedOne
from shared.contracts import referrals as contracts
from shared.contracts.matching import OfferMade
from shared.contracts.providers import VacancyFacts

STAGES = (Stage.BROADCAST, Stage.SHORTLISTED, Stage.SELECTED, Stage.PLACED)
PROVIDERS = (Reader.PROVIDER_OF_THE_LOT, Reader.SHORTLISTED_PROVIDER, Reader.SELECTED_PROVIDER)
PAGE = Path(__file__).parents[3] / "docs" / "disclosure.html"
NOUNS, READERS, EVERY_STAGE = st.sampled_from(Noun), st.sampled_from(Reader), st.sampled_from(STAGES)
NAMES = st.text(max_size=20) | st.sampled_from(["photograph", "telephone", "social_worker", "GIVEN_NAMES", " given_names", "given_name"])


@given(NOUNS, NAMES, EVERY_STAGE, READERS, st.text())
def test_a_field_that_is_not_in_the_table_is_shown_to_nobody(noun: Noun, name: str, stage: Stage, reader: Reader, value: str) -> None:
    if name in {line.field for line in TABLE if line.noun is noun}:
        return
    assert cell(noun, name, stage, reader).showing is Showing.HIDDEN
    assert name not in fields_seen(noun, stage, reader)
    for table in (CHILD, REFERRAL, NEAR_PLACE):
        if name not in table:
            assert shown(table, Stage.COUNCIL_ONLY, {name: value}) == {}


def test_every_field_is_declared_once_for_every_reader_at_every_stage() -> None:
    assert len({(line.noun, line.field) for line in TABLE}) == len(TABLE)
    for line in TABLE:
        for reader in Reader:
            assert all(line.cell(stage, reader).showing in Showing for stage in STAGES)
            assert line.blurred.get(reader) != "", f"{line.noun}.{line.field} is blurred without saying how"


@pytest.mark.parametrize("noun", list(Noun))
def test_each_stage_and_each_step_closer_shows_at_least_what_the_one_before_did(noun: Noun) -> None:
    for reader in Reader:
        seen = [fields_seen(noun, stage, reader) for stage in STAGES]
        assert seen == sorted(seen, key=len)
        assert all(before <= after for before, after in pairwise(seen))
    for stage in STAGES:
        lot, shortlisted, selected = (fields_seen(noun, stage, reader) for reader in PROVIDERS)
        assert lot <= shortlisted <= selected


def test_nothing_that_names_or_finds_a_child_is_shown_to_a_provider_before_the_placement_is_agreed() -> None:
    told = {"sex"}  # the one part of the vault's record that every provider is told
    for stage in STAGES:
        for reader in Reader:
            if reader is Reader.OWN_COUNCIL or (reader is Reader.SELECTED_PROVIDER and stage is Stage.PLACED):
                continue
            assert fields_seen(Noun.CHILD, stage, reader) & set(Identity.__dataclass_fields__) <= told


def test_why_a_placement_needs_looking_at_is_the_councils_alone() -> None:
    told = set(WatchedOne.model_fields) - {"placement"}  # the placement's own id
    assert told <= fields_seen(Noun.PLACEMENT, Stage.PLACED, Reader.OWN_COUNCIL)
    assert {"reasons", "last_look", "looks"}.isdisjoint(fields_seen(Noun.PLACEMENT, Stage.PLACED, Reader.SELECTED_PROVIDER))


def test_other_councils_and_the_project_manager_see_no_child_no_referral_and_no_placement() -> None:
    for noun in (Noun.CHILD, Noun.REFERRAL, Noun.NEAR_PLACE, Noun.PLACEMENT, Noun.OFFER, Noun.NOTICE):
        for stage in STAGES:
            assert fields_seen(noun, stage, Reader.OTHER_COUNCILS) == frozenset()
            assert fields_seen(noun, stage, Reader.PROJECT_MANAGER) == frozenset()


def test_a_carers_full_postcode_is_shown_to_nobody_but_their_own_provider() -> None:
    for stage in STAGES:
        seeing = {reader for reader in Reader if cell(Noun.HOUSEHOLD, "postcode", stage, reader).showing is Showing.SHOWN}
        assert seeing == {Reader.SHORTLISTED_PROVIDER, Reader.SELECTED_PROVIDER}


def test_every_field_that_referrals_keeps_of_a_child_and_a_referral_is_declared() -> None:
    assert set(Identity.__dataclass_fields__) <= set(CHILD)
    assert set(ChildNeeds.__dataclass_fields__) - {"child"} <= set(CHILD)
    assert set(Terms.__dataclass_fields__) <= set(REFERRAL)
    assert CHILD["time_in_care"] is Stage.COUNCIL_ONLY


WHO_GETS_WHAT = [
    (contracts.ReferralView, Noun.REFERRAL, Stage.BROADCAST, Reader.PROVIDER_OF_THE_LOT),
    (contracts.ChildView, Noun.CHILD, Stage.BROADCAST, Reader.PROVIDER_OF_THE_LOT),
    (contracts.NearPlace, Noun.NEAR_PLACE, Stage.BROADCAST, Reader.PROVIDER_OF_THE_LOT),
    (VacancyFacts, Noun.HOUSEHOLD, Stage.BROADCAST, Reader.OTHER_COUNCILS),
    (PlacementBody, Noun.PLACEMENT, Stage.PLACED, Reader.SELECTED_PROVIDER),
    (EventBody, Noun.PLACEMENT_EVENT, Stage.PLACED, Reader.SELECTED_PROVIDER),
    *((body, Noun.AGREEMENT, Stage.PLACED, Reader.SELECTED_PROVIDER) for body in (AgreementBody, CostsBody, MissingBody)),
]


@pytest.mark.parametrize(("body", "noun", "stage", "reader"), WHO_GETS_WHAT)
def test_what_goes_out_carries_only_fields_the_table_shows_there(body: type, noun: Noun, stage: Stage, reader: Reader) -> None:
    assert set(body.model_fields) <= fields_seen(noun, stage, reader)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "event", [contracts.PlacementAgreed, contracts.PlacementStarted, contracts.PlacementEnded, contracts.PlacementCancelled]
)
def test_news_of_a_placement_carries_nothing_of_a_child_but_what_the_placement_shows(event: type) -> None:
    of_the_event = {"placement", "planned", "reason", "numbers_in_year"}  # the placement's own id, its ending, and a count
    carried = set(event.model_fields) - of_the_event  # type: ignore[attr-defined]
    assert carried <= fields_seen(Noun.PLACEMENT, Stage.PLACED, Reader.SELECTED_PROVIDER)


def test_news_that_a_referral_was_begun_carries_only_what_is_shown_to_everybody_or_counted() -> None:
    for name in set(contracts.ReferralCreated.model_fields) - {"ages"}:
        assert cell(Noun.REFERRAL, name, Stage.BROADCAST, Reader.PROVIDER_OF_THE_LOT).showing is Showing.SHOWN
    assert cell(Noun.CHILD, "age_years", Stage.BROADCAST, Reader.PROJECT_MANAGER).showing is Showing.BLURRED


def test_news_of_an_offer_carries_only_fields_of_offers() -> None:
    declared = {line.field for line in TABLE if line.noun in (Noun.OFFER, Noun.REFERRAL)}
    assert set(OfferMade.model_fields) <= declared


def test_who_the_child_is_goes_to_an_agency_field_by_field_out_of_the_table() -> None:
    """The body has room for all the council may see; of it the agency's reply holds what the table shows (tried over HTTP beside)."""
    assert set(PlacementChildren.model_fields) == {"placement", "children"}
    assert set(DisclosedChild.model_fields) <= fields_seen(Noun.CHILD, Stage.PLACED, Reader.OWN_COUNCIL)
    required = {name for name, field in DisclosedChild.model_fields.items() if field.is_required()}
    assert required <= fields_seen(Noun.CHILD, Stage.PLACED, Reader.SELECTED_PROVIDER)
    assert PreviewBody.model_fields["view"].annotation is contracts.ReferralView


def test_the_committed_page_is_made_of_the_table_as_it_stands() -> None:
    assert PAGE.read_text(encoding="utf-8") == disclosure_table.page(), "make it anew: hearth disclosure-table > docs/disclosure.html"


def test_the_page_holds_every_field_the_version_and_a_place_to_sign() -> None:
    page = disclosure_table.page()
    assert all(f"<code>{line.field}</code>" in page for line in TABLE)
    assert f"Version {VERSION}" in page
    assert page.count(FINGERPRINT) == 2
    assert "Data-protection officer" in page


def test_a_changed_table_has_a_new_version() -> None:
    """Signatures stand under a fingerprint. When this fails: raise VERSION, give the day, make the page anew, and add the line here."""
    kept = {
        (1, date(2026, 11, 22)): "8f8ab681fc998e36",
        (2, date(2026, 11, 22)): "ff21d03b9fb195c7",
        (3, date(2026, 11, 22)): "a03f6586411059e1",
        (4, date(2026, 11, 22)): "98f72e025e804a0d",
        (5, date(2026, 11, 22)): "19a4f74f07282f50",
        (6, date(2026, 11, 22)): "40b80dda531ffa7b",
        (7, date(2026, 11, 22)): "cd5b8f2f49519b2c",
        (8, date(2026, 11, 22)): "455395b27d3a16ee",
        (9, date(2026, 11, 22)): "80742926a4796eea",
        (10, date(2026, 11, 22)): "34e91a21815bff68",
        (11, date(2026, 11, 22)): "77e198c67c93701d",
        (12, date(2026, 11, 22)): "c06e549af6434db7",
        (13, date(2026, 11, 30)): "3a72591f8bc0da65",
        (14, date(2026, 11, 30)): "eee3de2511b325ab",
        (15, date(2026, 11, 30)): "da60efab0a55c7f6",
    }
    assert kept[VERSION, IN_FORCE_FROM] == FINGERPRINT
