"""Suspending an agency: named reason, an end or a review, told to every service; no bed of it is taken meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import clock
from tests.providers import bodies
from tests.providers.bodies import AGENCY, CONSORTIUM, COUNCIL, OTHER_AGENCY, URNS
from tests.providers.conftest import Tender, good
from tests.providers.test_holds import Home
from tests.running.services import RunningService

PATH = f"/agencies/{URNS[0]}/suspensions"


def days(count: int) -> str:
    return str(clock.today() + timedelta(count))


def body(**changes: Any) -> dict[str, Any]:
    return {"reason": "safeguarding_stop", "starts_on": days(0), "review_on": days(28)} | changes


async def test_a_suspension_is_recorded_told_with_the_agencys_record_and_lifted_with_a_reason(lot: RunningService) -> None:
    async with lot.as_(CONSORTIUM, "project_manager", sub="pat") as manager:
        made = good(await manager.post(PATH, json=body()))
        assert (made["in_force"], made["recorded_by"]) == (True, "pat")
        # The record is put right meanwhile: it goes on saying that the agency is suspended.
        good(await manager.put(f"/agencies/{URNS[0]}", json=bodies.agency(ofsted_rating="inadequate")))
        lifted = good(await manager.post(f"{PATH}/{made['id']}/lifting", json={"reason": "safeguarding_closed"}))
        assert (lifted["in_force"], lifted["lifted_because"]) == (False, "safeguarding_closed")
        again = await manager.post(f"{PATH}/{made['id']}/lifting", json={"reason": "safeguarding_closed"})
        assert again.json()["errors"][0]["rule"] == "lifted_once"
    told = [each for each in await lot.published("agency.recorded") if each.subject == URNS[0]]
    assert [each.version for each in told] == [1, 2, 3, 4]
    assert [each.data["suspension"] and each.data["suspension"]["reason"] for each in told] == [
        None,
        "safeguarding_stop",
        "safeguarding_stop",
        None,
    ]
    assert "pat" not in str(told[1].data)


async def test_who_may_read_of_a_suspension(lot: RunningService) -> None:
    async with lot.as_(CONSORTIUM) as manager:
        good(await manager.post(PATH, json=body()))
    for organisation, named in ((COUNCIL, True), (AGENCY, False)):
        async with lot.as_(organisation) as caller:
            [seen] = good(await caller.get(PATH))["items"]
            assert (seen["recorded_by"] != "the consortium") == named
    async with lot.as_(OTHER_AGENCY) as caller:
        assert (await caller.get(PATH)).status_code == 404
        assert "suspen" not in (await caller.get(f"/agencies/{URNS[0]}")).text


@pytest.mark.parametrize(
    ("changes", "status", "errors"),
    [
        ({"review_on": None}, 422, {("review_on", "review_or_end")}),
        ({"review_on": days(-1)}, 422, {("review_on", "review_after_start")}),
        ({"review_on": days(-1), "ends_on": days(-2)}, 422, {("review_on", "review_after_start"), ("ends_on", "end_after_start")}),
        ({"starts_on": days(-9), "ends_on": days(-1)}, 422, {("ends_on", "not_over_already")}),
        ({"reason": "because"}, 422, {("reason", "known_code")}),
        ({"reason": None}, 422, {("reason", "known_code")}),
    ],
)
async def test_a_suspension_that_cannot_be_is_refused_with_every_reason(
    lot: RunningService, changes: dict[str, Any], status: int, errors: set[tuple[str, str]]
) -> None:
    async with lot.as_(CONSORTIUM) as manager:
        refused = await manager.post(PATH, json=body(**changes))
        assert refused.status_code == status
        assert {(error["field"], error["rule"]) for error in refused.json()["errors"]} == errors
        assert good(await manager.get(PATH))["items"] == []


async def test_one_suspension_stands_at_a_time_and_an_agency_not_registered_has_none(lot: RunningService) -> None:
    async with lot.as_(CONSORTIUM) as manager:
        good(await manager.post(PATH, json=body()))
        second = await manager.post(PATH, json=body())
        assert (second.status_code, second.json()["errors"][0]["rule"]) == (409, "one_at_a_time")
        assert (await manager.post(f"/agencies/{URNS[8]}/suspensions", json=body())).status_code == 404
        stranger = f"{PATH}/01900000-0000-7000-8000-000000000000/lifting"
        assert (await manager.post(stranger, json={"reason": "recorded_by_mistake"})).status_code == 404


@pytest.mark.parametrize(
    ("changes", "taken"),
    [({}, False), ({"starts_on": days(1)}, True), ({"starts_on": days(-3), "review_on": None, "ends_on": days(0)}, False)],
)
async def test_no_bed_of_a_suspended_agency_is_taken_from_its_first_day_to_its_last(
    lot: RunningService, changes: dict[str, Any], taken: bool
) -> None:
    async with lot.as_(AGENCY) as agency:
        household = good(await agency.put("/households/H1", json=bodies.household()))
        vacancy = good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
    home = Home(lot, UUID(vacancy["id"]), UUID(household["id"]))
    async with lot.as_(CONSORTIUM) as manager:
        good(await manager.post(PATH, json=body(**changes)))
    await home.choose(home.selected())
    refused = await lot.published("vacancy.refused")
    assert [each.data["reasons"] for each in refused] == ([] if taken else [["agency_suspended"]])
    assert await home.free_beds() == (0 if taken else 1)


async def test_a_published_list_says_how_each_agency_was_rated_then(tender: Tender) -> None:
    for urn in bodies.URNS[:2]:
        good(await tender.agencies[urn].put(f"{tender.path}/bid", json=bodies.bid()))
    await tender.closed()
    await tender.scored(dict.fromkeys(bodies.URNS[:2], ("4", "4")))
    good(await tender.consortium.post(f"{tender.path}/evaluation"))
    good(await tender.consortium.post(f"{tender.path}/publication"))
    [told] = await tender.service.published("tiers.published")
    assert {line["agency"]: line["rating"] for line in told.data["lines"]} == dict.fromkeys(bodies.URNS[:2], "good")
    said = (await tender.service.published("lot.recorded"))[-1].data
    assert (said["accepted_ratings"], said["below_gate"]) == (["outstanding", "good"], "named_decision")
