"""Every page, as every kind of reader, in a real browser: accessible, narrow enough for a phone, asking nobody else, without script."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.reading import LOOKS, Reading

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize(("address", "reader"), LOOKS)
def test_a_page_is_accessible_fits_a_phone_has_no_script_and_asks_nobody_else(
    kept_tab: Callable[[str], Reading], address: str, reader: str
) -> None:
    tab = kept_tab(reader)
    reply = tab.go(address)
    assert reply.status == (404 if "nowhere" in address else 200)
    assert tab.page.locator("h1").count() == 1
    assert tab.page.locator("script").count() == 0
    assert tab.page.locator("svg > title").count() == tab.page.locator("svg").count()
    found = Axe().run(tab.page, options=WCAG)
    assert not found.response["violations"], found.generate_report()
    assert found.response["passes"], "axe looked at nothing"
    assert tab.hosts() == {urlsplit(tab.site.origin).netloc}
    assert [said for said in tab.complaints if "404" not in said] == []
    tab.page.set_viewport_size({"width": 360, "height": 740})
    assert not tab.wider_than_its_window()


def test_axe_would_find_a_violation(kept_tab: Callable[[str], Reading]) -> None:
    tab = kept_tab("manager")
    tab.go("/pages")
    tab.page.evaluate("document.querySelector('select').removeAttribute('id')")
    assert [each["id"] for each in Axe().run(tab.page, options=WCAG).response["violations"]] == ["select-name"]
