"""Generated vault records and referrals whose identifying words cannot be mistaken for anything a broadcast may say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from referrals.domain.identity import Identity, Relative
from referrals.domain.referral import ChildNeeds, Near, NearDistrict, Referral, State, Terms
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Siblings, Urgency

LAW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How a law is tried: by its examples, not by how busy the machine is just then."""

TODAY = date(2026, 11, 22)
CLOSES = datetime(2026, 11, 24, 16, tzinfo=UTC)

# Every generated word holds a letter that is in no code, district, reference or date of a broadcast, so that finding it means a leak.
MARK = "§"
LETTERS = "abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ '-éøß"
words = st.text(alphabet=LETTERS, min_size=1, max_size=6).map(lambda text: f"{text}{MARK}")
digits = st.integers(0, 10**10 - 1).map(lambda number: f"{number:010}")
districts = st.sampled_from(["SO14", "SO15", "RG1", "SL1", "OX4", "GU1", "W1A"])
units = st.sampled_from(["7LY", "2EX", "9QP", "1AA"])
births = st.dates(min_value=date(2008, 11, 23), max_value=TODAY)


@st.composite
def identities(draw: st.DrawFn, born: date | None = None, sex: str | None = None, district: str | None = None) -> Identity:
    """A vault record; what may be told of it (birth for the age, sex, district) can be fixed."""
    number = draw(digits)
    return Identity(
        child_id=draw(words),
        given_names=draw(words),
        family_name=draw(words),
        date_of_birth=born or draw(births),
        sex=sex or draw(st.sampled_from("MFU")),
        ethnicity=draw(st.sampled_from(["WBRI", "ABAN", "BCRB", "MOTH"])),
        upn=f"A{number}12",
        nhs_number=number,
        home_address=draw(words),
        home_postcode=f"{district or draw(districts)} {draw(units)}",
        school=draw(words),
        mother=draw(st.booleans()),
        mother_child_date_of_birth=draw(st.none() | births),
        unaccompanied=draw(st.none() | st.booleans()),
        unaccompanied_until=draw(st.none() | births),
        legal_status=draw(st.sampled_from(["C1", "V2"])),
        category_of_need=draw(st.sampled_from(["N1", "N8"])),
        relatives=tuple(draw(st.lists(st.builds(Relative, words, words), max_size=3))),
    )


def _some(words: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(list(words)), unique=True, max_size=4).map(tuple)


@st.composite
def referrals(draw: st.DrawFn, children: int) -> Referral:
    """A referral of that many children, named 1, 2, 3 …"""
    needs = tuple(
        ChildNeeds(
            child=UUID(int=number),
            languages=draw(st.sampled_from([("en",), ("pl", "en"), ("so",)])),
            religion=draw(st.none() | st.sampled_from(Religion)),
            essential_needs=draw(_some(Need)),
            preferred_needs=draw(_some(Need)),
            risks_to_child=draw(_some(RiskToChild)),
            risks_to_others=draw(_some(RiskToOthers)),
        )
        for number in range(1, children + 1)
    )
    near = st.builds(NearDistrict, st.sampled_from(Near), districts, st.none() | st.just(Decimal("2.5")))
    terms = Terms(
        lot="general",
        kind=draw(st.sampled_from(PlacementKind)),
        place="U6",
        urgency=draw(st.sampled_from(Urgency)),
        planned=draw(st.booleans()),
        needed_by=draw(st.dates(min_value=TODAY, max_value=date(2027, 12, 31))),
        siblings=Siblings.ONLY_CHILD if children == 1 else Siblings.TOGETHER,
        children=needs,
        expected_weeks=draw(st.none() | st.integers(1, 900)),
        near=tuple(draw(st.lists(near, max_size=3))),
        avoid_districts=tuple(draw(st.lists(districts, max_size=2))),
        preferred_miles=draw(st.none() | st.integers(1, 100)),
    )
    return Referral(
        id=UUID("abcdefab-cdef-4abc-8def-abcdefabcdef"),  # no run of digits that a number could be mistaken for
        council="E06000045",
        reference="K7M4-WQ3P",
        version=3,
        state=State.IN_HOUSE_DECIDED,
        terms=terms,
        created_at=CLOSES,
        created_by="somebody@council",
    )
