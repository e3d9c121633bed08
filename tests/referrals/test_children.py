"""A child's record: searched for before a second is made, every reading written down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import logs, tenancy
from shared.organisation import Organisation
from tests.referrals.council import AGENCY, CHILD, HAMPSHIRE, SOUTHAMPTON, Council

TWIN = {"child_id": "SOU0002", "given_names": "Isidore", "upn": None, "nhs_number": None}


async def test_a_record_that_is_likely_the_same_child_is_refused_with_a_pointer_to_the_councils_own(council: Council) -> None:
    child = await council.child()
    reply = await council.client().post("/children", json={**CHILD, **TWIN})
    assert reply.status_code == 409
    problem = reply.json()
    assert (problem["errors"][0]["field"], problem["errors"][0]["rule"]) == ("child", "likely_duplicate")
    assert child in problem["errors"][0]["message"]
    assert "Marrowby" not in reply.text


async def test_a_twin_is_recorded_when_somebody_confirms_that_it_is_another_child(council: Council) -> None:
    await council.child()
    alone = await council.client().post("/children", json={**CHILD, **TWIN, "confirmed_new": True})
    assert alone.json()["errors"][0]["field"] == "confirmation_reason"
    assert await council.child(**TWIN, confirmed_new=True, confirmation_reason="twin_or_sibling")


async def test_the_same_child_id_is_refused_even_when_confirmed(council: Council) -> None:
    await council.child()
    other = {**CHILD, "given_names": "Bo", "family_name": "Lund", "date_of_birth": "2012-01-01", "upn": None, "nhs_number": None}
    reply = await council.client().post(
        "/children", json={**other, "confirmed_new": True, "confirmation_reason": "checked_with_social_worker"}
    )
    assert reply.status_code == 409


async def test_of_two_officers_recording_one_child_at_once_one_is_refused(council: Council) -> None:
    replies = await asyncio.gather(*(council.client().post("/children", json=CHILD) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"family_name": "marrowbie"}, True),
        ({"given_names": "Quill", "family_name": "Marrowby"}, True),
        ({"date_of_birth": "2016-02-29"}, True),
        ({"upn": "h801200001001"}, True),
        ({"nhs_number": "943 476 5919"}, True),
        ({"child_id": "sou0001"}, True),
        ({"family_name": "Marrowby", "date_of_birth": "2016-03-01"}, False),
        ({"family_name": "Quill"}, False),
    ],
)
async def test_a_child_is_found_by_what_is_known_and_by_nothing_else(council: Council, asked: dict[str, Any], found: bool) -> None:
    child = await council.child()
    reply = await council.client().post("/children/search", json=asked)
    assert [each["id"] for each in reply.json()["items"]] == ([child] if found else [])


async def test_another_council_finds_nothing_and_may_record_the_child_itself(council: Council) -> None:
    await council.child()
    hampshire = Council(council.service, HAMPSHIRE)
    assert (await hampshire.client().post("/children/search", json={"family_name": "Marrowby"})).json() == {"items": []}
    assert await hampshire.child()


async def test_every_reading_is_written_down_with_who_what_when_and_by_which_right(council: Council) -> None:
    child = await council.child()
    officer = council.client()
    await officer.get(f"/children/{child}")
    await officer.post("/children/search", json={"family_name": "Marrowby"})
    lines = (await officer.get(f"/children/{child}/disclosures")).json()["items"]
    assert [(line["right"], line["act"], line["organisation"]) for line in lines] == [
        ("own_record", "read", council.organisation),
        ("search", "read", council.organisation),
    ]
    assert lines[0]["subject"] == f"person@{council.organisation}"
    assert {"given_names", "home_address", "upn"} <= set(lines[0]["fields"])
    assert set(lines[1]["fields"]) == {"child_id", "given_names", "family_name", "date_of_birth"}


async def test_the_disclosure_record_can_only_be_added_to(council: Council) -> None:
    child = await council.child()
    await council.client().get(f"/children/{child}")
    changed, deleted = "UPDATE disclosures SET subject = 'nobody'", "DELETE FROM disclosures"
    for forbidden in (changed, deleted, "UPDATE council_settings SET changed_by = ''"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
                await transaction.execute(text(forbidden))


async def test_a_page_of_disclosures_goes_on_where_the_last_one_ended(council: Council) -> None:
    child = await council.child()
    officer = council.client()
    for _ in range(5):
        await officer.get(f"/children/{child}")
    seen, cursor = [], ""
    while True:
        reply = (await officer.get(f"/children/{child}/disclosures", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [line["id"] for line in reply["items"]]
        if not (cursor := reply["next_cursor"]):
            break
    assert len(seen) == len(set(seen)) == 5


async def test_a_corrected_record_is_found_by_its_new_name_only_and_a_stale_correction_is_refused(council: Council) -> None:
    child = await council.child()
    officer = council.client()
    changed = await officer.patch(f"/children/{child}", json={"family_name": "Thistlewood"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await officer.post("/children/search", json={"family_name": "Marrowby"})).json()["items"] == []
    assert len((await officer.post("/children/search", json={"family_name": "Thistlewood"})).json()["items"]) == 1
    assert (await officer.patch(f"/children/{child}", json={"school": "X"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await officer.patch(f"/children/{child}", json={"school": "X"})).status_code == 428


async def test_an_emptied_field_is_emptied_and_a_needed_one_cannot_be(council: Council) -> None:
    child = await council.child()
    officer = council.client()
    reply = await officer.patch(f"/children/{child}", json={"family_name": None, "sex": None}, headers={"If-Match": '"1"'})
    assert {error["field"] for error in reply.json()["errors"]} == {"family_name", "sex"}
    await officer.patch(f"/children/{child}", json={"upn": None, "relatives": []}, headers={"If-Match": '"1"'})
    record = (await officer.get(f"/children/{child}")).json()
    assert (record["upn"], record["relatives"], record["school"]) == (None, [], CHILD["school"])


async def test_the_same_idempotency_key_records_one_child_and_keeps_no_identity(council: Council) -> None:
    officer = council.client()
    first, again = [await officer.post("/children", json=CHILD, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = await officer.post("/children", json={**CHILD, "school": "Other"}, headers={"Idempotency-Key": "one"})
    assert other.status_code == 422
    assert "Marrowby" not in first.text


@pytest.mark.parametrize("roles", [("reader",), ("administrator",), ("evaluator",), ("fostering_service",)])
async def test_only_social_care_staff_may_read_who_a_child_is(council: Council, roles: tuple[str, ...]) -> None:
    child = await council.child()
    assert (await council.client(*roles).get(f"/children/{child}")).status_code == 403
    assert (await council.service.as_(AGENCY).get(f"/children/{child}")).status_code == 403
    assert (await council.service.as_("consortium").get(f"/children/{child}")).status_code == 403


@contextmanager
def everything_logged() -> Iterator[None]:
    """Every line is written, as in a service whose log level is DEBUG; libraries' too."""
    handlers = logging.getLogger().handlers[:]
    logs.configure("referrals", "DEBUG")
    try:
        yield
    finally:
        logs.configure("tests", "CRITICAL")
        logging.getLogger().handlers[:] = handlers


async def test_nothing_that_names_the_child_is_logged_published_or_part_of_an_address(
    council: Council, capsys: pytest.CaptureFixture[str]
) -> None:
    with everything_logged():
        child = await council.child()
        referral = await council.broadcast_referral(child)
        await council.hears(council.confirmed(referral))
        officer = council.client()
        await officer.post("/children/search", json={"family_name": "Marrowby"})
        await officer.get(f"/children/{child}")
        await officer.post("/children", json={**CHILD, "home_postcode": "Marrowby"})
        await officer.post("/children", json={**CHILD, "Marrowby": 1})
    printed = capsys.readouterr()
    assert '"route":' in printed.out, "the lines of Hearth's own are written straight to standard output"
    published = "".join(envelope.to_json().decode() for envelope in await council.service.published())
    for said in (printed.out, printed.err, published):
        for secret in ("Marrowby", "Zephyrine", "2016-02-29", "9434765919", "SOU0001", "7LY"):
            assert secret.casefold() not in said.casefold()


async def test_numbers_are_recorded_as_they_are_written_on_letters_and_kept_plain(council: Council) -> None:
    child = await council.child(nhs_number="943 476-5919", upn="h801 2000 01001")
    kept = (await council.client().get(f"/children/{child}")).json()
    assert (kept["nhs_number"], kept["upn"]) == ("9434765919", "H801200001001")
