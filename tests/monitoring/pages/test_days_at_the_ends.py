"""A page's address may name any day: one at the ends of the calendar is refused in words, and never a fault."""

from __future__ import annotations

import pytest

from tests.monitoring.pages.browsing import Pages

ADDRESSES = ("/pages", "/pages/figures", "/pages/figures/unplanned_endings", "/pages/agencies", "/pages/gaps", "/pages/savings")


@pytest.mark.parametrize("day", ["0001-01-01", "0001-02-01", "1899-12-31", "9999-12-31", "2200-01-01", "0", "1e5"])
async def test_a_day_at_the_ends_of_the_calendar_is_no_period(pages: Pages, day: str) -> None:
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    for address in ADDRESSES:
        for name in ("from", "to"):
            reply = await manager.get(f"{address}?{name}={day}")
            assert reply.status_code == 422, (address, name)


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
async def test_the_first_and_the_last_day_there_is_are_shown(pages: Pages, day: str) -> None:
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    for address in ADDRESSES:
        assert (await manager.get(f"{address}?to={day}")).status_code in (200, 422), address


async def test_a_null_byte_in_a_form_is_refused_as_a_page_and_names_its_field(pages: Pages) -> None:
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    form = {"kind": "monitoring", "day": "2027-01-05", "begins": "10:00", "ends": "11:00", "place": "a\0b", "lead_person": "A. Lead"}
    form["form_token"] = manager.form_token((await manager.get("/pages/meetings/new")).text)
    reply = await manager.post("/pages/meetings", form)
    assert reply.status_code == 422
    assert "null byte" in reply.text
