"""Ofsted's register as the consortium keeps it, and the list the sector's validator reads."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl

from shared import clock
from tests.providers import bodies
from tests.providers.bodies import CONSORTIUM, URNS
from tests.providers.conftest import good
from tests.running.services import RunningService

HOME: dict[str, Any] = {
    "name": "Elm House (invented)",
    "kind": "childrens_home",
    "provider_codes": ["PR4", "PR5"],
    "local_authority": "Southampton City Council",
    "postcode": "so14 7ly",
}
COLUMNS = [
    "Local authority", "URN", "Provider type", "Setting name", "Placement code", "Placement provider code", "Deregistration date",
    "Setting address postcode",
]  # fmt: skip


async def the_list(service: RunningService) -> list[tuple[Any, ...]]:
    reply = await service.as_("council:E06000045", "reader").get("/register/ofsted-list.xlsx")
    assert reply.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    assert len(book.sheetnames) == 1
    return [tuple(row) for row in book.active.iter_rows(values_only=True)]  # type: ignore[union-attr]


async def test_the_list_has_every_agency_and_every_other_place_in_ofsteds_columns(lot: RunningService) -> None:
    async with lot.as_(CONSORTIUM) as consortium:
        recorded = good(await consortium.put("/register/SC960001", json=HOME | {"deregistered_on": "2025-06-30"}))
        assert (recorded["postcode"], recorded["version"]) == ("SO14 7LY", 1)
        agency = HOME | {"name": "ignored", "kind": "fostering_agency", "provider_codes": ["PR4"], "local_authority": "Reading"}
        good(await consortium.put(f"/register/{URNS[0]}", json=agency | {"postcode": "RG1 1AA"}))
    header, *rows = await the_list(lot)
    assert list(header) == COLUMNS
    by_urn = {row[1]: row for row in rows}
    assert set(by_urn) == {"SC960001", *URNS[:2]}
    assert by_urn["SC960001"] == (
        "Southampton City Council", "SC960001", "Children's Home", "Elm House (invented)", "K2", "PR4,PR5",
        datetime.combine(date(2025, 6, 30), time()), "SO14 7LY",
    )  # fmt: skip
    first = by_urn[URNS[0]]
    assert (first[2], first[3], first[4], first[7]) == ("Independent Fostering Agency", "Agency 1", "U1,U2,U3,U4,U5,U6", "RG1 1AA")


async def test_a_name_that_looks_like_a_formula_stays_text(providers: RunningService) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        good(await consortium.put("/register/SC960001", json=HOME | {"name": "=1+1"}))
        content = (await consortium.get("/register/ofsted-list.xlsx")).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("=1+1", "s")


async def test_an_entry_is_refused_with_every_rule_it_breaks(lot: RunningService) -> None:
    tomorrow = (clock.today() + timedelta(1)).isoformat()
    async with lot.as_(CONSORTIUM) as consortium:
        reply = await consortium.put(f"/register/{URNS[0]}", json=HOME | {"postcode": "QQ1 1QQ", "deregistered_on": tomorrow})
    assert reply.status_code == 422
    assert {each["rule"] for each in reply.json()["errors"]} == {"deregistered_in_future", "agency_kind", "postcode_impossible"}


async def test_recording_the_same_again_changes_nothing_and_a_correction_is_a_version(providers: RunningService) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        replies = [await consortium.put("/register/SC960001", json=body) for body in (HOME, HOME, HOME | {"name": "Elm House"})]
        assert [(reply.status_code, reply.json()["version"]) for reply in replies] == [(201, 1), (200, 1), (200, 2)]
        assert [row["name"] for row in good(await consortium.get("/register"))["items"]] == ["Elm House"]


async def test_only_the_consortium_writes_the_register(providers: RunningService) -> None:
    for who in (bodies.AGENCY, "council:E06000045"):
        assert (await providers.as_(who).put("/register/SC960001", json=HOME)).status_code == 403


async def test_what_is_recorded_for_the_first_time_is_answered_as_declared(providers: RunningService) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        reply = await consortium.put("/register/SC960001", json=HOME)
    assert reply.status_code == 201
    puts = {path: one["put"]["responses"] for path, one in providers.app.openapi()["paths"].items() if "put" in one}
    assert {path for path, declared in puts.items() if not {"200", "201"} <= declared.keys()} == {
        f"/tender-rounds/{{id}}/{which}" for which in ("quality-scores", "moderated-scores")
    }, "lists that are replaced whole are never new"
