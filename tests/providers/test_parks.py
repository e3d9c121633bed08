"""A home parked after a decline: not available for a set time, shown so with the class of the reason, and then again by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import clock
from tests.providers import bodies
from tests.providers.bodies import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON
from tests.providers.conftest import Clock, good
from tests.running.services import RunningService

COUNCIL_OWN = f"council:{SOUTHAMPTON}"


async def published(service: RunningService, organisation: str = AGENCY) -> None:
    async with service.as_(organisation) as provider:
        good(await provider.put("/households/H1", json=bodies.household(places=2)))
        good(await provider.put("/vacancies/V1", json=bodies.vacancy()))


async def call(service: RunningService, organisation: str, method: str, path: str, body: Any = None) -> Any:
    real = datetime.now(UTC)  # tokens are dated by the real clock, whatever this test's says
    async with service.as_(organisation, iat=real, exp=real + timedelta(days=300)) as client:
        return await client.request(method, path, json=body)


PARK = {"reason": "carers_declined", "after": "declined_referral"}


async def listed(service: RunningService, organisation: str = COUNCIL_OWN) -> dict[str, Any]:
    [vacancy] = good(await call(service, organisation, "GET", "/vacancies"))["items"]
    found: dict[str, Any] = vacancy
    return found


async def test_a_parked_home_is_shown_as_not_available_with_the_class_of_its_reason_and_until_when(lot: RunningService) -> None:
    await published(lot)
    park = good(await call(lot, AGENCY, "POST", "/households/H1/park", PARK | {"reason": "carer_unwell"}))
    until = clock.today() + timedelta(days=14)
    assert (park["until"], park["shown_as"]) == (str(until), "carers")
    shown = await listed(lot)
    assert (shown["not_available_until"], shown["not_available_because"]) == (str(until), "carers")
    assert "carer_unwell" not in str(shown), "the reason itself is its provider's"
    told = (await lot.published("vacancy.changed"))[-1]
    assert told.data["facts"]["available_from"] == str(until), "to the other services it is free from that day"
    assert "unwell" not in str(told)


async def test_a_park_ends_by_itself_on_its_day(lot: RunningService, time: Clock) -> None:
    await published(lot)
    good(await call(lot, AGENCY, "POST", "/households/H1/park", PARK))
    start = clock.now()
    time.at(start + timedelta(days=6))
    assert (await listed(lot))["not_available_until"] is not None
    time.at(start + timedelta(days=7))
    shown = await listed(lot)
    assert (shown["not_available_until"], shown["not_available_because"]) == (None, None)
    assert good(await call(lot, AGENCY, "POST", "/households/H1/park", PARK))["ended_at"] is None, "it can be parked anew"


async def test_a_park_ended_early_makes_the_home_available_at_once(lot: RunningService) -> None:
    await published(lot)
    good(await call(lot, AGENCY, "POST", "/households/H1/park", PARK))
    good(await call(lot, AGENCY, "DELETE", "/households/H1/park"))
    assert (await listed(lot))["not_available_until"] is None
    told = (await lot.published("vacancy.changed"))[-1]
    assert told.data["facts"]["available_from"] == bodies.vacancy()["available_from"]
    again = await call(lot, AGENCY, "DELETE", "/households/H1/park")
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (409, "parked")


async def test_changing_the_household_or_publishing_again_keeps_the_park(lot: RunningService) -> None:
    await published(lot)
    until = good(await call(lot, AGENCY, "POST", "/households/H1/park", PARK))["until"]
    good(await call(lot, AGENCY, "PUT", "/households/H1", bodies.household(places=3)))
    assert (await listed(lot))["not_available_until"] == until
    good(await call(lot, AGENCY, "PUT", "/vacancies/V1", bodies.vacancy(free_beds=2)))
    assert (await listed(lot))["not_available_until"] == until


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"until": 0}, {"later_than_today"}),
        ({"until": -3}, {"later_than_today"}),
        ({"until": 29}, {"not_beyond_the_most"}),
        ({"reason": "because"}, None),
        ({"after": None}, None),
    ],
)
async def test_a_park_that_breaks_a_rule_is_refused_and_nothing_is_parked(
    lot: RunningService, change: dict[str, Any], rules: set[str] | None
) -> None:
    await published(lot)
    body = PARK | change
    if isinstance(body.get("until"), int):
        body["until"] = str(clock.today() + timedelta(days=body["until"]))
    refused = await call(lot, AGENCY, "POST", "/households/H1/park", {name: value for name, value in body.items() if value is not None})
    assert refused.status_code == 422
    if rules is not None:
        assert {error["rule"] for error in refused.json()["errors"]} == rules
    assert (await listed(lot))["not_available_until"] is None


async def test_one_park_at_a_time_and_only_ones_own_household(lot: RunningService) -> None:
    await published(lot)
    good(await call(lot, AGENCY, "POST", "/households/H1/park", PARK))
    second = await call(lot, AGENCY, "POST", "/households/H1/park", PARK)
    assert [error["rule"] for error in second.json()["errors"]] == ["one_park_at_a_time"]
    for stranger in (OTHER_AGENCY, COUNCIL_OWN):
        assert (await call(lot, stranger, "POST", "/households/H1/park", PARK)).status_code == 404


async def test_a_council_parks_its_own_carers(lot: RunningService) -> None:
    await published(lot, COUNCIL_OWN)
    good(await call(lot, COUNCIL_OWN, "POST", "/households/H1/park", PARK))
    assert (await listed(lot, f"council:{HAMPSHIRE}"))["not_available_because"] == "carers"
