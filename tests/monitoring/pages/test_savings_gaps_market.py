"""The savings ledger, gaps and market use as pages: a sentence, a chart with its table, numbers open to their records, files of both."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from zipfile import ZipFile

import httpx

from shared import clock, ids
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, TierLine, TiersPublished
from shared.contracts.words import OfstedRating, Sector
from shared.signin import KeySet, SignIn
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.histories import known
from tests.monitoring.pages.browsing import Browser, Pages
from tests.monitoring.test_gaps import a_need, a_vacancy, ago, an_offer
from tests.monitoring.test_savings_ledger import a_small_consortium
from tests.running.services import AUDIENCE, ISSUER, RunningService

UP_TO_TODAY = {"from": (clock.today() - timedelta(days=364)).isoformat(), "to": clock.today().isoformat()}
"""Said, because a page by itself is about the twelve months that are over."""
ALL = ("/pages/savings", "/pages/savings/lines", "/pages/gaps", "/pages/gaps/needs", "/pages/market")


async def a_past(service: RunningService) -> None:
    """The small consortium of the ledger's tests, needs with gaps, and a list with a tier nobody uses."""
    for told in known():
        await told.reach(service)
    lines = (TierLine(agency=OAK, rank=1, tier=1), TierLine(agency=ASH, rank=2, tier=2), TierLine(agency="SC099999", rank=3, tier=3))
    published = TiersPublished(framework="f1", lot="general", round=ids.new_id(), published_at=clock.now(), tiers=3, lines=lines)
    await service.deliver(published, subject="general", organisation="consortium")
    for code, name in ((SOUTHAMPTON, "Southampton City"), (SLOUGH, "Slough Borough")):
        joined = CouncilRecorded(council=code, name=name, joined_on=date(2012, 4, 1))
        await service.deliver(joined, subject=code, organisation="consortium")
    for urn, name in ((OAK, "Oak Fostering (fictional)"), (ASH, "Ash Fostering (fictional)")):
        recorded = AgencyRecorded(agency=urn, name=name, rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE)
        await service.deliver(recorded, subject=urn, organisation="consortium")
    of_pages = service.app.state.signin
    service.app.state.signin = SignIn(KeySet(ISSUER, transport=service.key.transport()), ISSUER, AUDIENCE)  # programs upload by token
    await a_small_consortium(service)
    service.app.state.signin = of_pages
    first = await a_need(service, days=50, needs=("autism",))
    await a_need(service, days=40, again=first, needs=("autism",))
    await a_need(service, SLOUGH, days=30, district="SL1", age=12)
    near = await a_vacancy(service, days=20, district="SO15")
    late = await a_need(service, days=10)
    await an_offer(service, late, near, at=ago(days=9))


async def shown(browser: Browser, address: str, **asked: str) -> str:
    reply: httpx.Response = await browser.get(address, **UP_TO_TODAY, **asked)
    assert reply.status_code == 200, (address, reply.status_code, reply.text[:2000])
    return unescape(re.sub(r"\s+", " ", reply.text))


async def test_the_ledger_says_what_was_saved_beside_the_expectation_why_and_opens_to_its_placements(pages: Pages) -> None:
    await a_past(pages.service)
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    page = await shown(manager, "/pages/savings")
    assert "the expected 5.4 per cent" in page
    assert "No price index has been uploaded" in page
    steps = (
        "At former prices",
        "Rate: the framework's price",
        "Tier, own carers",
        "The baseline period",
        "Volume: other nights",
        "Mix: other lots",
    )
    assert all(step in page for step in steps)
    assert "Kept apart: cost avoided" in page
    for by in ("lot", "council", "agency", "tier"):
        assert f"By {by}" in await shown(manager, "/pages/savings", by=by)
    behind = await shown(manager, "/pages/savings/lines", agency=OAK)
    assert behind.count("Placement ") >= 3
    narrowed = await shown(manager, "/pages/savings", agency=OAK)
    assert "They cannot be told for one agency." in narrowed
    assert (await manager.get("/pages/savings", by="weather")).status_code == 422


async def test_a_file_of_the_ledger_has_the_numbers_of_the_page_and_its_rows_add_up(pages: Pages) -> None:
    await a_past(pages.service)
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    reply = await manager.get("/pages/savings", by="council", format="csv", **UP_TO_TODAY)
    with ZipFile(io.BytesIO(reply.content)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("by-council.csv").decode("utf-8-sig"))))
    *councils, whole = rows
    for column in ("Volume", "Mix", "Rate", "Tier", "In all", "Cashable"):
        assert sum(round(float(row[column]) * 100) for row in councils) == round(float(whole[column]) * 100), column
    lines = await manager.get("/pages/savings/lines", format="csv", **UP_TO_TODAY)
    told = list(csv.DictReader(io.StringIO(lines.text.lstrip("\ufeff"))))
    assert sum(round(float(row["Rate"]) * 100) for row in told) == round(float(whole["Rate"]) * 100)
    assert (await manager.get("/pages/savings", format="xlsx")).headers["content-type"].endswith("sheet")


async def test_gaps_say_where_to_recruit_and_open_to_the_referrals(pages: Pages) -> None:
    await a_past(pages.service)
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    page = await shown(manager, "/pages/gaps")
    assert "Of 3 needs, 2 had no offer, 1 a late first one and 0 only far ones. For 2 of them no suitable bed within 20 miles" in page
    assert "Where to recruit" in page
    assert "Autism" in page
    behind = await shown(manager, "/pages/gaps/needs", by="need", key="autism", recruit="true")
    assert "1 need." in behind
    assert behind.count("Referral ") == 1
    for by in ("age_band", "area", "council", "lot"):
        await shown(manager, "/pages/gaps", by=by)
    assert (await manager.get("/pages/gaps", format="csv")).status_code == 200


async def test_market_use_names_who_is_commissioned_and_the_tier_nobody_uses(pages: Pages) -> None:
    await a_past(pages.service)
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    page = await shown(manager, "/pages/market")
    assert "2 agencies had 4 placements" in page
    assert "highly concentrated" in page
    assert "nobody uses it" in page
    assert (await manager.get("/pages/market", format="csv")).status_code == 200


async def test_a_council_reads_its_own_and_an_agency_none_of_these_pages(pages: Pages) -> None:
    await a_past(pages.service)
    council = await pages.visitor(organisation=f"council:{SLOUGH}", role="reader")
    for address in ALL:
        page = await shown(council, address)
        assert "Southampton" not in page, address
        assert (await council.get(address, council=SOUTHAMPTON)).status_code == 403
    agency = await pages.visitor(organisation=f"agency:{OAK}", role="reader")
    for address in ALL:
        assert (await agency.get(address)).status_code == 403


async def test_pages_over_nothing_say_so(pages: Pages) -> None:
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    said = ("no saving can be told", "Lines", "No referral was broadcast", "needs behind", "No agency had a placement")
    for address, words in zip(ALL, said, strict=True):
        assert words in await shown(manager, address)


async def test_a_page_is_of_whole_months_whatever_days_its_address_has(pages: Pages) -> None:
    await a_past(pages.service)
    manager = await pages.visitor(organisation="consortium", role="project_manager")
    months = {"from": "2013-03-01", "to": "2013-05-31"}
    for address in ("/pages", "/pages/figures", "/pages/gaps", "/pages/savings", "/pages/market"):
        whole = await manager.get(address, **months)
        days = await manager.get(address, **{"from": "2013-03-05", "to": "2013-05-20"})
        assert (whole.status_code, days.text) == (200, whole.text), address
    assert "31 May 2013" in (await manager.get("/pages/figures", **{"to": "2013-05-20"})).text
