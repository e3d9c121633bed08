"""An alert taken on by each kind of reader, and a meeting from plan to pack, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from shared import clock
from tests.browser.reading import Reading
from tests.browser.test_every_page import WCAG

AsReader = Callable[..., Reading]


def sound(tab: Reading) -> None:
    """Accessible, and narrow enough for a phone."""
    found = Axe().run(tab.page, options=WCAG)
    assert not found.response["violations"], found.generate_report()
    assert tab.page.locator("script").count() == 0
    tab.page.set_viewport_size({"width": 360, "height": 740})
    assert not tab.wider_than_its_window()
    tab.page.set_viewport_size({"width": 1200, "height": 900})
    assert tab.complaints == []


@pytest.mark.parametrize(("reader", "about"), [("manager", "Bramble Gate"), ("agency", "Larkspur")])
def test_an_alert_is_acknowledged_and_acted_on_by_whom_it_concerns(as_reader: AsReader, reader: str, about: str) -> None:
    tab = as_reader(reader)
    tab.go("/pages")
    tab.page.click("nav >> text=Alerts")
    tab.page.click(f"tbody >> text=/{about}/ >> nth=0")
    assert "Nobody yet" in tab.page.inner_text("main")
    assert "once in" in tab.page.inner_text("main")
    sound(tab)
    tab.page.fill("#person", "Contracts officer")
    tab.page.click("button:has-text('Acknowledge')")
    assert "Contracts officer" in tab.page.inner_text("main")
    tab.page.select_option("#kind", "plan_agreed")
    tab.page.fill("#act-words", "Weekly calls until May")
    tab.page.click("button:has-text('Record the action')")
    assert "Weekly calls until May" in tab.page.inner_text("main")
    assert tab.page.locator("button:has-text('Close the alert')").count() == (reader == "manager")
    sound(tab)
    tab.page.click("text=The records of these months")
    assert "the records behind it" in tab.page.locator("h1").inner_text()


def test_a_councils_reader_reads_its_alert_and_changes_nothing(as_reader: AsReader) -> None:
    tab = as_reader("council")
    tab.go("/pages/alerts")
    assert "Larkspur" not in tab.page.inner_text("tbody")
    tab.page.click("tbody >> text=/Southampton/ >> nth=0")
    assert "What was done, in order" in tab.page.inner_text("main")
    assert tab.page.locator("main form").count() == 0
    sound(tab)


def test_an_alert_is_closed_without_script(as_reader: AsReader) -> None:
    tab = as_reader("manager", script=False)
    tab.go("/pages/alerts")
    tab.page.click("tbody >> text=/Southampton/ >> nth=0")
    if tab.page.locator("#person").count():
        tab.page.fill("#person", "Project manager")
        tab.page.click("button:has-text('Acknowledge')")
    tab.page.select_option("#reason", "explained")
    tab.page.click("button:has-text('Close the alert')")
    assert "Closed" in tab.page.inner_text("dl")
    assert tab.page.locator("main form").count() == 0


def test_a_meeting_is_planned_with_its_pack_and_an_action_that_its_owner_does(as_reader: AsReader) -> None:
    tab = as_reader("manager")
    tab.go("/pages/meetings")
    tab.page.click("text=Plan a meeting")
    tab.page.select_option("#kind", "annual_provider_meeting")
    tab.page.select_option("#agency", "SC900001")
    day = clock.today() + timedelta(days=20)
    for field, value in (("day", day.isoformat()), ("place", "HQ-2"), ("lead_person", "Project manager")):
        tab.page.fill(f"#{field}", value)
    tab.page.click("button:has-text('Plan it')")
    assert "Annual provider meeting: Larkspur" in tab.page.inner_text("h1")
    tab.page.click("button:has-text('Make the pack')")
    assert "it stays as it was then" in tab.page.inner_text("main")
    tab.page.select_option("#owner", "agency:SC900001")
    tab.page.fill("#due_on", day.isoformat())
    tab.page.fill("#action-words", "Send the training plan")
    tab.page.click("button:has-text('Agree the action')")
    assert "Send the training plan" in tab.page.inner_text("main")
    sound(tab)
    theirs = as_reader("agency")
    theirs.go("/pages/meetings")
    theirs.page.click("tbody >> text=Annual provider meeting >> nth=0")
    theirs.page.fill("#done-words", "Sent")
    theirs.page.click("button:has-text('It was done')")
    assert theirs.page.locator("#action").count() == 0
    sound(theirs)
