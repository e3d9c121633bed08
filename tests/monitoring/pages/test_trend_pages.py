"""Alerts, league tables and meetings as people see and use them in a browser without a screen."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook

from monitoring.domain.alert import Cause
from monitoring.domain.special_cause import Reading, Way
from monitoring.handlers import watching
from monitoring.pages import words
from shared import clock
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, TierLine, TiersPublished
from shared.contracts.words import OfstedRating, Sector
from tests.monitoring.conftest import ASH, OAK, SOUTHAMPTON
from tests.monitoring.histories import known
from tests.monitoring.pages.browsing import Browser, Pages
from tests.monitoring.test_alerts import a_signal, raised
from tests.monitoring.test_charts import a_past
from tests.monitoring.test_meetings import begun
from tests.monitoring.test_watching import MONTHS, month, slipping

MANAGER = {"organisation": "consortium", "role": "project_manager"}


async def consortium(pages: Pages) -> None:
    for told in known():
        await told.reach(pages.service)
    council = CouncilRecorded(council=SOUTHAMPTON, name="Southampton City", joined_on=clock.today())
    await pages.service.deliver(council, subject=SOUTHAMPTON, organisation="consortium")
    for urn, name in ((OAK, "Oak Fostering (fictional)"), (ASH, "Ash Fostering (fictional)")):
        event = AgencyRecorded(agency=urn, name=name, rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE)
        await pages.service.deliver(event, subject=urn, organisation="consortium")


async def sent(browser: Browser, at: str, to: str, **form: str) -> Any:
    """A form of the page ``at``, filled in and sent; the page it leads to."""
    token = browser.form_token((await browser.get(at)).text)
    reply = await browser.post(to, {"form_token": token} | form)
    return await browser.get(reply.headers["location"]) if reply.status_code == 303 else reply


async def test_an_alert_is_taken_on_acted_on_and_closed_from_its_page(pages: Pages) -> None:
    await consortium(pages)
    await raised(pages.service, a_signal())
    manager = await pages.visitor(**MANAGER)
    listed = (await manager.get("/pages/alerts")).text
    assert "1 alert, 1 of them of concern; 1 not taken on by anybody yet." in listed
    address = re.search(r'href="(/pages/alerts/[0-9a-f-]{36})"', listed)
    assert address
    at = address[1]
    shown = (await manager.get(at)).text
    assert "Unplanned endings, Oak: rose." in shown
    assert f"/pages/figures/unplanned_endings/records?agency={OAK}&amp;from=2013-03-01&amp;to=2013-06-30" in shown
    assert f"/pages/figures/unplanned_endings/records?agency={OAK}&amp;from=2013-03-01&amp;to=2013-06-30&amp;side=numerator" in shown
    assert "The 9 of 12: endings that were not in the plan" in shown
    assert "Records that count" in shown
    assert "about once in 5,000 times" in shown.lower()
    assert "Close it" not in shown
    refused = await sent(manager, at, f"{at}/acknowledgement", person="Officer", words="ring 01632 960123")
    assert refused.status_code == 422
    assert "960123" not in refused.text
    assert "Contracts officer" in (await sent(manager, at, f"{at}/acknowledgement", person="Contracts officer")).text
    acted = (await sent(manager, at, f"{at}/actions", kind="visit_planned", words="Visit in May")).text
    assert "Visit in May" in acted
    closed = (await sent(manager, at, f"{at}/closing", reason="action_worked")).text
    assert "Closed" in closed
    assert '<form method="post" action="/pages/alerts' not in closed
    assert "No alert is open or in hand." in (await manager.get("/pages/alerts")).text
    assert "Unplanned endings" in (await manager.get("/pages/alerts", state="all")).text
    content = (await manager.get(at, format="xlsx")).content
    assert load_workbook(io.BytesIO(content)).sheetnames == ["history", "numbers"]
    agency = await pages.visitor(organisation=f"agency:{OAK}", role="reader")
    theirs = (await agency.get(at)).text
    assert "Visit in May" in theirs
    stranger = await pages.visitor(organisation=f"agency:{ASH}", role="reader")
    assert (await stranger.get(at)).status_code == 404


async def test_the_overview_names_what_is_least_likely_first_and_concerns_before_the_rest(pages: Pages) -> None:
    await consortium(pages)
    better = {"reading": Reading.IMPROVEMENT, "way": Way.DOWN}
    told: list[tuple[str, dict[str, Any]]] = [
        ("late", {"cause": Cause.LATE_RETURNS, "chance": None}),
        ("likely", {"cause": Cause.RUN, "chance": 0.01}),
        ("better", {"cause": Cause.TREND, "chance": 1e-9} | better),
        ("unlikely", {"cause": Cause.CHANGED_SHARE, "chance": 1e-6, "figures": {"marked": 9}}),
        ("ofsted", {"cause": Cause.OFSTED_DOWNGRADE, "chance": None}),
    ]
    for word, changes in told:
        await raised(pages.service, a_signal(words=f"What is {word}.", **changes))
    manager = await pages.visitor(**MANAGER)
    text = (await manager.get("/pages")).text
    for address in re.findall(r'href="(/pages/alerts/[0-9a-f-]{36})"', text):
        assert (await manager.get(address)).status_code == 200
    assert re.findall(r"What is (\w+)\.", text) == ["ofsted", "unlikely", "likely", "late", "better"]


async def test_a_past_not_yet_looked_through_is_not_shown_as_a_quiet_one(pages: Pages) -> None:
    await consortium(pages)
    await slipping(pages.service)
    for organisation, role in (("consortium", "project_manager"), (f"council:{SOUTHAMPTON}", "reader"), (f"agency:{ASH}", "reader")):
        visitor = await pages.visitor(organisation=organisation, role=role)
        for at in ("/pages/alerts", "/pages"):
            assert f"No month looked at yet; {MONTHS} months still to look at." in (await visitor.get(at)).text, (organisation, at)
    manager = await pages.visitor(**MANAGER)
    assert "nothing that is watched moved" not in (await manager.get("/pages")).text
    await watching.sweep(pages.service.databases)
    through = words.month(month(MONTHS + 1 - watching.AT_ONCE))
    said = f"Looked through to the end of {through}; {MONTHS - watching.AT_ONCE} months still to look at. Last looked on "
    assert said in (await manager.get("/pages/alerts")).text
    assert said in (await manager.get("/pages")).text
    await watching.catch_up(pages.service.databases)
    assert f"Looked through to the end of {words.month(month(1))}. Last looked on " in (await manager.get("/pages/alerts")).text
    assert "Looked through" not in (await manager.get("/pages")).text


async def test_a_league_table_and_its_funnel_say_how_far_they_can_be_trusted(pages: Pages) -> None:
    await consortium(pages)
    await a_past(pages.service)
    lines = (TierLine(agency=OAK, rank=1, tier=1), TierLine(agency=ASH, rank=2, tier=2))
    from shared import ids

    event = TiersPublished(framework="f1", lot="general", round=ids.new_id(), published_at=clock.now(), tiers=2, lines=lines)
    await pages.service.deliver(event, subject="general", organisation="consortium")
    council = await pages.visitor(organisation=f"council:{SOUTHAMPTON}", role="reader")
    manager = await pages.visitor(**MANAGER)
    assert "/pages/leagues/general" in (await manager.get("/pages/leagues")).text
    shown = await manager.get("/pages/leagues/general")
    assert shown.status_code == 200
    assert "cannot be told apart from 1 others" in shown.text
    assert "<svg" in shown.text
    assert "Outside the 99.8 per cent limits: none" in shown.text
    assert "1 to 2" in shown.text
    assert (await council.get("/pages/leagues/general")).status_code == 200
    agency = await pages.visitor(organisation=f"agency:{OAK}", role="reader")
    assert (await agency.get("/pages/leagues/general")).status_code == 403
    files = load_workbook(io.BytesIO((await manager.get("/pages/leagues/general", format="xlsx")).content)).sheetnames
    assert files == ["league-general", "funnel"]


async def test_a_meeting_is_planned_prepared_held_and_carried_on_from_its_pages(pages: Pages) -> None:
    await consortium(pages)
    manager = await pages.visitor(**MANAGER)
    day = clock.today() + timedelta(days=9)
    plan = {
        "kind": "annual_provider_meeting",
        "agency": OAK,
        "day": day.isoformat(),
        "begins": "10:00",
        "ends": "12:00",
        "place": "HQ-2",
        "lead_person": "Project manager",
    }
    made = await sent(manager, "/pages/meetings/new", "/pages/meetings", **plan)
    assert made.status_code == 200, made.text
    at = str(made.url.path)
    assert "at 10:00am" in made.text
    assert "Annual provider meeting: Oak Fostering (fictional)" in made.text
    packed = (await sent(manager, at, f"{at}/pack")).text
    assert "it stays as it was then" in packed
    await begun(pages.service, at.rpartition("/")[2])
    listed = (await manager.get("/pages/meetings")).text
    assert "1 not held although their time is over" in listed
    assert "2 agencies without an annual meeting" in listed
    held = (await sent(manager, at, f"{at}/holding", attendance="Project manager\nAgency manager")).text
    assert "Project manager, Agency manager" in held
    assert "More training" in (await sent(manager, at, f"{at}/findings", code="training", words="More training")).text
    agreed = (await sent(manager, at, f"{at}/actions", owner=f"agency:{OAK}", due_on=day.isoformat(), words="Send the plan")).text
    action = re.search(r'<option value="([0-9a-f-]{36})"', agreed)
    assert action
    agency = await pages.visitor(organisation=f"agency:{OAK}", role="administrator")
    theirs = (await agency.get(at)).text
    assert "Send the plan" in theirs
    assert "Agree an action" not in theirs
    done = (await sent(agency, at, f"{at}/completion", action=action[1], words="Sent")).text
    assert "Say that an action was done" not in done
    assert "Sent" in done
    reader = await pages.visitor(organisation=f"agency:{OAK}", role="reader")
    assert '<form method="post" action="/pages/meetings' not in (await reader.get(at)).text
    assert (await reader.get("/pages/meetings/new")).status_code == 403
