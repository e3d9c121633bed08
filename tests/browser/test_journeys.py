"""Signing in, filtering, drilling down and signing out in a real browser, as the three kinds of reader."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.browser.reading import Reading
from tests.browser.site import Site

AsReader = Callable[..., Reading]


def test_without_script_somebody_signs_in_filters_drills_down_and_signs_out(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    tab = Reading(context.new_page(), site)
    tab.sign_in("priya.shah")
    page = tab.page
    assert "The consortium (project manager)" in page.inner_text("header")
    page.click("nav >> text=Figures")
    page.click("table >> text=Unplanned endings")
    page.select_option("#agency", "SC900002")
    page.click("button:has-text('Show')")
    assert "agency=SC900002" in page.url
    assert "Bramble Gate Families" in page.inner_text("main")
    figure = page.inner_text(".hearth-card__value")
    page.click("text=behind this figure")
    assert page.locator("tbody tr").count() > 3
    assert "Bramble Gate Families" in page.inner_text("tbody")
    page.go_back()
    assert page.inner_text(".hearth-card__value") == figure
    page.click("text=Sign out")
    page.wait_for_url("**/pages/signed-out")
    assert "You are signed out" in page.inner_text("main")
    page.go_back()
    tab.go("/pages")
    assert urlsplit(page.url).netloc == urlsplit(site.issuer).netloc
    assert tab.hosts() == {urlsplit(site.origin).netloc, urlsplit(site.issuer).netloc}
    assert tab.complaints == []
    context.close()


def test_a_council_sees_its_own_and_chooses_no_council(as_reader: AsReader) -> None:
    tab = as_reader("council")
    tab.go("/pages/figures/placements")
    assert tab.page.locator("#council").count() == 0
    assert tab.page.locator("#agency").count() == 1
    assert "Hampshire" not in tab.page.inner_text("main")
    tab.page.click("text=behind this figure")
    assert "Southampton City Council" in tab.page.inner_text("tbody")
    assert "Hampshire" not in tab.page.inner_text("main")
    refused = tab.go("/pages/figures/placements?council=E10000014")
    assert refused.status == 403
    assert "another council" in tab.page.inner_text("main")


def test_an_agency_sees_its_own_beside_all_and_no_other_agency(as_reader: AsReader) -> None:
    tab = as_reader("agency")
    tab.go("/pages")
    assert "Agencies" not in tab.page.inner_text("nav")
    tab.page.click("nav >> text=Scorecard")
    said = tab.page.inner_text("main")
    assert "Larkspur Fostering (example)" in said
    assert "Bramble Gate" not in said
    assert tab.go("/pages/agencies/SC900002").status == 403
    assert tab.go("/pages/agencies").status == 403
    tab.go("/pages/figures/placements/records")
    assert "Bramble Gate" not in tab.page.inner_text("main")


def test_a_file_holds_the_rows_the_page_shows(as_reader: AsReader) -> None:
    tab = as_reader("manager")
    tab.go("/pages/agencies")
    rows = tab.page.locator("tbody tr").count()
    for ending in ("CSV", "Excel"):
        with tab.page.expect_download() as waiting:
            tab.page.click(f"a:has-text('{ending}')")
        assert waiting.value.suggested_filename == f"hearth-agencies.{'csv' if ending == 'CSV' else 'xlsx'}"
        if ending == "CSV":
            assert len(waiting.value.path().read_text("utf-8-sig").splitlines()) == rows + 1


def test_the_keyboard_reaches_the_main_content_by_the_skip_link(as_reader: AsReader) -> None:
    tab = as_reader("manager")
    tab.go("/pages/figures")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    tab.page.keyboard.press("Enter")
    assert tab.page.url.endswith("#main-content")


def test_it_prints_without_its_filters_and_navigation(as_reader: AsReader) -> None:
    tab = as_reader("manager")
    tab.go("/pages/figures/unplanned_endings")
    tab.page.emulate_media(media="print")
    for hidden in (".hearth-filters", ".govuk-service-navigation", ".hearth-exports", ".govuk-breadcrumbs"):
        assert not tab.page.locator(hidden).first.is_visible(), hidden
    assert tab.page.locator(".hearth-chart svg").first.is_visible()
    assert len(tab.page.pdf()) > 10_000


def test_a_saving_opens_to_the_placements_behind_it_and_a_gap_to_its_referrals(as_reader: AsReader) -> None:
    tab = as_reader("manager")
    tab.go("/pages/savings")
    tab.page.click("a:text-is('agency')")
    tab.page.click("table a:has-text('Bramble Gate')")
    assert "Bramble Gate" in tab.page.inner_text("main")
    assert tab.page.locator("tbody tr").count() > 3
    tab.go("/pages/gaps")
    tab.page.click("a:text-is('area')")
    tab.page.click("table a:text-is('SO14')")
    assert "Area SO14" in tab.page.inner_text("main")
    assert tab.page.locator("tbody tr th").first.inner_text().startswith("Referral ")
