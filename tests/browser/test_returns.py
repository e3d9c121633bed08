"""An agency makes its return in a real browser without script: one error, mended, sent in, corrected; the project manager reads it."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.reading import LAST_RETURN, Reading
from tests.monitoring.returns.filled import last_quarter

RETURN = f"/pages/returns/quarterly/{last_quarter(2).first}"
OWN = {
    "households": "60",
    "places_approved": "300",
    "places_filled": "200",
    "places_vacant": "95",
    "places_not_available.carer_break": "10",
    "enquiries": "12",
    "assessments_begun": "3",
    "households_approved": "1",
    "training_due": "20",
    "training_complete": "18",
    "children_school_age": "0",
    "children_full_time": "0",
    "children_missed_school": "0",
    "health_due": "4",
    "health_done": "4",
    "dental_due": "4",
    "dental_done": "3",
    "social_workers": "9.5",
    "social_worker_vacancies": "1",
    "supervising_social_workers": "6",
    "feedback_asked": "30",
    "feedback_answers": "20",
    "feedback_satisfied": "17",
}
"""What the agency as a whole fills in; the councils' parts are filled in from what Hearth holds. Places do not add up: ten too many."""


def test_an_agency_sends_a_return_with_an_error_mends_it_and_corrects_it(as_reader: Callable[..., Reading]) -> None:
    tab = as_reader("agency", script=False)
    page = tab.page
    tab.go("/pages")
    page.click("nav >> text=Returns")
    assert "Open one to fill it in" in page.inner_text("main")
    tab.go(RETURN)
    for name, value in OWN.items():
        page.fill(f"[id='{name}']", value)
    page.click("text=Save and send in")
    assert "Before this can be sent in" in page.inner_text(".govuk-error-summary")
    page.click(".govuk-error-summary a")
    assert page.url.endswith("#places_approved")
    assert page.input_value("[id='places_vacant']") == "95"
    page.fill("[id='places_vacant']", "90")
    page.click("text=Save and send in")
    assert "Version 1, accepted" in page.inner_text("main")
    page.select_option("#reason", "miscounted")
    page.click("text=Begin the correction")
    assert "You are correcting version 1" in page.inner_text("main")
    page.fill("[id='enquiries']", "13")
    page.click("text=Save and send in")
    assert "Version 2, accepted" in page.inner_text("main")
    manager = as_reader("manager", script=False)
    manager.go(f"{RETURN}/versions?agency=SC900001")
    assert "Corrected: we counted wrongly." in manager.page.inner_text("main")
    manager.go(f"{RETURN}/differences?agency=SC900001")
    assert "Nothing differs today." in manager.page.inner_text("main")
    assert tab.complaints == []


def test_the_form_comes_as_a_file_and_goes_back_as_one(as_reader: Callable[..., Reading]) -> None:
    tab = as_reader("agency")
    tab.go(LAST_RETURN)
    tab.page.click("text=Send a file instead")
    with tab.page.expect_download() as waiting:
        tab.page.click("a:has-text('CSV')")
    content = waiting.value.path().read_text("utf-8-sig").replace("enquiries,Enquiries from people who want to foster,,", "enquiries,,44,")
    tab.page.set_input_files("#file", {"name": "return.csv", "mimeType": "text/csv", "buffer": content.encode()})
    tab.page.click("text=Take this file as the draft")
    assert tab.page.input_value("[id='enquiries']") == "44"
    assert "Before this can be sent in" in tab.page.inner_text(".govuk-error-summary")
