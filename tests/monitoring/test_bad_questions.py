"""Questions that cannot be answered are refused by field and rule, in words, with the right status."""

from __future__ import annotations

import pytest

from tests.monitoring.conftest import SOUTHAMPTON
from tests.running.services import RunningService

BAD = [
    ({"from": "2013-01-02", "to": "2013-01-01"}, 422, {("from", "starts_before_it_ends")}),
    ({"from": "2001-01-01", "to": "2013-01-01"}, 422, {("from", "at_most_ten_years")}),
    ({"from": "1950-01-01"}, 422, {("from", "between_2000_and_2100")}),
    ({"to": "2150-12-31"}, 422, {("from", "between_2000_and_2100")}),
    ({"to": "9999-12-31"}, 422, {("to", "at_most")}),
    ({"from": "yesterday"}, 422, {("from", "date")}),
    ({"to": "2013-02-30"}, 422, {("to", "date")}),
    ({"lot": "secure"}, 422, {("lot", "lot_known")}),
    ({"lot": "'; drop table lots"}, 422, {("lot", "pattern")}),
    ({"council": "E99999999"}, 422, {("council", "council_known")}),
    ({"council": "Southampton"}, 422, {("council", "pattern")}),
    ({"agency": "SC999999"}, 422, {("agency", "agency_known")}),
    (
        {"council": "E99999999", "agency": "SC999999", "lot": "secure", "from": "2013-01-02", "to": "2013-01-01"},
        422,
        {("council", "council_known"), ("agency", "agency_known"), ("lot", "lot_known"), ("from", "starts_before_it_ends")},
    ),
]


@pytest.mark.parametrize("path", ["/kpis", "/savings", "/summary"])
async def test_a_question_that_cannot_be_answered_names_every_field_and_rule(monitoring: RunningService, path: str) -> None:
    manager = monitoring.as_("consortium")
    for asked, status, faults in BAD:
        reply = await manager.get(path, params=asked)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), (asked, reply.text)
        assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == faults
        assert all(value not in reply.text for value in asked.values())


async def test_a_figure_nobody_declared_is_not_found(monitoring: RunningService) -> None:
    assert (await monitoring.as_("consortium").get("/kpis/happiness")).status_code == 404


async def test_a_figure_over_no_records_is_null_and_says_so(monitoring: RunningService) -> None:
    kpi = (await monitoring.as_(f"council:{SOUTHAMPTON}").get("/kpis/unplanned_endings")).json()["kpi"]
    assert (kpi["value"], kpi["records"]) == (None, 0)
    assert kpi["words"] == "No records to count (placements that ended in the period)."
