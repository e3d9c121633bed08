"""A council sees its own, an agency its own, the project manager all and never a child."""

from __future__ import annotations

import json

import pytest

from monitoring.actions import recounting
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.told import a_placement, a_referral, baseline
from tests.running.services import RunningService


async def value(service: RunningService, organisation: str, name: str, **asked: str) -> str | None:
    reply = await service.as_(organisation).get(f"/kpis/{name}", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()["kpi"]["value"]


async def test_each_organisation_counts_only_its_own_and_the_consortium_all(monitoring: RunningService) -> None:
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{ASH}")
    await a_placement(monitoring, SLOUGH, f"agency:{OAK}", pounds="1400.00")
    seen = {
        who: (await value(monitoring, who, "placements"), await value(monitoring, who, "spend"))
        for who in (f"council:{SOUTHAMPTON}", f"council:{SLOUGH}", f"agency:{OAK}", f"agency:{ASH}", "consortium")
    }
    assert seen == {
        f"council:{SOUTHAMPTON}": ("2", "2800.00"),
        f"council:{SLOUGH}": ("1", "2800.00"),
        f"agency:{OAK}": ("2", "4200.00"),
        f"agency:{ASH}": ("1", "1400.00"),
        "consortium": ("3", "5600.00"),
    }
    assert await value(monitoring, "consortium", "spend", council=SOUTHAMPTON, agency=ASH) == "1400.00"


@pytest.mark.parametrize("path", ["/kpis", "/kpis/spend", "/savings"])
async def test_another_councils_figures_are_refused_by_name_of_the_rule(monitoring: RunningService, path: str) -> None:
    reply = await monitoring.as_(f"council:{SOUTHAMPTON}").get(path, params={"council": SLOUGH})
    assert reply.status_code == 403
    assert reply.headers["content-type"] == "application/problem+json"
    assert "another council" in reply.json()["detail"]


async def test_another_agencys_figures_are_refused(monitoring: RunningService) -> None:
    assert (await monitoring.as_(f"agency:{OAK}").get("/kpis", params={"agency": ASH})).status_code == 403


async def test_an_agency_is_not_told_what_compares_or_prices_others(monitoring: RunningService) -> None:
    agency = monitoring.as_(f"agency:{OAK}")
    for path in ("/kpis/savings_pounds", "/kpis/placed_tier_one", "/savings", "/summary", "/baseline-prices"):
        assert (await agency.get(path)).status_code == 403, path


async def test_an_agency_sees_with_one_council_only_its_own_business(monitoring: RunningService) -> None:
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{ASH}", pounds="9999.00")
    assert await value(monitoring, f"agency:{OAK}", "spend", council=SOUTHAMPTON) == "1400.00"


async def test_the_summary_is_the_project_managers_alone(monitoring: RunningService) -> None:
    for organisation, roles in ((f"council:{SLOUGH}", ()), (f"agency:{OAK}", ()), ("consortium", ("procurement_lead",))):
        assert (await monitoring.as_(organisation, *roles).get("/summary")).status_code == 403
    assert (await monitoring.with_token(None).get("/summary")).status_code == 401


@pytest.mark.parametrize("counted_before", [False, True])
async def test_a_summary_of_one_council_still_has_every_councils_own_row(monitoring: RunningService, *, counted_before: bool) -> None:
    """Counted from the facts alone, and from kept months with the days of the running one."""
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=0)
    await a_placement(monitoring, SLOUGH, f"agency:{OAK}", days_ago=0)
    await a_placement(monitoring, SLOUGH, f"agency:{OAK}", days_ago=70)
    if counted_before:
        await recounting.sweep(monitoring.databases)
    page = (await monitoring.as_("consortium").get("/summary", params={"council": SOUTHAMPTON})).json()
    rows = {row["council"]: row["figures"]["placements"]["value"] for row in page["councils"]}
    assert (page["figures"]["placements"]["value"], rows[SOUTHAMPTON], rows[SLOUGH]) == ("1", "1", "2")


async def test_no_reply_shows_a_child_or_a_single_placement(monitoring: RunningService) -> None:
    referral = await a_referral(monitoring, SOUTHAMPTON)
    placement = await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", referral=referral)
    manager = monitoring.as_("consortium")
    for path in ("/kpis", "/savings", "/summary"):
        said = (await manager.get(path)).text
        assert str(referral) not in said
        assert str(placement) not in said
        assert "ages" not in json.loads(said)


async def test_the_figures_of_the_project_manager_move_as_things_happen(monitoring: RunningService) -> None:
    await monitoring.as_(f"council:{SOUTHAMPTON}").put("/baseline-prices", json={"prices": [baseline()]})
    before = (await monitoring.as_("consortium").get("/summary")).json()["figures"]
    first = await a_referral(monitoring, SOUTHAMPTON)
    await a_referral(monitoring, SOUTHAMPTON, again=first)
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", referral=first)
    page = (await monitoring.as_("consortium").get("/summary")).json()
    after = page["figures"]
    moved = {name: (before[name]["value"], after[name]["value"]) for name in ("referrals", "demand", "placements", "savings_pounds")}
    assert moved == {"referrals": ("0", "2"), "demand": ("0", "1"), "placements": ("0", "1"), "savings_pounds": (None, "100.00")}
    rows = {row["council"]: row["figures"] for row in page["councils"]}
    assert rows[SOUTHAMPTON]["placements"]["value"] == "1"
    assert rows[SLOUGH]["savings_per_cent"]["value"] is None
    assert rows[SLOUGH]["savings_per_cent"]["words"].startswith("No records")
    assert page["expected_saving"]["per_cent"] == "5.4"
