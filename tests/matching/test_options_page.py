"""The options sheet as a page: one sheet of A4, read by anybody, asking for nothing from anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from shared import printed_page
from shared.contracts.providers import PriceBand
from shared.contracts.referrals import NearPlace, ReferralView
from shared.contracts.words import Need, Siblings
from tests.matching import events, printing
from tests.matching.events import ELM, LOT, OAK, SOUTHAMPTON
from tests.matching.scene import Scene

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Therapeutic & Specialist Fostering (South-East) <b>Partnership"
NEEDS = (Need.SPEECH_AND_LANGUAGE, Need.TRAUMA_INFORMED_CARE, Need.LEARNING_DISABILITY, Need.FAMILY_CONTACT_AT_HOME, Need.BEHAVIOUR_SUPPORT)


async def fetch(scene: Scene, view: ReferralView, accept: str = "text/html") -> Any:
    async with scene.service.as_(SOUTHAMPTON) as client:
        return await client.get(f"/referrals/{view.referral}/options-sheet", headers={"Accept": accept})


async def three_full_options(scene: Scene) -> ReferralView:
    """Three shortlisted offers with long words and everything a price can have, for three children, and an own carer beside."""
    bands = tuple(PriceBand(code=f"band-of-{age}-year-olds-and-no-others", from_age=age, to_age=age) for age in range(18))
    await scene.service.deliver(
        events.lot().model_copy(update={"price_bands": bands, "title": LONG}), subject=LOT, organisation="consortium", version=2
    )
    for urn in (OAK, ELM):
        await scene.service.deliver(events.agency(urn, f"{LONG} {urn[-1]}"), subject=urn, organisation="consortium", version=2)
    near = (NearPlace(what="school", district="RG1"), NearPlace(what="contact", district="GU1", visits_per_week=Decimal(2)))
    children = tuple(events.child(number, age_years=4 + number, essential_needs=NEEDS) for number in (1, 2, 3))
    view = await scene.broadcast(children=children, siblings=Siblings.TOGETHER, near=near)
    pricing = {
        "extras": [
            {"what": what, "pounds_per_week": "123.45"} for what in ("additional_carer_hours", "education_support", "home_adaptation") * 2
        ]
        + [{"what": "equipment", "pounds_once": "1999.99"}] * 6,
        "discounts": [{"what": "sibling", "per_cent": "5.25"}, {"what": "long_term", "pounds_per_week": "25.00", "after_weeks": 26}],
        "uplift": {"on": str(events.soon(90)), "per_cent": "3.25"},
    }
    home = {"free_beds": 3, "skills": NEEDS}
    made = [
        await scene.offer(view, await scene.vacancy(OAK, **home), "2815.00", **pricing),
        await scene.offer(view, await scene.vacancy(ELM, **home), "2799.99", **pricing, needs=[{"need": n, "met": False} for n in NEEDS]),
        await scene.offer(view, await scene.vacancy(OAK, **home), "3001.01", **pricing),
    ]
    await scene.vacancy(SOUTHAMPTON, **home)
    body = {"offers": [one["offer"] for one in made]}
    assert (await scene.ask(SOUTHAMPTON, "PUT", f"/referrals/{view.referral}/shortlist", body, If_Match="*")).status_code == 200
    return view


async def test_three_options_with_long_words_and_an_own_carer_print_on_one_sheet_of_a4(scene: Scene, tmp_path: Path) -> None:
    reply = await fetch(scene, await three_full_options(scene))
    assert reply.status_code == 200, reply.text
    pdf = printing.printed(tmp_path, reply.text)
    assert (printing.sheets(pdf), printing.paper(pdf)) == (1, (297, 210))
    # The same paper does take a second sheet when it must, and this test would see it.
    more = reply.text.replace("</main>", "<p>more</p>" * 80 + "</main>")
    assert printing.sheets(printing.printed(tmp_path, more)) > 1


class Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


async def test_the_page_names_its_language_heading_table_rows_and_columns(scene: Scene) -> None:
    outline = Outline((await fetch(scene, await three_full_options(scene))).text)
    assert outline.of("html") == [{"lang": "en-GB"}]
    assert [len(outline.of(name)) for name in ("title", "main", "h1", "table", "caption", "thead", "tbody")] == [1] * 7
    headers = outline.of("th")
    assert {header.get("scope") for header in headers} == {"row", "col"}
    columns = [header for header in headers if header["scope"] == "col"]
    assert len(columns) == 5
    rows = [header for header in headers if header["scope"] == "row"]
    assert len(outline.of("td")) == len(rows) * 4


async def test_the_page_asks_for_nothing_and_its_policy_allows_nothing_but_its_own_style(scene: Scene) -> None:
    reply = await fetch(scene, await three_full_options(scene))
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    policy = reply.headers["content-security-policy"]
    [style] = re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL)
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (reply.headers["cache-control"], reply.headers["vary"]) == ("no-store", "Accept")
    outline = Outline(reply.text)
    assert outline.of("script", "link", "img", "iframe", "form", "object", "a") == []
    assert not [attributes for _, attributes in outline.tags if {"src", "href", "style", "onclick"} & set(attributes)]
    assert "url(" not in style
    assert "@import" not in style


async def test_what_others_have_written_is_shown_and_never_run(scene: Scene) -> None:
    text = (await fetch(scene, await three_full_options(scene))).text
    assert "<b>" not in text
    assert "&lt;b&gt;Partnership" in text


async def test_with_nothing_to_compare_the_page_says_so(scene: Scene) -> None:
    reply = await fetch(scene, await scene.broadcast())
    assert "There is nothing to compare yet" in reply.text


async def test_a_page_is_given_to_whom_asks_for_one_and_json_to_everybody_else(scene: Scene) -> None:
    view = await scene.broadcast()
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for accept, kind in ((browser, "text/html; charset=utf-8"), ("*/*", "application/json"), ("application/json", "application/json")):
        assert (await fetch(scene, view, accept)).headers["content-type"] == kind


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("text/html", True),
        ("TEXT/HTML", True),
        ("application/json, text/html", False),
        ("text/html, application/json;q=0.9", True),
        ("text/html;q=0.1, application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=lots", False),
        ("text/*", False),
    ],
)
def test_the_heavier_of_the_two_is_wanted(accept: str, wanted: bool) -> None:
    assert printed_page.wanted(accept) is wanted
