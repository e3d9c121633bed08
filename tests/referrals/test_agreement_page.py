"""The agreement as a page: it prints on A4, names no child, asks for nothing from anywhere, and says what is not signed yet."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared import printed_page
from tests.matching import printing
from tests.referrals.agreed import agree, fee, proposed, says, signed, started
from tests.referrals.council import AGENCY, Council, days_from_today


async def fetch(council: Council, placement: str, who: str = AGENCY, accept: str = "text/html", **query: Any) -> Any:
    return await council.service.as_(who).get(f"/placements/{placement}/agreement", params=query, headers={"Accept": accept})


async def with_everything(council: Council) -> str:
    """An agreement in force with every kind of line, a variation proposed, and notice given."""
    placement = await started(council, 40)
    begin, later = days_from_today(-40), days_from_today(-10)
    lines: list[dict[str, Any]] = [
        fee("812.50", begin, later),
        fee("845.00", later),
        {"kind": "addition", "what": "additional_carer_hours", "from_on": str(begin), "until": str(later), "pounds_per_week": "120.00"},
        {"kind": "addition", "what": "school_transport", "from_on": str(later), "pounds_per_week": "65.50"},
        {"kind": "discount", "what": "long_term", "from_on": str(later), "per_cent": "2.50"},
        {"kind": "discount", "what": "volume", "from_on": str(later), "pounds_per_week": "10.00"},
        {"kind": "one_off", "what": "clothing", "from_on": str(begin), "pounds": "150.00"},
    ]
    await agree(council, placement, lines=lines, expected_end_on=str(days_from_today(200)))
    await proposed(council.client(), placement, effective_from=str(days_from_today(5)), notice_days=42)
    await says(council.service.as_(AGENCY), placement, "notice", 201, given_on=str(days_from_today(-2)), reason="carer_cannot_go_on")
    return placement


async def test_an_agreement_with_every_kind_of_line_prints_on_two_sheets_of_a4_at_most(council: Council, tmp_path: Path) -> None:
    reply = await fetch(council, await with_everything(council))
    assert reply.status_code == 200, reply.text
    pdf = printing.printed(tmp_path, reply.text)
    assert printing.sheets(pdf) <= 2
    assert printing.paper(pdf) == (210, 297)


async def test_the_page_says_what_is_agreed_by_whom_at_what_price_and_until_when(council: Council) -> None:
    placement = await with_everything(council)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await fetch(council, placement)).text))
    for words in (
        "Full agreement, version 1: signed by both sides.",
        "Harbour Fostering (Ofsted number SC012345)",
        "aged 10 when agreed",
        "additional carer hours",
        "− 2.5 per cent of the base fee",
        "− £10.00 a week",
        "£150.00 once",
        "person@council:E06000045",
        "28 days by either side",
        "Notice given by the agency",
    ):
        assert words in text, words
    costs = (await council.client().get(f"/placements/{placement}/agreement/cost")).json()
    assert f"£{float(costs['to_date']['total']):,.2f}" in text
    assert f"£{float(costs['to_expected_end']['total']):,.2f}" in text
    second = re.sub(r"\s+", " ", (await fetch(council, placement, version=2)).text)
    assert "Proposal, version 2: not in force until both sides have signed it." in second
    assert (await fetch(council, placement, version=3)).status_code == 404


async def test_the_page_names_no_child_and_asks_for_nothing(council: Council) -> None:
    reply = await fetch(council, await with_everything(council), council.organisation)
    assert "Marrowby" not in reply.text
    assert "Zephyrine" not in reply.text
    [style] = re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL)
    policy = reply.headers["content-security-policy"]
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert (reply.headers["cache-control"], reply.headers["vary"]) == ("no-store", "Accept")
    assert not re.findall(r"<(script|link|img|iframe|form|object|a)\b|\s(src|href|style|onclick)=", reply.text)
    assert reply.text.count("<h1>") == 1
    assert '<html lang="en-GB">' in reply.text


async def test_an_emergency_form_says_what_is_still_to_come_and_by_when(council: Council) -> None:
    placement = await started(council)
    nothing = (await fetch(council, placement)).text
    assert "Nothing is agreed in writing yet" in nothing
    version = await proposed(council.client(), placement, form="emergency", documents=["care_plan"])
    assert "Proposal, version 1" in (await fetch(council, placement)).text
    await signed(council.client(), placement, version)
    await signed(council.service.as_(AGENCY), placement, version)
    text = (await fetch(council, placement)).text
    assert "Emergency form, version 1: signed by both sides. The full agreement is due on" in text
    assert "Still to come: placement plan, delegated authority, medical consent." in text


async def test_a_page_is_given_to_whom_asks_for_one_and_json_to_everybody_else(council: Council) -> None:
    placement = await started(council)
    for accept, kind in (("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", "application/json")):
        assert (await fetch(council, placement, accept=accept)).headers["content-type"] == kind
    assert [printed_page.wanted(accept) for accept in ("", "text/html;q=0", "text/html;q=lots", "text/html, application/json;q=0.9")] == [
        False, False, False, True,
    ]  # fmt: skip
