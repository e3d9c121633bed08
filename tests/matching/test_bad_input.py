"""Bad input to matching: each refused with the right status, the field and the rule named, nothing half-written, nothing echoed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared import clock, ids, tenancy
from shared.contracts.providers import VacancyClosed
from shared.contracts.referrals import ReferralWithdrawn
from shared.organisation import Organisation
from tests.matching import events
from tests.matching.events import ELM, OAK, SOUTHAMPTON
from tests.matching.scene import CONSIDERED, Scene

SECRET = "Jemima Puddleduck"


@dataclass(frozen=True)
class Bad:
    """One bad request: who sends what, and how it is refused. ``{name}`` in a path or body is filled in from the scene."""

    name: str
    who: str
    method: str
    path: str
    body: Any
    status: int
    errors: set[tuple[str, str]]
    headers: dict[str, str] = field(default_factory=dict)


OFFER = {
    "referral": "{referral}",
    "vacancy": "{spare}",
    "pounds_per_week": "800.00",
    "available_on": "{soon}",
    "needs": [{"need": "autism", "met": True}],
}
TERMS = {name: value for name, value in OFFER.items() if name != "referral"} | {"vacancy": "{vacancy}"}
CHOICE = {"offer": "{offer}", "considerations": CONSIDERED, "wishes": "followed"}


def offering(status: int, *errors: tuple[str, str], name: str, **changes: Any) -> Bad:
    return Bad(name, OAK, "POST", "/offers", OFFER | changes, status, set(errors))


CASES = [
    offering(409, ("referral", "before_closing_time"), name="late offer", referral="{closed}"),
    offering(409, ("referral", "referral_not_withdrawn"), name="offer on a withdrawn referral", referral="{withdrawn}"),
    offering(404, name="offer on an unknown referral", referral="{unknown}"),
    offering(422, ("vacancy", "own_published_vacancy"), name="another agency's vacancy", vacancy="{theirs}"),
    offering(422, ("vacancy", "own_published_vacancy"), name="unknown vacancy", vacancy="{unknown}"),
    offering(422, ("vacancy", "vacancy_open"), name="closed vacancy", vacancy="{shut}"),
    offering(409, ("vacancy", "offered_once"), name="same vacancy twice", vacancy="{vacancy}"),
    offering(422, ("needs", "each_essential_need_answered"), name="essential need not answered", needs=[]),
    offering(
        422,
        ("needs", "each_need_answered_once"),
        name="need answered twice",
        needs=[{"need": "autism", "met": True}, {"need": "autism", "met": False}],
    ),
    offering(
        422,
        ("available_on", "not_in_the_past"),
        ("available_on", "not_before_vacancy_is_free"),
        ("needs", "each_essential_need_answered"),
        ("message", "no_names"),
        ("message", "no_numbers"),
        name="everything wrong at once, everything named",
        available_on="2020-01-01",
        needs=[],
        message=f"for {SECRET} at 12 the lane",
    ),
    Bad("unknown need", OAK, "POST", "/offers", OFFER | {"needs": [{"need": SECRET, "met": True}]}, 422, {("needs.0.need", "*")}),
    Bad("price of nothing", OAK, "POST", "/offers", OFFER | {"pounds_per_week": "0.00"}, 422, {("pounds_per_week", "*")}),
    Bad("price below nothing", OAK, "POST", "/offers", OFFER | {"pounds_per_week": "-5"}, 422, {("pounds_per_week", "*")}),
    Bad("price in fractions of pence", OAK, "POST", "/offers", OFFER | {"pounds_per_week": "800.001"}, 422, {("pounds_per_week", "*")}),
    Bad("price that is no number", OAK, "POST", "/offers", OFFER | {"pounds_per_week": "NaN"}, 422, {("pounds_per_week", "*")}),
    Bad("impossible day", OAK, "POST", "/offers", OFFER | {"available_on": "2026-02-30"}, 422, {("available_on", "*")}),
    Bad("unknown field", OAK, "POST", "/offers", OFFER | {"childs_name": SECRET}, 422, {("body", "*")}),
    Bad("vacancy that is no id", OAK, "POST", "/offers", OFFER | {"vacancy": SECRET}, 422, {("vacancy", "*")}),
    Bad(
        "empty body",
        OAK,
        "POST",
        "/offers",
        {},
        422,
        {("referral", "*"), ("vacancy", "*"), ("pounds_per_week", "*"), ("available_on", "*")},
    ),
    Bad("list for a body", OAK, "POST", "/offers", [1], 422, {("body", "*")}),
    Bad("decline without a coded reason", OAK, "POST", "/opportunities/{referral}/decline", {"reason": SECRET}, 422, {("reason", "*")}),
    Bad(
        "decline what was offered for",
        OAK,
        "POST",
        "/opportunities/{referral}/decline",
        {"reason": "too_far"},
        409,
        {("referral", "no_offer_standing")},
    ),
    Bad("late decline", ELM, "POST", "/opportunities/{closed}/decline", {"reason": "too_far"}, 409, {("referral", "before_closing_time")}),
    Bad("change without a version", OAK, "PUT", "/offers/{offer}", TERMS, 428, {("If-Match", "version_named")}),
    Bad("change of a stale version", OAK, "PUT", "/offers/{offer}", TERMS, 412, {("If-Match", "version_is_current")}, {"If-Match": '"9"'}),
    Bad(
        "change to another vacancy",
        OAK,
        "PUT",
        "/offers/{offer}",
        TERMS | {"vacancy": "{spare}"},
        409,
        {("vacancy", "vacancy_unchanged")},
        {"If-Match": '"1"'},
    ),
    Bad("another agency's offer", ELM, "POST", "/offers/{offer}/withdrawal", {"reason": "made_by_mistake"}, 404, set()),
    Bad("withdrawal without a coded reason", OAK, "POST", "/offers/{offer}/withdrawal", {"reason": "because"}, 422, {("reason", "*")}),
    Bad("an id that is none", OAK, "GET", "/offers/" + SECRET, None, 422, {("offer", "*")}),
    Bad("cursor of nobody's", OAK, "GET", "/offers?cursor=zzz", None, 422, {("cursor", "cursor_from_a_page")}),
    Bad("cursor of another list", OAK, "GET", "/offers?cursor=WyJhIiwgImIiXQ", None, 422, {("cursor", "cursor_from_a_page")}),
    Bad(
        "cursor of another list",
        SOUTHAMPTON,
        "GET",
        "/referrals/{referral}/candidates?cursor=WyJhIiwgImIiXQ",
        None,
        422,
        {("cursor", "cursor_from_a_page")},
    ),
    Bad(
        "why not, for a vacancy that is no id", SOUTHAMPTON, "GET", "/referrals/{referral}/why-not/" + SECRET, None, 422, {("vacancy", "*")}
    ),
    Bad("why not, for an unknown vacancy", SOUTHAMPTON, "GET", "/referrals/{referral}/why-not/{unknown}", None, 404, set()),
    Bad("why not, on an unknown referral", SOUTHAMPTON, "GET", "/referrals/{unknown}/why-not/{vacancy}", None, 404, set()),
    Bad("page of a thousand", OAK, "GET", "/offers?limit=1000", None, 422, {("limit", "*")}),
    Bad(
        "shortlist of nothing",
        SOUTHAMPTON,
        "PUT",
        "/referrals/{referral}/shortlist",
        {"offers": []},
        422,
        {("offers", "*")},
        {"If-Match": "*"},
    ),
    Bad(
        "shortlist of strangers",
        SOUTHAMPTON,
        "PUT",
        "/referrals/{referral}/shortlist",
        {"offers": ["{unknown}", "{offer}", "{offer}"]},
        422,
        {("offers.0", "offer_stands"), ("offers.2", "each_offer_once")},
        {"If-Match": "*"},
    ),
    Bad(
        "choice of an offer that is not there",
        SOUTHAMPTON,
        "POST",
        "/referrals/{referral}/choice",
        CHOICE | {"offer": "{unknown}"},
        404,
        set(),
    ),
    Bad("choice on an unknown referral", SOUTHAMPTON, "POST", "/referrals/{unknown}/choice", CHOICE, 404, set()),
    Bad(
        "choice with nothing considered",
        SOUTHAMPTON,
        "POST",
        "/referrals/{referral}/choice",
        CHOICE | {"considerations": {}},
        422,
        {("considerations", "each_consideration_answered")},
    ),
    Bad(
        "choice without the child's wishes",
        SOUTHAMPTON,
        "POST",
        "/referrals/{referral}/choice",
        CHOICE | {"wishes": SECRET},
        422,
        {("wishes", "*")},
    ),
    Bad(
        "choice of an older version",
        SOUTHAMPTON,
        "POST",
        "/referrals/{referral}/choice",
        CHOICE | {"offer_version": 7},
        412,
        {("offer_version", "version_is_current")},
    ),
    Bad(
        "choice on a withdrawn referral", SOUTHAMPTON, "POST", "/referrals/{withdrawn}/choice", CHOICE, 409, {("referral", "referral_open")}
    ),
]


async def prepared(scene: Scene) -> dict[str, str]:
    """An open referral with one offer, one that has closed, one withdrawn; vacancies of all sorts."""
    view, withdrawn = await scene.broadcast(), await scene.broadcast()
    closed = await scene.broadcast(closes_at=clock.now() - timedelta(minutes=1))
    gone = ReferralWithdrawn(referral=withdrawn.referral, council=withdrawn.council, reason="made_in_error", side="council")
    await scene.service.deliver(gone, subject=str(withdrawn.referral), organisation=SOUTHAMPTON, version=3)
    vacancy, spare, shut, theirs = [await scene.vacancy(who) for who in (OAK, OAK, OAK, ELM)]
    shutting = VacancyClosed(vacancy=shut.vacancy, provider=OAK, reason="carer_unwell")
    await scene.service.deliver(shutting, subject=str(shut.vacancy), organisation=OAK, version=2)
    offer = await scene.offer(view, vacancy)
    return {
        "referral": str(view.referral),
        "closed": str(closed.referral),
        "withdrawn": str(withdrawn.referral),
        "unknown": str(ids.new_id()),
        "vacancy": str(vacancy.vacancy),
        "spare": str(spare.vacancy),
        "shut": str(shut.vacancy),
        "theirs": str(theirs.vacancy),
        "offer": offer["offer"],
        "soon": str(events.soon(3)),
        "closed_words": str(closed.closes_at),
    }


def filled(value: Any, names: dict[str, str]) -> Any:
    match value:
        case str():
            for name, found in names.items():
                value = value.replace("{" + name + "}", found)
            return value
        case dict():
            return {key: filled(one, names) for key, one in value.items()}
        case list():
            return [filled(one, names) for one in value]
    return value


async def everything(scene: Scene) -> dict[str, Any]:
    """What the tables hold, as far as a refused request might have changed it."""
    kept: dict[str, Any] = {}
    for organisation in (SOUTHAMPTON, OAK, ELM):
        async with tenancy.transaction(scene.service.databases, Organisation.parse(organisation)) as transaction:
            for table in ("offers", "declines", "decisions", "referrals", "live_offers", "idempotency_key"):
                rows = await transaction.execute(text(f"SELECT to_jsonb({table})::text AS row FROM {table} ORDER BY 1"))
                kept[f"{organisation} {table}"] = [row.row for row in rows]
    kept["said"] = len(await scene.service.published())
    return kept


async def test_each_is_refused_with_its_status_and_rule_and_leaves_nothing_behind(scene: Scene) -> None:
    names = await prepared(scene)
    before = await everything(scene)
    for bad in CASES:
        async with scene.service.as_(bad.who) as client:
            headers = bad.headers | ({"Idempotency-Key": bad.name} if bad.method != "GET" else {})
            reply = await client.request(bad.method, filled(bad.path, names), json=filled(bad.body, names), headers=headers)
        said = reply.json()
        assert reply.status_code == bad.status, (bad.name, said)
        assert reply.headers["content-type"] == "application/problem+json", bad.name
        told = {(error["field"], error["rule"]) for error in said["errors"]}
        named = {field for field, rule in bad.errors if rule == "*"}
        assert {field for field, _ in told} >= named, (bad.name, said)
        assert bool(named) or told == bad.errors, (bad.name, said)
        assert all(error["message"].endswith(".") for error in said["errors"]), (bad.name, said)
        assert SECRET not in reply.text, bad.name
        assert await everything(scene) == before, bad.name


async def test_a_late_offer_is_told_the_closing_time_in_uk_words(scene: Scene) -> None:
    names = await prepared(scene)
    reply = await scene.ask(OAK, "POST", "/offers", filled(OFFER | {"referral": "{closed}"}, names))
    assert "closed on" in reply.json()["detail"]
    assert re.search(r" (GMT|BST) \([^)]*UTC\)\.", reply.json()["detail"])


async def test_a_key_used_for_another_request_is_refused_and_for_the_same_replayed(scene: Scene) -> None:
    names = await prepared(scene)
    body = filled(OFFER, names)
    first = await scene.ask(OAK, "POST", "/offers", body, Idempotency_Key="k")
    again = await scene.ask(OAK, "POST", "/offers", body, Idempotency_Key="k")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = await scene.ask(OAK, "POST", "/offers", body | {"pounds_per_week": "1.00"}, Idempotency_Key="k")
    assert (other.status_code, other.json()["errors"][0]["rule"]) == (422, "one_key_one_request")


@pytest.mark.parametrize(
    ("token", "rule"), [(None, "token_present"), ("nonsense", "token_readable")], ids=["no token", "a token that is none"]
)
async def test_nobody_gets_in_without_a_token(scene: Scene, token: str | None, rule: str) -> None:
    async with scene.service.with_token(token) as client:
        reply = await client.get("/opportunities")
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (401, rule)


async def test_malformed_and_oversized_bodies_are_refused(scene: Scene) -> None:
    async with scene.service.as_(OAK) as client:
        malformed = await client.post("/offers", content=b'{"referral": ', headers={"Content-Type": "application/json"})
        oversized = await client.post("/offers", content=b'{"message": "' + b"a" * 20_000_000 + b'"}')
    assert (malformed.status_code, oversized.status_code) == (400, 413)
