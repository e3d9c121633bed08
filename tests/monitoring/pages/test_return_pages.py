"""Returns on pages: the form keeps what is wrong and says it field by field, is sent in, corrected, taken as a file."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html import unescape

import httpx
import openpyxl
import pytest

from monitoring.actions import return_chasing
from shared import clock, ids, tenancy
from shared.contracts.providers import AgencyRecorded, CouncilRecorded
from shared.contracts.words import OfstedRating, Sector
from shared.organisation import CONSORTIUM
from tests.monitoring.pages.browsing import Browser, Pages
from tests.monitoring.returns.filled import RIGHT, SLOUGH, SOUTHAMPTON, last_fortnight, last_quarter
from tests.monitoring.returns.test_prefill import a_stay

OAK, ASH = "SC012345", "SC054321"
ADDRESS = f"/pages/returns/quarterly/{last_quarter().first}"


@pytest.fixture
async def known(pages: Pages) -> Pages:
    """The pages of a consortium of two councils and two agencies."""
    for code, name in ((SOUTHAMPTON, "Southampton City"), (SLOUGH, "Slough Borough")):
        event = CouncilRecorded(council=code, name=name, joined_on=date(2012, 4, 1))
        await pages.service.deliver(event, subject=code, organisation="consortium")
    for urn, title in ((OAK, "Oak Fostering (fictional)"), (ASH, "Ash Fostering (fictional)")):
        recorded = AgencyRecorded(agency=urn, name=title, rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE)
        await pages.service.deliver(recorded, subject=urn, organisation="consortium", id=ids.new_id())
    return pages


def filled(page: str, **changed: str) -> dict[str, str]:
    """What the page's form would send, with these lines changed."""
    form = page[page.index("novalidate") :]
    found = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    for name, inside in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen.group(1) if chosen else ""
    return {unescape(name): unescape(value) for name, value in found.items()} | {f"value:{name}": value for name, value in changed.items()}


def said(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def visitor(pages: Pages, organisation: str, role: str = "") -> Browser:
    usual = {"agency": "referrals_officer", "council": "reader", "consortium": "project_manager"}
    return await pages.visitor(organisation=organisation, role=role or usual[organisation.partition(":")[0]])


async def opened(pages: Pages) -> tuple[Browser, httpx.Response]:
    tom = await visitor(pages, f"agency:{OAK}")
    reply = await tom.get(ADDRESS)
    assert reply.status_code == 200, reply.text[:500]
    return tom, reply


async def sent(tom: Browser, page: str, **changed: str) -> httpx.Response:
    reply = await tom.post(ADDRESS, filled(page, **changed) | {"send": "yes"})
    return await tom.get(reply.headers["location"]) if reply.status_code == 303 else reply


async def test_an_agency_sends_a_return_with_an_error_mends_it_and_corrects_it_later(known: Pages) -> None:
    tom, page = await opened(known)
    wrong = await sent(tom, page.text, **RIGHT | {"places_vacant": "eleven", "health_done": "11"})
    words = said(wrong.text)
    assert "Before this can be sent in" in words
    assert 'href="#places_vacant"' in wrong.text
    assert 'value="eleven"' in wrong.text, "the draft is kept as it was typed"
    assert "Health" in words
    done = await sent(tom, wrong.text, places_vacant="10", health_done="9")
    assert "Version 1, accepted" in said(done.text)
    token, version = tom.form_token(done.text), re.findall(r'name="version" value="(\d+)"', done.text)[-1]
    nothing = await tom.post(f"{ADDRESS}/correction", {"form_token": token, "version": version, "reason": "other", "words": ""})
    assert nothing.status_code == 422
    begun = await tom.post(f"{ADDRESS}/correction", {"form_token": token, "version": version, "reason": "miscounted", "words": ""})
    form = await tom.get(begun.headers["location"])
    assert "You are correcting version 1" in said(form.text)
    assert "Version 2, accepted" in said((await sent(tom, form.text, enquiries="31")).text)
    versions = said((await tom.get(f"{ADDRESS}/versions")).text)
    assert "Version 1, accepted" in versions
    assert "Corrected: we counted wrongly." in versions


async def test_hearths_figure_is_there_and_one_that_is_changed_asks_for_its_reason_beside_it(known: Pages) -> None:
    await a_stay(known.service, SLOUGH, first=last_quarter().first - timedelta(days=20))
    tom, page = await opened(known)
    field = f"children_at_start.{SLOUGH}"
    assert filled(page.text)[f"value:{field}"] == "1"
    assert f'name="reason:{field}"' not in page.text
    asked = await sent(tom, page.text, **{field: "8"})
    assert "Hearth holds 1. Say why yours differs" in said(asked.text)
    assert f'name="reason:{field}"' in asked.text
    told = filled(asked.text) | {f"reason:{field}": "not_in_hearth", "save": "yes"}
    again = await tom.get((await tom.post(ADDRESS, told)).headers["location"])
    assert "Say why yours differs" not in said(again.text).replace("children_at_end", "")
    assert filled(again.text)[f"reason:{field}"] == "not_in_hearth"


async def test_words_that_may_not_be_kept_are_said_at_their_line_and_nothing_else_is_lost(known: Pages) -> None:
    await a_stay(known.service, SLOUGH, first=last_quarter().first - timedelta(days=20))
    tom, page = await opened(known)
    field = f"children_at_start.{SLOUGH}"
    form = filled(page.text, **{field: "8", "enquiries": "12"}) | {f"reason:{field}": "other", f"words:{field}": "ask mum on 07700 900123"}
    reply = await tom.post(ADDRESS, form | {"save": "yes"})
    assert reply.status_code == 422
    assert "Take this out: A telephone number." in said(reply.text)
    assert "07700" not in reply.text
    kept = filled((await tom.get(ADDRESS)).text)
    assert (kept["value:enquiries"], kept[f"value:{field}"], kept[f"reason:{field}"]) == ("12", "8", "other")


async def test_the_template_comes_back_as_a_file_and_a_formula_in_it_is_refused_with_its_cell(known: Pages) -> None:
    tom, page = await opened(known)
    book = openpyxl.load_workbook(io.BytesIO((await tom.get(f"{ADDRESS}/template?as=xlsx")).content))
    for row in book["Return"].iter_rows(min_row=2):
        row[2].value = float(RIGHT[row[0].value]) if row[0].value in RIGHT else None
    good, bad = io.BytesIO(), io.BytesIO()
    book.save(good)
    book["Return"]["C2"] = "=1+1"
    book.save(bad)
    form = {"form_token": tom.form_token(page.text), "version": "0"}
    headers = {"origin": tom.origin, "sec-fetch-site": "same-origin"}
    for content, status in ((bad, 422), (good, 303)):
        reply = await tom.client.post(f"{ADDRESS}/upload", data=form, files={"file": ("return.xlsx", content.getvalue())}, headers=headers)
        assert reply.status_code == status, reply.text[:400]
        if status == 422:
            assert "Cell C2" in said(reply.text)
    after = await tom.get(reply.headers["location"])
    assert "Nothing is missing. Send it in when you are ready." in said(after.text)
    none = await tom.client.post(f"{ADDRESS}/upload", data=form, headers=headers)
    assert none.status_code == 422
    assert "Choose a file" in said(none.text)
    huge = await tom.client.post(f"{ADDRESS}/upload", data=form, files={"file": ("a.csv", b"x" * 3_000_000)}, headers=headers)
    assert huge.status_code == 413


async def test_of_two_tabs_the_later_one_to_save_is_told_that_somebody_was_first(known: Pages) -> None:
    tom, page = await opened(known)
    first = await tom.post(ADDRESS, filled(page.text, enquiries="5") | {"save": "yes"})
    assert first.status_code == 303
    page = await tom.get(ADDRESS)
    await tom.post(ADDRESS, filled(page.text, enquiries="6") | {"save": "yes"})
    late = await tom.post(ADDRESS, filled(page.text, enquiries="7") | {"save": "yes"})
    assert late.status_code == 412
    assert "Somebody changed this" in said(late.text)
    assert filled((await tom.get(ADDRESS)).text)["value:enquiries"] == "6"


async def test_each_reader_has_their_own_returns(known: Pages) -> None:
    async with tenancy.transaction(known.service.databases, CONSORTIUM) as transaction:
        await return_chasing.chase(transaction, today=last_quarter().last + timedelta(days=21))
    tom, page = await opened(known)
    await sent(tom, page.text, **RIGHT)
    priya = await visitor(known, "consortium")
    board = said((await priya.get("/pages/returns", form="quarterly", begins=str(last_quarter().first))).text)
    assert "Oak Fostering (fictional)" in board
    assert said((await priya.get("/pages/returns")).text).count("Oak Fostering (fictional)") == 1, "the last quarter, if nothing is asked"
    assert "Ash Fostering (fictional)" in board
    assert "due today" in board
    late = clock.today() > last_quarter().last + timedelta(days=21)
    assert ("Came late" if late else "Came on time") in board
    only = (await priya.get("/pages/returns", form="quarterly", state="overdue" if late else "not_begun")).text
    assert "Oak Fostering" not in said(only)
    file = await priya.get("/pages/returns", format="csv")
    assert "Oak Fostering (fictional)" in file.text
    councillor = await visitor(known, f"council:{SLOUGH}")
    own = await councillor.get(ADDRESS, agency=OAK)
    assert "(Slough Borough)" in said(own.text)
    assert "Southampton" not in said(own.text)
    assert "Correct this return" not in said(own.text)
    assert (await councillor.get(ADDRESS, agency=ASH)).status_code == 404
    assert (await councillor.get(ADDRESS)).status_code == 422
    assert "Nothing was accepted yet" in said((await priya.get(ADDRESS, agency=ASH)).text)
    other = await visitor(known, f"agency:{ASH}")
    assert (await other.get(ADDRESS, agency=OAK)).status_code == 403
    differences = said((await councillor.get(f"{ADDRESS}/differences", agency=OAK)).text)
    assert "Every line that Hearth can tell as well" in differences
    reader = await visitor(known, f"agency:{OAK}", "reader")
    token = reader.form_token((await reader.get("/pages")).text)
    assert (await reader.post(ADDRESS, {"form_token": token, "send": "yes"})).status_code == 403


async def test_the_fortnightly_report_names_each_placement_with_its_reason(known: Pages) -> None:
    placement = await a_stay(known.service, SLOUGH, first=last_fortnight().first - timedelta(days=5))
    tom = await visitor(known, f"agency:{OAK}")
    address = f"/pages/returns/stability/{last_fortnight().first}"
    page = (await tom.get(address)).text
    assert f"{placement}" in page
    form = filled(page, **{f"unstable.{placement}": "notice_likely"}) | {"send": "yes"}
    asked = (await tom.get((await tom.post(address, form)).headers["location"])).text
    assert "fill this in for each unstable placement" in said(asked)
    rest = {f"unstable_since.{placement}": str(last_fortnight().first), f"support.{placement}": "more_visits"}
    form = filled(asked, **rest) | {"send": "yes"}
    done = said((await tom.get((await tom.post(address, form)).headers["location"])).text)
    assert "Version 1, accepted" in done
    assert "Carers say they may give notice" in done
