"""Whatever is sent wrongly: a problem in words that names field and rule, repeats nothing, and leaves nothing half-written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared import clock, cursors, tenancy
from shared.organisation import Organisation
from tests.providers import bodies
from tests.providers.bodies import AGENCY, CONSORTIUM, COUNCIL, OTHER_AGENCY, URNS
from tests.providers.conftest import Tender, good

ECHO = "BOGUS"
"""Put into bad values, to see that no refusal repeats it."""

BULK = "/vacancies/bulk"
LOT = "/frameworks/fostering/lots/general"
NO_ROUND = "/tender-rounds/01900000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Case:
    """One bad request, and the no that must meet it."""

    name: str
    by: str
    method: str
    path: str
    status: int
    errors: tuple[tuple[str, str], ...]
    json: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()


def put(name: str, by: str, path: str, json: Any, status: int, *errors: tuple[str, str], **more: Any) -> Case:
    return Case(name, by, "PUT", path, status, errors, json=json, **more)


def post(name: str, by: str, path: str, json: Any, status: int, *errors: tuple[str, str], **more: Any) -> Case:
    return Case(name, by, "POST", path, status, errors, json=json, **more)


def get(name: str, by: str, path: str, status: int, *errors: tuple[str, str], **more: Any) -> Case:
    return Case(name, by, "GET", path, status, errors, **more)


def round_body(**changes: Any) -> dict[str, Any]:
    times = {"opens_at": "2026-01-01T09:00:00+00:00", "closes_at": "2190-01-01T12:00:00+00:00"}
    return {"reference": "R9", "framework": "fostering", "lot": "general"} | times | changes


CASES = [
    # Malformed, oversized, unknown
    put("no JSON", AGENCY, "/households/H1", None, 400, ("body", "valid_json"), content=b'{"postcode": BOGUS'),
    put("a list for an object", AGENCY, "/households/H1", [ECHO], 422, ("body", "object")),
    put("a misspelt field", AGENCY, "/households/H1", bodies.household(BOGUS=1), 422, ("body", "known_field")),
    put("a body too large", AGENCY, "/households/H1", None, 413, content=b'{"postcode": "' + b"B" * 3_000_000 + b'"}'),
    get("nothing there", AGENCY, "/BOGUS", 404),
    put("a URN that is none", CONSORTIUM, "/agencies/BOGUS", bodies.agency(), 422, ("urn", "pattern")),
    put("an ONS code that is none", CONSORTIUM, "/councils/BOGUS", bodies.council(), 422, ("ons_code", "pattern")),
    put("a null byte in a name", CONSORTIUM, f"/agencies/{URNS[0]}", bodies.agency(name="BOGUS\0"), 422, ("name", "writable")),
    put("a control character in a name", CONSORTIUM, f"/agencies/{URNS[0]}", bodies.agency(name="BOGUS\x01"), 422, ("name", "pattern")),
    get("a cursor of one's own making", COUNCIL, "/lots?cursor=BOGUS", 422, ("cursor", "cursor_from_a_page")),
    get("a cursor with a null in it", COUNCIL, f"/lots?cursor={cursors.encode([chr(0)])}", 422, ("cursor", "cursor_from_a_page")),
    get("another list's cursor", COUNCIL, f"/vacancies?cursor={cursors.encode(['general'])}", 422, ("cursor", "cursor_from_a_page")),
    get(
        "a cursor without an offset",
        COUNCIL,
        f"/vacancies?cursor={cursors.encode(['2026-01-01', str(clock.UK)])}",
        422,
        ("cursor", "cursor_from_a_page"),
    ),
    get("a page of a million", COUNCIL, "/vacancies?limit=1000000", 422, ("limit", "at_most")),
    # Whose and who
    put("an agency registering itself", AGENCY, f"/agencies/{URNS[0]}", bodies.agency(), 403, ("Authorization", "organisation_kind")),
    put("a council setting out a lot", COUNCIL, LOT, bodies.lot(), 403, ("Authorization", "organisation_kind")),
    put(
        "the consortium recording a household",
        CONSORTIUM,
        "/households/H1",
        bodies.household(),
        403,
        ("Authorization", "organisation_kind"),
    ),
    put("a reader publishing", AGENCY, "/vacancies/V1", bodies.vacancy(), 403, ("Authorization", "role"), roles=("reader",)),
    put("a council bidding", COUNCIL, f"{NO_ROUND}/bid", bodies.bid(), 403, ("Authorization", "organisation_kind")),
    put(
        "an agency that is not registered bidding",
        f"agency:{URNS[8]}",
        "{round}/bid",
        bodies.bid(),
        403,
        ("Authorization", "agency_registered"),
    ),
    put("another agency's household", OTHER_AGENCY, "/vacancies/V9", bodies.vacancy(), 422, ("household", "household_unknown")),
    get("another agency's vacancy", OTHER_AGENCY, "/vacancies/V1", 404),
    post("another agency's vacancy closed", OTHER_AGENCY, "/vacancies/V1/closing", {"reason": "carer_left"}, 404),
    put(
        "an officer scoring quality",
        COUNCIL,
        "{round}/quality-scores",
        {"scores": []},
        403,
        ("Authorization", "role"),
        roles=("placements_officer",),
    ),
    # The consortium
    put("a council without a name", CONSORTIUM, "/councils/E06000045", {"joined_on": "2010-01-01"}, 422, ("name", "required")),
    put(
        "a rating without its date",
        CONSORTIUM,
        f"/agencies/{URNS[0]}",
        bodies.agency(inspected_on=None),
        422,
        ("inspected_on", "inspection_date_missing"),
    ),
    put("an unknown rating", CONSORTIUM, f"/agencies/{URNS[0]}", bodies.agency(ofsted_rating=ECHO), 422, ("ofsted_rating", "known_code")),
    put(
        "an inspection to come",
        CONSORTIUM,
        f"/agencies/{URNS[0]}",
        bodies.agency(inspected_on="2190-01-01"),
        422,
        ("inspected_on", "inspected_in_future"),
    ),
    put(
        "an end before the start",
        CONSORTIUM,
        "/frameworks/fostering",
        bodies.framework(ends_on="2020-01-01"),
        422,
        ("ends_on", "ends_after_start"),
    ),
    put("a day that is none", CONSORTIUM, "/frameworks/fostering", bodies.framework(ends_on="2026-02-30"), 422, ("ends_on", "date")),
    put(
        "a year beyond reason",
        CONSORTIUM,
        "/frameworks/fostering",
        bodies.framework(established_on="9999-01-01"),
        422,
        ("established_on", "at_most"),
    ),
    put("a lot of no framework", CONSORTIUM, "/frameworks/nowhere/lots/general", bodies.lot(), 404),
    put(
        "weights, bands and formula all wrong",
        CONSORTIUM,
        LOT,
        bodies.lot(price_weight="70", formula="bogus", price_bands=[*bodies.bands("1"), *bodies.bands("1")]),
        422,
        ("price_weight", "weights_add_to_100"),
        ("formula", "known_formula"),
        ("price_bands.1.code", "band_code_twice"),
        ("price_bands.1.from_age", "bands_overlap"),
    ),
    put(
        "four tiers",
        CONSORTIUM,
        LOT,
        bodies.lot(tier_rule={"by": "count", "cuts": [1, 2, 3]}),
        422,
        ("tier_rule.cuts", "two_or_three_tiers"),
    ),
    # The tender
    post("a round of no lot", CONSORTIUM, "/tender-rounds", round_body(lot="bogus"), 422, ("lot", "lot_unknown")),
    post(
        "a round closed before it opens",
        CONSORTIUM,
        "/tender-rounds",
        round_body(closes_at="2025-01-01T09:00:00Z"),
        422,
        ("closes_at", "closes_after_opening"),
        ("closes_at", "closes_in_future"),
    ),
    post(
        "a time without its offset", CONSORTIUM, "/tender-rounds", round_body(closes_at="2190-01-01T12:00:00"), 422, ("closes_at", "offset")
    ),
    post("a round's reference again", CONSORTIUM, "/tender-rounds", round_body(reference="R1"), 409, ("reference", "reference_taken")),
    put("a bid in no round", AGENCY, f"{NO_ROUND}/bid", bodies.bid(), 404),
    put("a bid for half the bands", AGENCY, "{round}/bid", {"prices": bodies.bid()["prices"][:1]}, 422, ("prices", "band_not_priced")),
    put(
        "a bid with a band nobody asked for",
        AGENCY,
        "{round}/bid",
        {"prices": [*bodies.bid()["prices"], {"band": ECHO, "pounds_per_week": "1"}]},
        422,
        ("prices.2.band", "band_unknown"),
    ),
    put("a price below nothing", AGENCY, "{round}/bid", bodies.bid("-1"), 422, ("prices.0.pounds_per_week", "price_range")),
    put("a price in tenths of a penny", AGENCY, "{round}/bid", bodies.bid("800.001"), 422, ("prices.0.pounds_per_week", "pence")),
    put("a price that is no number", AGENCY, "{round}/bid", bodies.bid(ECHO), 422, ("prices.0.pounds_per_week", "number")),
    put("a price without end", AGENCY, "{round}/bid", bodies.bid("NaN"), 422, ("prices.0.pounds_per_week", "number")),
    put("a bid as a picture", AGENCY, "{round}/bid", None, 415, content=b"BOGUS", headers={"Content-Type": "image/png"}),
    put(
        "a bid that is no JSON",
        AGENCY,
        "{round}/bid",
        None,
        400,
        ("body", "valid_json"),
        content=b"{BOGUS",
        headers={"Content-Type": "application/json"},
    ),
    put(
        "a file without its columns",
        AGENCY,
        "{round}/bid",
        None,
        422,
        ("line.1", "csv_columns"),
        content=b"BOGUS,1\n",
        headers={"Content-Type": "text/csv"},
    ),
    put("an empty file", AGENCY, "{round}/bid", None, 422, ("line.1", "csv_columns"), content=b"", headers={"Content-Type": "text/csv"}),
    put(
        "a file in another code page",
        AGENCY,
        "{round}/bid",
        None,
        422,
        ("body", "utf_8"),
        content=b"\xff\xfe\x00",
        headers={"Content-Type": "text/csv"},
    ),
    put(
        "scores before closing",
        COUNCIL,
        "{round}/quality-scores",
        {"scores": [{"agency": URNS[0], "question": "q1", "score": 1, "reason": "x"}]},
        409,
        ("closes_at", "still_sealed"),
    ),
    post("evaluation before closing", CONSORTIUM, "{round}/evaluation", None, 409, ("closes_at", "still_sealed")),
    post("publication before closing", CONSORTIUM, "{round}/publication", None, 409, ("closes_at", "still_sealed")),
    # Homes
    put("an impossible postcode", AGENCY, "/households/H2", bodies.household(postcode="BOGUS"), 422, ("postcode", "postcode_impossible")),
    put(
        "a postcode of no district", AGENCY, "/households/H2", bodies.household(postcode="SO99 9ZZ"), 422, ("postcode", "postcode_unknown")
    ),
    put("ages the wrong way round", AGENCY, "/households/H2", bodies.household(from_age=9, to_age=3), 422, ("to_age", "ages_backwards")),
    put("no places", AGENCY, "/households/H2", bodies.household(places=0), 422, ("places", "at_least")),
    put(
        "an approval to come",
        AGENCY,
        "/households/H2",
        bodies.household(approved_on="2190-01-01"),
        422,
        ("approved_on", "approved_in_future"),
    ),
    put("a skill that is no code", AGENCY, "/households/H2", bodies.household(skills=[ECHO]), 422, ("skills.0", "known_code")),
    put("a reference with a blank", AGENCY, "/households/BOGUS%20H", bodies.household(), 422, ("reference", "pattern")),
    put("an unknown lot", AGENCY, "/vacancies/V9", bodies.vacancy(lots=["bogus"]), 422, ("lots.0", "lot_unknown")),
    put("no lot", AGENCY, "/vacancies/V9", bodies.vacancy(lots=[]), 422, ("lots", "enough")),
    put("half a bed", AGENCY, "/vacancies/V9", bodies.vacancy(free_beds=0.5), 422, ("free_beds", "whole_number")),
    put("more beds than places", AGENCY, "/vacancies/V9", bodies.vacancy(free_beds=9), 422, ("free_beds", "more_beds_than_free")),
    put(
        "a stale version",
        AGENCY,
        "/vacancies/V1",
        bodies.vacancy(free_beds=0),
        412,
        ("If-Match", "version_is_current"),
        headers={"If-Match": '"7"'},
    ),
    post("an unknown closing reason", AGENCY, "/vacancies/V1/closing", {"reason": ECHO}, 422, ("reason", "known_code")),
    post("an upload of nothing", AGENCY, BULK, {"rows": []}, 422, ("rows", "enough")),
    post("locations by an agency", AGENCY, "/household-locations", {"households": []}, 403, ("Authorization", "organisation_kind")),
    post("locations of what is no id", COUNCIL, "/household-locations", {"households": [ECHO]}, 422, ("households.0", "id")),
]


async def _written(tender: Tender) -> list[Any]:
    """Everything that any organisation of these tests could have written, and what was said of it."""
    found: list[Any] = [len(await tender.service.published())]
    for organisation in (CONSORTIUM, COUNCIL, AGENCY, OTHER_AGENCY):
        async with tenancy.transaction(tender.service.databases, Organisation.parse(organisation)) as transaction:
            for table in ("councils", "agencies", "frameworks", "lots", "tender_rounds", "sealed_prices", "households", "vacancies"):
                rows = await transaction.execute(text(f"SELECT {table}::text FROM {table} ORDER BY 1"))
                found.append(rows.scalars().all())
    return found


async def test_every_bad_request_is_refused_in_words_and_leaves_nothing_written(tender: Tender) -> None:
    async with tender.service.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household()))
        good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
    before = await _written(tender)
    wrong = []
    for case in CASES:
        async with tender.service.as_(case.by, *case.roles) as caller:
            body = {"content": case.content} if case.content is not None else {"json": case.json} if case.json is not None else {}
            headers = {"Content-Type": "application/json"} | case.headers if case.content is not None else case.headers
            reply = await caller.request(case.method, case.path.replace("{round}", tender.path), headers=headers, **body)
        errors = tuple((each["field"], each["rule"]) for each in reply.json().get("errors", ()))
        words = [reply.json()["detail"], *(each["message"] for each in reply.json().get("errors", ()))]
        plain = all(sentence.strip().endswith((".", "…")) and ECHO.lower() not in sentence.lower() for sentence in words)
        is_problem = reply.headers["content-type"] == "application/problem+json"
        if (reply.status_code, errors) != (case.status, case.errors) or not plain or not is_problem or ECHO in reply.text:
            wrong.append(f"{case.name}: {reply.status_code} {errors} {reply.text[:300]}")
    assert not wrong, "\n".join(wrong)
    assert await _written(tender) == before


@pytest.mark.parametrize("claims", [{"exp": 1}, {"aud": "another"}, {"organisation": "council:BOGUS"}, {"roles": []}])
async def test_a_wrong_or_expired_token_opens_nothing(tender: Tender, claims: dict[str, Any]) -> None:
    async with tender.service.as_(AGENCY, **claims) as caller:
        reply = await caller.put("/households/H1", json=bodies.household())
    assert reply.status_code == (403 if "roles" in claims else 401)
    async with tender.service.with_token(None) as nobody:
        assert (await nobody.get("/vacancies")).status_code == 401


async def test_a_bid_before_opening_is_refused_naming_the_opening_time(tender: Tender) -> None:
    opens_at = tender.closes_at + timedelta(days=1)
    times = {"opens_at": opens_at.isoformat(), "closes_at": (opens_at + timedelta(days=1)).isoformat()}
    later = good(await tender.consortium.post("/tender-rounds", json=round_body(**times)))
    reply = await tender.agencies[URNS[0]].put(f"/tender-rounds/{later['id']}/bid", json=bodies.bid())
    assert reply.status_code == 409
    assert clock.in_uk_words(opens_at) in reply.json()["detail"]


async def test_scores_that_break_a_rule_are_all_named_and_none_is_kept(tender: Tender) -> None:
    good(await tender.agencies[URNS[0]].put(f"{tender.path}/bid", json=bodies.bid()))
    await tender.closed()
    fine = {"agency": URNS[0], "question": "q1", "score": "4", "reason": "Good."}
    scores = [fine, fine, fine | {"question": "q9"}, fine | {"agency": URNS[1]}, fine | {"question": "q2", "score": "6"}]
    for person, what in ((tender.evaluators[bodies.SOUTHAMPTON], "quality-scores"), (tender.consortium, "moderated-scores")):
        reply = await person.put(f"{tender.path}/{what}", json={"scores": scores})
        assert [(each["field"], each["rule"]) for each in reply.json()["errors"]] == [
            ("scores.1", "answer_twice"),
            ("scores.2.question", "question_unknown"),
            ("scores.3.agency", "agency_not_through_gate"),
            ("scores.4.score", "above_maximum"),
        ]
    assert good(await tender.consortium.get(f"{tender.path}/quality-scores"))["items"] == []
    second = await tender.consortium.post(f"{tender.path}/closing")
    assert (second.status_code, second.json()["errors"][0]["rule"]) == (409, "already_closed")
    unranked = await tender.consortium.post(f"{tender.path}/publication")
    assert (unranked.status_code, unranked.json()["errors"][0]["rule"]) == (409, "not_evaluated")
