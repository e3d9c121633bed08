"""What the law asks of a household: recorded, published without an address, and looked at once more when a bed is taken."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import clock
from tests.providers import bodies
from tests.providers.bodies import AGENCY, COUNCIL, HAMPSHIRE, SOUTHAMPTON
from tests.providers.conftest import good
from tests.providers.test_holds import Home
from tests.running.services import RunningService


def exemption(**changes: Any) -> dict[str, Any]:
    """Southampton lets four fostered children live there."""
    return {"children": 4, "named": 4, "council": SOUTHAMPTON, "starts_on": "2020-01-01", "reference": "EX-2020-7"} | changes


async def two_homes(lot: RunningService, **changes: Any) -> tuple[Home, Home]:
    """Two vacancies of one household, with two beds each."""
    async with lot.as_(AGENCY) as agency:
        household = good(await agency.put("/households/H1", json=bodies.household(places=6) | changes))
        made = [good(await agency.put(f"/vacancies/V{number}", json=bodies.vacancy(free_beds=2))) for number in (1, 2)]
    first, second = (Home(lot, UUID(each["id"]), UUID(household["id"])) for each in made)
    return first, second


async def test_a_vacancy_says_what_the_law_asks_and_neither_address_nor_reference(lot: RunningService) -> None:
    stated = {"children_at_home": 3, "fostered_children": 2, "fostered_are_siblings": True, "exemptions": [exemption(ends_on="2040-01-01")]}
    async with lot.as_(AGENCY) as agency:
        kept = good(await agency.put("/households/H1", json=bodies.household(places=5) | stated))
        good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
    assert kept["lives_in"] == SOUTHAMPTON, "from the postcode directory"
    [opened] = await lot.published("vacancy.opened")
    facts = opened.data["facts"]
    assert (facts["approved_places"], facts["fostered_children"], facts["fostered_are_siblings"], facts["lives_in"]) == (
        5,
        2,
        True,
        SOUTHAMPTON,
    )
    assert facts["exemptions"] == [{"children": 4, "named": 4, "council": SOUTHAMPTON, "starts_on": "2020-01-01", "ends_on": "2040-01-01"}]
    assert "EX-2020-7" not in str(opened.data)
    async with lot.as_(COUNCIL) as council:
        seen = good(await council.get("/vacancies"))
    assert seen["items"][0]["fostered_children"] == 2
    assert "EX-2020-7" not in str(seen)


async def test_what_is_not_stated_is_published_as_not_stated_unless_no_child_lives_there(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for name, at_home in (("H1", 2), ("H2", 0)):
            good(await agency.put(f"/households/{name}", json=bodies.household(children_at_home=at_home)))
            good(await agency.put(f"/vacancies/{name}", json=bodies.vacancy(household=name)))
    told = [each.data["facts"] for each in await lot.published("vacancy.opened")]
    assert [(one["fostered_children"], one["fostered_are_siblings"]) for one in told] == [(None, None), (0, None)]


async def test_beds_taken_by_children_fostered_there_besides_are_not_offered(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household(places=3, children_at_home=2, fostered_children=2)))
        refused = await agency.put("/vacancies/V1", json=bodies.vacancy(free_beds=2))
        assert refused.json()["errors"][0]["rule"] == "more_beds_than_free"
        assert "2 fostered children live there besides" in refused.json()["errors"][0]["message"]
        good(await agency.put("/vacancies/V1", json=bodies.vacancy(free_beds=1)))
        more = await agency.put("/households/H1", json=bodies.household(places=3, children_at_home=3, fostered_children=3))
        assert [error["rule"] for error in more.json()["errors"]] == ["places_below_taken"]


BAD = [
    ({"exemptions": [exemption(council=HAMPSHIRE)]}, {("exemptions.0.council", "exemption_of_another_council")}),
    ({"exemptions": [exemption(ends_on="2019-12-31")]}, {("exemptions.0.ends_on", "exemption_backwards")}),
    ({"exemptions": [exemption(named=5)]}, {("exemptions.0.named", "exemption_names_too_many")}),
    ({"fostered_children": 1}, {("fostered_children", "fostered_above_children_at_home")}),
    ({"lives_in": HAMPSHIRE}, {("lives_in", "lives_in_contradicts_postcode")}),
    ({"postcode": "SO14 9ZZ", "exemptions": [exemption()]}, {("exemptions.0.council", "exemption_needs_area")}),
    (
        {"fostered_children": 4, "exemptions": [exemption(council=HAMPSHIRE, ends_on="2019-12-31", named=9)]},
        {
            ("places", "places_below_taken"),
            ("fostered_children", "fostered_above_children_at_home"),
            ("exemptions.0.council", "exemption_of_another_council"),
            ("exemptions.0.ends_on", "exemption_backwards"),
            ("exemptions.0.named", "exemption_names_too_many"),
        },
    ),
]


async def test_statements_that_cannot_be_are_refused_with_every_reason_and_nothing_is_written(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for changes, errors in BAD:
            refused = await agency.put("/households/H1", json=bodies.household() | changes)
            assert refused.status_code == 422, changes
            assert {(error["field"], error["rule"]) for error in refused.json()["errors"]} == errors
            assert HAMPSHIRE not in refused.text
        assert (await agency.get("/households/H1")).status_code == 404


async def test_a_fourth_fostered_child_is_refused_the_bed_and_the_bed_stays_free(lot: RunningService) -> None:
    home, _ = await two_homes(lot, children_at_home=2, fostered_children=2)
    await home.choose(home.selected(beds=2))
    [refused] = await lot.published("vacancy.refused")
    assert refused.data["reasons"] == ["usual_fostering_limit"]
    assert await home.free_beds() == 2
    await home.held(beds=1)


async def test_an_exemption_lets_the_fourth_in_on_its_days_alone(lot: RunningService) -> None:
    last = clock.today() + timedelta(10)
    home, _ = await two_homes(lot, children_at_home=2, fostered_children=2, exemptions=[exemption(ends_on=str(last))])
    await home.choose(home.selected(beds=2, arrives_on=last + timedelta(1)))
    [refused] = await lot.published("vacancy.refused")
    assert refused.data["reasons"] == ["usual_fostering_limit"]
    await home.held(beds=2, arrives_on=last)


@pytest.mark.parametrize("siblings", [True, False, None])
async def test_a_named_officers_word_counts_only_where_those_there_are_said_to_be_siblings(
    lot: RunningService, siblings: bool | None
) -> None:
    home, _ = await two_homes(lot, children_at_home=3, fostered_children=3, fostered_are_siblings=siblings, places=7)
    await home.choose(home.selected(limit_confirmed=True))
    assert len(await lot.published("vacancy.held")) == (siblings is True)
    await home.choose(home.selected())
    assert [each.data["reasons"] for each in await lot.published("vacancy.refused")][-1] == ["usual_fostering_limit"]


async def test_two_pairs_racing_for_two_vacancies_of_one_home_never_both_move_in(lot: RunningService) -> None:
    for number in range(8):
        async with lot.as_(AGENCY) as agency:
            household = good(await agency.put(f"/households/R{number}", json=bodies.household(places=6)))
            made = [
                good(await agency.put(f"/vacancies/R{number}-{place}", json=bodies.vacancy(household=f"R{number}", free_beds=2)))
                for place in (1, 2)
            ]
        pair = [Home(lot, UUID(each["id"]), UUID(household["id"])) for each in made]
        await asyncio.gather(*(home.choose(home.selected(beds=2)) for home in pair))
        assert sorted([await home.free_beds() for home in pair]) == [0, 2]
    assert len(await lot.published("vacancy.held")) == 8
    assert [each.data["reasons"] for each in await lot.published("vacancy.refused")] == [["usual_fostering_limit"]] * 8
