"""An agency's return from pre-filled to accepted and corrected, and what each of its readers sees."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url

from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.returns.filled import RIGHT, body, last_fortnight, last_quarter
from tests.running.services import RunningService

PATH = f"/returns/quarterly/{last_quarter().first}"
AGENCY = f"agency:{OAK}"


async def saved(client: httpx.AsyncClient, sent: dict[str, Any], etag: str | None = None) -> httpx.Response:
    return await client.put(PATH, json=sent, headers={"If-Match": etag} if etag else {})


async def accepted(service: RunningService, sent: dict[str, Any] | None = None, whose: str = AGENCY) -> httpx.Response:
    agency = service.as_(whose)
    draft = await agency.put(PATH, json=sent or body())
    assert draft.status_code == 200, draft.text
    reply = await agency.post(f"{PATH}/submission", headers={"If-Match": draft.headers["etag"]})
    assert reply.status_code == 200, reply.text
    return reply


async def test_a_draft_keeps_what_is_wrong_with_every_error_listed_and_is_never_half_accepted(monitoring: RunningService) -> None:
    agency = monitoring.as_(AGENCY)
    wrong = await saved(agency, body(places_vacant="eleven", enquiries="-3", health_done="11"))
    assert wrong.status_code == 200
    draft = wrong.json()
    assert [(each["name"], each["rule"]) for each in draft["errors"]] == [
        ("places_vacant", "R002"),
        ("enquiries", "R004"),
        ("health_done", "R042"),
    ]
    assert next(line["value"] for line in draft["lines"] if line["name"] == "places_vacant") == "eleven"
    refused = await agency.post(f"{PATH}/submission", headers={"If-Match": wrong.headers["etag"]})
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} >= {"lines.places_vacant", "lines.enquiries", "lines.health_done"}
    assert "eleven" not in refused.text
    again = (await agency.get(PATH)).json()
    assert (again["state"], again["draft"], again["accepted_version"]) == (draft["state"], True, 0)
    assert again["lines"] == draft["lines"]
    assert (await monitoring.as_("consortium").get(PATH, params={"agency": OAK})).json()["lines"] == [], "a draft is the agency's alone"


async def test_an_accepted_return_is_read_by_agency_and_consortium_whole_and_by_a_council_in_its_part(monitoring: RunningService) -> None:
    reply = await accepted(monitoring)
    assert (reply.json()["accepted_version"], reply.json()["draft"]) == (1, False)
    seen = {}
    for who in (AGENCY, "consortium", f"council:{SOUTHAMPTON}", f"council:{SLOUGH}"):
        found = await monitoring.as_(who).get(PATH, params={"agency": OAK})
        assert found.status_code == 200, found.text
        seen[who] = {line["name"]: line["value"] for line in found.json()["lines"]}
    assert seen[AGENCY] == seen["consortium"]
    assert set(seen[AGENCY]) == set(RIGHT)
    for council in (SOUTHAMPTON, SLOUGH):
        assert set(seen[f"council:{council}"]) == {name for name in RIGHT if name.endswith(council)}
    assert (await monitoring.as_("council:E10000014").get(PATH, params={"agency": OAK})).status_code == 404
    assert (await monitoring.as_(f"agency:{ASH}").get(PATH, params={"agency": OAK})).status_code == 403
    assert (await monitoring.as_("consortium").get(PATH)).status_code == 422


async def test_what_was_accepted_is_changed_only_by_a_new_version_with_a_reason_and_all_stay_readable(monitoring: RunningService) -> None:
    await accepted(monitoring)
    agency = monitoring.as_(AGENCY)
    etag = (await agency.get(PATH)).headers["etag"]
    changed = body(enquiries="31")
    assert (await saved(agency, changed, etag)).status_code == 409
    begun = await agency.post(f"{PATH}/corrections", json={"reason": "miscounted"}, headers={"If-Match": etag})
    assert (begun.status_code, begun.json()["draft"], begun.json()["correction"]) == (200, True, "miscounted")
    assert {line["name"] for line in begun.json()["lines"]} == set(RIGHT)
    still = (await monitoring.as_("consortium").get(PATH, params={"agency": OAK})).json()
    assert next(line["value"] for line in still["lines"] if line["name"] == "enquiries") == "30"
    draft = await saved(agency, {"lines": [line for line in changed["lines"] if SLOUGH not in line["name"]]}, begun.headers["etag"])
    assert draft.json()["errors"], "endings without their children"
    draft = await saved(agency, changed, draft.headers["etag"])
    done = await agency.post(f"{PATH}/submission", headers={"If-Match": draft.headers["etag"]})
    assert done.json()["accepted_version"] == 2
    found = (await monitoring.as_("consortium").get(f"{PATH}/versions", params={"agency": OAK})).json()["items"]
    assert [(each["version"], each["reason"]) for each in found] == [(2, "miscounted"), (1, None)]
    assert [line["value"] for each in found for line in each["lines"] if line["name"] == "enquiries"] == ["31", "30"]
    assert len((await monitoring.as_(f"council:{SLOUGH}").get(f"{PATH}/versions", params={"agency": OAK})).json()["items"]) == 2


async def test_the_database_itself_refuses_to_change_or_delete_an_accepted_version(monitoring: RunningService) -> None:
    await accepted(monitoring)
    address = make_url(monitoring.settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    try:
        await connection.execute("SELECT set_config('app.organisation', 'consortium', false)")
        for statement in ("UPDATE return_versions SET lines = '[]'", "DELETE FROM return_versions"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_same_return_sent_twice_is_one_version_and_the_same_answer(monitoring: RunningService) -> None:
    first = await accepted(monitoring)
    agency = monitoring.as_(AGENCY)
    again = await agency.post(f"{PATH}/submission", headers={"If-Match": first.headers["etag"]})
    assert (again.status_code, again.json()) == (200, first.json())
    same = await saved(agency, body(), first.headers["etag"])
    assert (same.status_code, same.json()) == (200, first.json())
    key = {"Idempotency-Key": "one", "If-Match": first.headers["etag"]}
    both = [await agency.post(f"{PATH}/corrections", json={"reason": "miscounted"}, headers=key) for _ in range(2)]
    assert both[0].json() == both[1].json()


async def test_of_two_people_who_save_at_once_the_second_is_told_to_look_again(monitoring: RunningService) -> None:
    agency = monitoring.as_(AGENCY)
    etag = (await saved(agency, body())).headers["etag"]
    replies = await asyncio.gather(*(saved(agency, body(enquiries=str(n)), etag) for n in range(40, 46)))
    assert sorted(reply.status_code for reply in replies) == [200] + [412] * 5
    assert (await saved(agency, body())).status_code == 428, "who names no version cannot know what they overwrite"


async def test_of_many_who_send_in_at_once_one_version_is_made(monitoring: RunningService) -> None:
    agency = monitoring.as_(AGENCY)
    etag = (await saved(agency, body())).headers["etag"]
    replies = await asyncio.gather(*(agency.post(f"{PATH}/submission", headers={"If-Match": etag}) for _ in range(6)))
    assert [reply.status_code for reply in replies] == [200] * 6
    assert {reply.json()["accepted_version"] for reply in replies} == {1}


async def test_wrong_and_future_periods_unknown_forms_and_lines_that_are_none_are_refused_in_words(monitoring: RunningService) -> None:
    agency = monitoring.as_(AGENCY)
    future = last_quarter().last.toordinal() + 1
    begins = type(last_quarter().last).fromordinal(future)
    tries = [
        ("/returns/quarterly/2026-07-02", body(), 422, {"first_day_of_a_period"}),
        ("/returns/quarterly/2011-07-01", body(), 422, {"first_day_of_a_period"}),
        ("/returns/quarterly/9999-10-01", body(), 422, {"at_most"}),
        (f"/returns/quarterly/{begins}", body(), 422, {"period_has_ended"}),
        ("/returns/quarterly/yesterday", body(), 422, None),
        (f"/returns/yearly/{last_quarter().first}", body(), 404, set()),
        (PATH, {"lines": [{"name": "happiness", "value": "1"}]}, 422, {"line_of_the_form"}),
        (PATH, {"lines": [{"name": "starts.E99999999", "value": "1"}]}, 422, {"line_of_the_form"}),
        (PATH, {"lines": [{"name": "starts", "value": "1"}]}, 422, {"line_of_the_form"}),
        (PATH, {"lines": [{"name": "enquiries", "value": "1"}] * 2}, 422, {"once_each"}),
        (PATH, {"lines": [{"name": "enquiries", "value": "1" * 41}]}, 422, {"short"}),
        (PATH, {"lines": [{"name": "enquiries", "value": "1", "words": "she lives at SO14 7DU"}]}, 422, {"no_postcode"}),
        (PATH, {"lines": [{"name": "enquiries", "value": "1", "words": "ring 023 8000 0000"}]}, 422, {"no_telephone"}),
        (PATH, {"lines": [{"name": "enquiries", "value": "1", "reason": "because"}]}, 422, None),
        (PATH, {"lines": [], "agency": ASH}, 422, None),
    ]
    for path, sent, status, rules in tries:
        reply = await agency.put(path, json=sent)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), (path, sent, reply.text)
        if rules is not None:
            assert {error["rule"] for error in reply.json()["errors"]} == rules
        assert "happiness" not in reply.text
        assert "SO14" not in reply.text
    assert (await agency.get(PATH)).json()["version"] == 0, "nothing was kept of any of them"


async def test_nobody_but_its_officers_saves_or_sends_in_an_agencys_return(monitoring: RunningService) -> None:
    for who, roles in ((AGENCY, ("reader",)), (f"council:{SLOUGH}", ()), ("consortium", ())):
        client = monitoring.as_(who, *roles)
        assert (await client.put(PATH, json=body())).status_code == 403
        assert (await client.post(f"{PATH}/submission")).status_code == 403


async def test_forms_are_read_with_the_kpis_each_field_is_for(monitoring: RunningService) -> None:
    for who in (AGENCY, f"council:{SLOUGH}", "consortium"):
        listed = (await monitoring.as_(who).get("/forms")).json()["items"]
        assert [(each["form"], each["version"]) for each in listed] == [("quarterly", 1), ("stability", 1)]
    form = (await monitoring.as_(AGENCY).get("/forms/quarterly/1")).json()
    assert all(field["kpis"] for field in form["fields"])
    assert (await monitoring.as_(AGENCY).get("/forms/quarterly/9")).status_code == 404


async def test_the_fortnightly_report_is_the_same_mechanism_with_another_form(monitoring: RunningService) -> None:
    path = f"/returns/stability/{last_fortnight().first}"
    agency = monitoring.as_(AGENCY)
    draft = await agency.put(path, json={"lines": [{"name": f"placements_held.{SLOUGH}", "value": "0"}]})
    assert (draft.status_code, draft.json()["errors"]) == (200, [])
    done = await agency.post(f"{path}/submission", headers={"If-Match": draft.headers["etag"]})
    assert (done.status_code, done.json()["accepted_version"]) == (200, 1)
