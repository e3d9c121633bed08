"""Bad input: each a problem that names the field and the rule in words, with the right status, nothing half-written, nothing repeated."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared import clock, tenancy
from shared.organisation import Organisation
from tests.referrals.council import AGENCY, CHILD, Council, days_from_today, lot

SENT = "Marrowby-the-input"


@dataclass(frozen=True)
class Bad:
    """One bad request: what is sent, and the status, field and rule that come back."""

    why: str
    method: str
    path: str
    body: Any
    status: int
    field: str | None = None
    rule: str | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


def child(why: str, where: str, rule: str, **changes: Any) -> Bad:
    return Bad(why, "POST", "/children", {**CHILD, "child_id": "NEW", **changes}, 422, where, rule)


def referral(why: str, where: str, rule: str, **changes: Any) -> Bad:
    return Bad(why, "POST", "/referrals", changes, 422, where, rule)


def needs(**changes: Any) -> dict[str, Any]:
    return {"children": [{"child": "{child}", **changes}]}


YESTERDAY, TODAY = days_from_today(-1).isoformat(), clock.today().isoformat()

CASES = [
    Bad("not JSON", "POST", "/children", b'{"given_names": "' + SENT.encode(), 400, None, "valid_json"),
    Bad("a list where an object belongs", "POST", "/children", [SENT], 422),
    Bad("nothing", "POST", "/children", {}, 422, "given_names", "required"),
    Bad("a misspelt field", "POST", "/children", {**CHILD, SENT: SENT}, 422, None, "known_field"),
    child("an impossible date", "date_of_birth", "date", date_of_birth="2016-02-30"),
    child("a birth in the future", "date_of_birth", "not_in_the_future", date_of_birth="2040-01-01"),
    child("a grown-up", "date_of_birth", "under_18", date_of_birth="1990-01-01"),
    child("an unknown ethnicity", "ethnicity", "ssda903_code", ethnicity="XXXX"),
    child("a sex code of 2023/24", "sex", "ssda903_code", sex="1"),
    child("an unknown legal status", "legal_status", "ssda903_code", legal_status="Q1"),
    child("an unknown category of need", "category_of_need", "ssda903_code", category_of_need="N9"),
    child("a mistyped UPN", "upn", "check_letter", upn="H801200001002"),
    child("a mistyped NHS number", "nhs_number", "check_digit", nhs_number="9434765918"),
    child("an impossible postcode", "home_postcode", "possible_postcode", home_postcode="ZZ99 9ZZ"),
    child("half a postcode", "home_postcode", "possible_postcode", home_postcode="SO14"),
    child("a name of 300 letters", "family_name", "short_enough", family_name=SENT * 20),
    child("a name that is blank", "family_name", "long_enough", family_name="   "),
    child("a child's child without being a mother", "mother_child_date_of_birth", "only_for_a_mother", mother_child_date_of_birth=TODAY),
    child("an unknown confirmation", "confirmation_reason", "known_code", confirmed_new=True, confirmation_reason=SENT),
    child("a reason without the confirmation", "confirmation_reason", "with_confirmed_new", confirmation_reason="twin_or_sibling"),
    Bad("a search for nothing", "POST", "/children/search", {}, 422, "body", "something_to_search_for"),
    Bad("an id that is none", "GET", f"/children/{SENT}", None, 422, "child", "id"),
    Bad("a child that is not there", "GET", f"/children/{uuid4()}", None, 404),
    Bad("a change without a version", "PATCH", "/children/{child}", {"school": "X"}, 428, "If-Match", "version_named"),
    Bad("a stale version", "PATCH", "/children/{child}", {"school": "X"}, 412, "If-Match", "version_is_current", {"If-Match": '"9"'}),
    referral("an unknown lot", "lot", "known", lot="unknown_lot"),
    referral("an ill-formed lot", "lot", "pattern", lot=SENT),
    referral("an ended lot", "lot", "not_ended", lot="ended"),
    referral("a kind that the lot is not for", "kind", "of_the_lot", kind="parent_and_child"),
    referral("a kind nobody knows", "kind", "known_code", kind=SENT),
    referral("a date that has passed", "needed_by", "not_in_the_past", needed_by=YESTERDAY),
    referral("an emergency next week", "urgency", "urgent_means_now", urgency="emergency", planned=False),
    referral("a planned emergency", "planned", "urgent_is_not_planned", urgency="same_day", needed_by=TODAY),
    referral("an unknown PLACE code", "place", "ssda903_code", place="U9"),
    referral("a PLACE code of an earlier year", "place", "ssda903_code", place="H5"),
    referral("a PLACE code that is no foster care", "place", "foster_care", place="K2"),
    referral("a PLACE code of another kind", "place", "fits_kind", place="U4"),
    referral("no children", "children", "enough", children=[]),
    referral("nine children", "children", "not_too_many", children=[{"child": str(uuid4())} for _ in range(9)]),
    referral("a child of nobody's", "children.0.child", "own_record", children=[{"child": str(uuid4())}]),
    referral("one child twice", "children", "each_once", siblings="together", children=[{"child": "{child}"}] * 2),
    referral("one child together with nobody", "siblings", "fits_children", siblings="together"),
    referral("a need nobody knows", "children.0.essential_needs.0", "known_code", **needs(essential_needs=[SENT])),
    referral(
        "a need essential and preferred", "children.0.preferred_needs", "not_also_essential",
        **needs(essential_needs=["autism"], preferred_needs=["autism"]),
    ),
    referral("no pets, and a pet", "children.0.essential_needs", "pets_or_none", **needs(essential_needs=["no_pets", "pets_welcome"])),
    referral("a risk nobody knows", "children.0.risks_to_child.0", "known_code", **needs(risks_to_child=[SENT])),
    referral("a full postcode to be near", "near.0.district", "pattern", near=[{"what": "school", "district": "SO14 7LY"}]),
    referral("near to nobody knows what", "near.0.what", "known_code", near=[{"what": SENT, "district": "SO14"}]),
    referral(
        "near and to be avoided", "avoid_districts", "not_also_near",
        near=[{"what": "school", "district": "SO14"}], avoid_districts=["SO14"],
    ),
    referral("no weeks at all", "expected_weeks", "at_least", expected_weeks=0),
    referral("a first referral that is not there", "re_referral_of", "own_earlier_referral", re_referral_of=str(uuid4())),
    Bad("free text", "POST", "/referrals", {"notes": SENT}, 422, None, "known_field"),
    Bad("a referral that is not there", "GET", f"/referrals/{uuid4()}", None, 404),
    Bad("a state nobody knows", "GET", f"/referrals?state={SENT}", None, 422, "state", "known_code"),
    Bad("a cursor of one's own making", "GET", f"/referrals?cursor={SENT}", None, 422, "cursor", "cursor_from_a_page"),
    Bad("a cursor of another list", "GET", "/referrals?cursor=WyJhIl0", None, 422, "cursor", "cursor_from_a_page"),
    Bad("a page of a thousand", "GET", "/referrals?limit=1000", None, 422, "limit", "at_most"),
    Bad(
        "a decision without its reason", "POST", "/referrals/{referral}/in-house-decision",
        {"outcome": "no_match"}, 422, "reason", "required",
    ),
    Bad(
        "a match without a vacancy", "POST", "/referrals/{referral}/in-house-decision",
        {"outcome": "match_taken", "pounds_per_week": "400", "starts_on": TODAY}, 422, "vacancy", "required",
    ),
    Bad(
        "tenths of a penny", "POST", "/referrals/{referral}/in-house-decision",
        {"outcome": "match_taken", "vacancy": str(uuid4()), "pounds_per_week": "400.005", "starts_on": TODAY},
        422, "pounds_per_week", "decimal_places",
    ),
    Bad("a withdrawal in free words", "POST", "/referrals/{referral}/withdrawal", {"reason": SENT}, 422, "reason", "known_code"),
    Bad("a withdrawal without a reason", "POST", "/referrals/{referral}/withdrawal", {}, 422, "reason", "required"),
    Bad("distances to nowhere", "POST", "/referrals/{referral}/distances", {"households": []}, 422, "households", "enough"),
    Bad("an emptied field that is needed", "PATCH", "/referrals/{referral}", {"lot": None}, 422, "lot", "not_empty", {"If-Match": "*"}),
    Bad("an amendment without a version", "PATCH", "/referrals/{referral}", {"preferred_miles": 3}, 428, "If-Match", "version_named"),
    Bad(
        "weights that do not add up", "PATCH", "/settings",
        {"weights": dict.fromkeys(("distance", "siblings", "language", "religion", "skills", "other_children"), 10)},
        422, "weights", "add_up_to_100", {"If-Match": "*"},
    ),
    Bad("half the weights", "PATCH", "/settings", {"weights": {"distance": 100}}, 422, "weights.siblings", "required", {"If-Match": "*"}),
    Bad("a cut-off at midnight", "PATCH", "/settings", {"deadlines": {"cut_off_hour": 0}}, 422, "deadlines.cut_off_hour", "within_limits",
        {"If-Match": "*"}),
    Bad("settings of yesterday", "PATCH", "/settings", {"approval_miles": 3}, 412, "If-Match", "version_is_current", {"If-Match": '"8"'}),
]  # fmt: skip


async def test_bad_input_is_refused_in_words_and_nothing_is_written(council: Council) -> None:
    await council.service.deliver(lot("ended", ends_on=days_from_today(-1)), subject="ended", organisation="consortium")
    first, second = await council.child(), await council.another_child()
    names = {"child": first, "referral": await council.referral(first)}
    before = await rows(council)
    wrong = {bad.why: found for bad in CASES if (found := await asked(council, bad, names, second))}
    assert wrong == {}
    assert len({bad.why for bad in CASES}) == len(CASES)
    assert await rows(council) == before, "nothing half-written"


async def asked(council: Council, bad: Bad, names: dict[str, str], another_child: str) -> str:
    """What is wrong with the answer to a bad request; nothing if it is as the table says."""
    body = bad.body
    if (bad.method, bad.path) == ("POST", "/referrals"):
        # All but the one fault is as it should be: a second child of the council's, who has no referral yet.
        children = [
            {**each, "child": another_child if each["child"] == "{child}" else each["child"]}
            for each in body.get("children", [{"child": "{child}"}])
        ]
        body = council.referral_body(another_child, **{**body, "children": children})
    content = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    headers = {"Content-Type": "application/json", **bad.headers} if body is not None else bad.headers
    reply = await council.client().request(bad.method, bad.path.format(**names), headers=headers, **content)
    if reply.status_code != bad.status or reply.headers["content-type"] != "application/problem+json":
        return f"{reply.status_code} {reply.text}"
    problem = reply.json()
    if SENT in reply.text:
        return f"what was sent is repeated: {reply.text}"
    if not problem["detail"].endswith("."):
        return f"no sentence: {problem['detail']}"
    found = [(error["field"], error["rule"]) for error in problem["errors"]]
    named = bad.rule is None or any(rule == bad.rule and bad.field in (None, where) for where, rule in found)
    return "" if named else f"named instead: {found}"


async def rows(council: Council) -> dict[str, int]:
    """How many rows each table of the council's holds, the events included."""
    counts = {"events": len(await council.service.published())}
    async with tenancy.transaction(council.service.databases, Organisation.council(council.code)) as transaction:
        for table in ("children", "child_terms", "referrals", "referral_children", "disclosures", "council_settings", "distances"):
            counts[table] = await transaction.scalar(text(f"SELECT count(*) FROM {table}"))
        counts["versions"] = await transaction.scalar(text("SELECT sum(version) FROM referrals"))
    return counts


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("not-a-token", 401)])
async def test_without_a_good_token_nothing_is_told(council: Council, token: str | None, status: int) -> None:
    reply = await council.service.with_token(token).get("/referrals")
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")


async def test_an_agency_cannot_refer(council: Council) -> None:
    reply = await council.service.as_(AGENCY).post("/referrals", json=council.referral_body(str(uuid4())))
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (403, "organisation_kind")


async def test_every_broken_rule_is_named_at_once(council: Council) -> None:
    child_id = await council.child()
    body = council.referral_body(child_id, lot="unknown_lot", needed_by=YESTERDAY, place="U4", siblings="together", preferred_miles=10)
    reply = await council.client().post("/referrals", json=body)
    assert {error["field"] for error in reply.json()["errors"]} == {"lot", "needed_by", "place", "siblings"}


async def test_a_body_too_large_is_refused_before_it_is_read(council: Council) -> None:
    reply = await council.client().post("/children", content=b"[" + b"1," * 1_500_000 + b"1]", headers={"Content-Type": "application/json"})
    assert reply.status_code == 413
