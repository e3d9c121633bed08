"""Whom carers would rather look after: published with the vacancy, inside the approval, ruling nobody out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers import bodies
from tests.providers.bodies import AGENCY
from tests.providers.conftest import good
from tests.running.services import RunningService

WISHES = {"prefers_from_age": 4, "prefers_to_age": 9, "prefers_sexes": ["F"]}


async def test_preferences_are_kept_published_and_changed_with_the_vacancy(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        kept = good(await agency.put("/households/H1", json=bodies.household(**WISHES)))
        seen = good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        assert {name: kept[name] for name in WISHES} == {name: seen[name] for name in WISHES} == WISHES
        good(await agency.put("/households/H1", json=bodies.household()))
    [opened], [changed] = await lot.published("vacancy.opened"), await lot.published("vacancy.changed")
    assert {name: opened.data["facts"][name] for name in WISHES} == WISHES
    assert {name: changed.data["facts"][name] for name in WISHES} == dict.fromkeys(WISHES) | {"prefers_sexes": []}


@pytest.mark.parametrize(
    ("wishes", "faults"),
    [
        ({"prefers_from_age": 9, "prefers_to_age": 4}, {("prefers_to_age", "preference_backwards")}),
        (
            {"from_age": 5, "to_age": 8, "prefers_from_age": 4, "prefers_to_age": 9},
            {("prefers_from_age", "preference_outside_approval"), ("prefers_to_age", "preference_outside_approval")},
        ),
        ({"sexes": ["M"], "prefers_sexes": ["F"]}, {("prefers_sexes", "preference_outside_approval")}),
    ],
)
async def test_a_preference_outside_the_approval_is_refused_with_every_reason(
    lot: RunningService, wishes: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    async with lot.as_(AGENCY) as agency:
        reply = await agency.put("/households/H1", json=bodies.household(**wishes))
        assert (reply.status_code, {(one["field"], one["rule"]) for one in reply.json()["errors"]}) == (422, faults)
        assert (await agency.get("/households/H1")).status_code == 404
