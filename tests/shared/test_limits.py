"""How much may be asked: by one organisation in a minute, of one process at once, in one body; and what every reply goes out with."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import plain_routes
from shared.allowances import Allowance
from shared.json_bounds import deeper_than, more_values_than, null_bytes_in
from shared.organisation import Organisation
from shared.reasons import reasons_of

COUNCIL, OTHER, AGENCY = "council:E06000045", "council:E06000044", "agency:SC900001"
ONE, TWO = Organisation.parse(COUNCIL), Organisation.parse(OTHER)


async def test_an_organisation_that_asks_too_much_is_told_how_long_to_wait_and_the_others_are_served(notes):
    service = await notes(reads_a_minute=3, writes_a_minute=2)
    client = service.as_(COUNCIL)
    assert [(await client.get("/notes")).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [(await client.post("/notes", json={"words": "x"})).status_code for _ in range(3)] == [201, 201, 429]
    refused = await client.get("/notes")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert [each["rule"] for each in refused.json()["errors"]] == ["reads_a_minute"]
    assert (await service.as_(COUNCIL, "reader").get("/notes")).status_code == 429, "another person of the same council"
    for other in (OTHER, AGENCY):
        assert (await service.as_(other).get("/notes")).status_code == 200
    assert len(await service.published()) == 2, "what was refused wrote nothing"


def test_an_allowance_comes_back_evenly_and_is_never_more_than_a_minutes_worth():
    allowance = Allowance(60)
    assert [allowance.take(ONE, now=1000.0) for _ in range(60)] == [0.0] * 60
    assert allowance.take(ONE, now=1000.0) == pytest.approx(1.0)
    assert allowance.take(TWO, now=1000.0) == 0.0
    assert [allowance.take(ONE, now=1001.0), allowance.take(ONE, now=1001.0)] == pytest.approx([0.0, 1.0])
    assert [allowance.take(ONE, now=9000.0) == 0.0 for _ in range(61)] == [True] * 60 + [False]
    assert {Allowance(0).take(ONE, now=0.0) for _ in range(1000)} == {0.0}


@given(a_minute=st.integers(1, 400), now=st.floats(0, 1e8) | st.floats(4036, 4096))
def test_a_whole_minutes_worth_is_given_at_any_moment_and_one_more_is_not(a_minute: int, now: float) -> None:
    allowance = Allowance(a_minute)
    assert [allowance.take(ONE, now) for _ in range(a_minute)] == [0.0] * a_minute
    assert allowance.take(ONE, now) > 0


async def test_more_requests_than_a_process_has_room_for_are_turned_away_at_once_and_those_in_hand_are_answered(notes):
    service = await notes(requests_at_once=2)
    client = service.as_(COUNCIL)
    in_hand = [asyncio.create_task(client.get("/slow")) for _ in range(2)]
    await asyncio.sleep(0.2)
    turned_away = await client.get("/notes")
    assert (turned_away.status_code, turned_away.headers["retry-after"]) == (503, "2")
    assert turned_away.headers["content-type"] == "application/problem+json"
    assert (await client.get("/health/live")).status_code == 200, "whoever restarts what is dead must not restart what is busy"
    assert [(await one).status_code for one in in_hand] == [200, 200]
    assert (await client.get("/notes")).status_code == 200


async def test_few_large_bodies_are_taken_in_at_once_while_others_are_served(notes):
    service = await notes(imports_at_once=1)
    client = service.as_(COUNCIL)
    go_on = asyncio.Event()

    async def in_parts():
        yield b"x" * 1000
        await go_on.wait()
        yield b"x" * 4_000_000

    importing = asyncio.create_task(client.post("/imports", content=in_parts()))
    await asyncio.sleep(0.1)
    assert (await client.post("/imports", content=b"x")).status_code == 503
    assert (await client.get("/notes")).status_code == 200
    go_on.set()
    assert (await importing).json() == {"bytes": 4_001_000}
    assert (await client.post("/imports", content=b"x")).status_code == 200


async def test_a_body_that_stops_coming_is_given_up(notes):
    service = await notes(client_seconds=0.2)
    never = asyncio.Event()

    async def dripping():
        yield b'{"words":'
        await never.wait()

    reply = await service.as_(COUNCIL).post("/notes", content=dripping(), headers={"content-type": "application/json"})
    assert (reply.status_code, reply.headers["connection"]) == (408, "close")
    assert [each["rule"] for each in reply.json()["errors"]] == ["fast_enough"]


@pytest.mark.parametrize("kind", ["application/json", "application/merge-patch+json; charset=utf-8", None])
async def test_json_nested_deeper_than_anything_here_is_refused_unread(notes, kind):
    service = await notes()
    client = service.as_(COUNCIL)
    headers = {"content-type": kind} if kind else {}
    for deep in ('{"words":"x","marks":' + '{"a":' * 40 + "1" + "}" * 41, "[" * 500_000):
        reply = await client.post("/notes", content=deep, headers=headers)
        assert (reply.status_code, [each["rule"] for each in reply.json()["errors"]]) == (400, ["not_too_deep"])
    flat = json.dumps({"words": "[" * 99, "marks": {str(n): n for n in range(50)}})
    assert (await client.post("/notes", content=flat, headers={"content-type": "application/json"})).status_code == 201


async def test_a_body_of_more_values_than_anything_here_takes_is_refused_unread_and_one_at_the_limit_is_read(notes):
    service = await notes(max_json_values=500)
    client = service.as_(COUNCIL)
    marks = {str(number): number for number in range(499)}
    over, at_limit = {"words": "x", "marks": marks}, {"words": "[,{" * 60, "marks": dict(list(marks.items())[:497])}
    reply = await client.post("/notes", json=over)
    assert (reply.status_code, [each["rule"] for each in reply.json()["errors"]]) == (413, ["not_too_many_values"])
    assert (await client.post("/notes", json=at_limit)).status_code == 201


async def test_a_body_with_a_thousand_faults_is_told_a_hundred_of_them(notes):
    service = await notes()
    reply = await service.as_(COUNCIL).post("/notes", json={"words": "x", "marks": {str(number): {} for number in range(1000)}})
    assert (reply.status_code, len(reply.json()["errors"])) == (422, 1), "one field, whose names are the caller's"
    errors = [{"type": "missing", "loc": ("body", "lines", number), "msg": ""} for number in range(1000)]
    assert len(reasons_of(errors, frozenset({"lines"}))) == 100


async def test_a_strangers_body_is_not_looked_at(notes, monkeypatch):
    service = await notes()
    read: list[str] = []
    monkeypatch.setattr(plain_routes, "_values", lambda *_: read.append("read"))
    for body in ({"words": "x"}, {"words": []}):
        assert (await service.with_token(None).post("/notes", json=body)).status_code == 401
    assert not read


async def test_a_bad_request_counts_once_against_its_organisations_allowance(notes):
    client = (await notes(writes_a_minute=2)).as_(COUNCIL)
    assert [(await client.post("/notes", json={"words": 1})).status_code for _ in range(3)] == [422, 422, 429]


async def test_a_null_byte_is_refused_by_the_name_of_its_field_wherever_it_is(notes):
    client = (await notes()).as_(COUNCIL)
    for body, field in (
        ({"words": "a\0b"}, "words"),
        ({"words": "x", "marks": {"made up": "\0"}}, "marks"),
        ({"words": "x", "marks": {"\0": 1}}, "marks"),
        ({"made up": "\0", "words": "x"}, "body"),
    ):
        reply = await client.post("/notes", json=body)
        assert (reply.status_code, [(each["field"], each["rule"]) for each in reply.json()["errors"]]) == (422, [(field, "writable")])
    for query, field in (("cursor=%00", "cursor"), ("limit=1&made=%00", "query"), ("%00=1", "query")):
        reply = await client.get(f"/notes?{query}")
        assert (reply.status_code, [each["field"] for each in reply.json()["errors"]]) == (422, [field])
    assert (await client.get("/notes/a%00b")).status_code == 404
    assert (await client.post("/notes", json={"words": "\\u0000"})).status_code == 201, "those six letters are no null byte"
    header = await client.post("/notes", json={"words": "x"}, headers={"Idempotency-Key": "\0"})
    assert (header.status_code, [each["field"] for each in header.json()["errors"]]) == (422, ["Idempotency-Key"])


async def test_of_two_content_types_the_one_that_is_read_by_is_held_to(notes):
    client = (await notes()).as_(COUNCIL)
    twice = [("content-type", "application/json"), ("content-type", "text/plain")]
    reply = await client.post("/notes", content='{"words":"x","marks":' + '{"a":' * 40 + "1" + "}" * 41, headers=twice)
    assert (reply.status_code, [each["rule"] for each in reply.json()["errors"]]) == (400, ["not_too_deep"])


@pytest.mark.parametrize(("length", "status"), [("9" * 4500, 413), ("²", 201), ("+5", 201)])
async def test_a_length_that_is_no_number_or_too_long_a_one_is_no_fault_of_ours(notes, length, status):
    client = (await notes()).as_(COUNCIL)
    headers = {"content-type": "application/json", "content-length": length.encode("latin-1")}
    assert (await client.post("/notes", content='{"words":"x"}', headers=headers)).status_code == status


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "punycode", "undefined", "utf-16", "no-such"])
async def test_a_form_that_names_another_charset_is_refused_unread(notes, charset):
    client = (await notes()).as_(COUNCIL)
    for kind in (
        f"application/x-www-form-urlencoded; charset=utf-8; CHARSET*='{charset}'",
        f'multipart/form-data; boundary=x; charset="{charset}"',
    ):
        reply = await client.post("/notes", content=b"words=\\ud800", headers={"content-type": kind})
        assert (reply.status_code, [each["rule"] for each in reply.json()["errors"]]) == (415, ["in_utf_8"])


values = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}"\\a', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='"\\{]', max_size=3), inner, max_size=3),
    max_leaves=8,
)


def depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


@settings(max_examples=60)
@given(values, st.integers(0, 5))
def test_depth_told_from_the_bytes_is_the_depth_of_the_value(value, most):
    assert deeper_than(most, json.dumps(value).encode()) == (depth(value) > most)


def counted(value: object) -> int:
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(len(inside) - 1, 0) + sum(map(counted, inside))


@settings(max_examples=60)
@given(values, st.integers(0, 8))
def test_values_told_from_the_bytes_are_those_of_the_value(value, most):
    assert more_values_than(most, json.dumps(value).encode()) == (counted(value) > most)


nulls = st.recursive(
    st.none() | st.text(alphabet="\0a\\u0", max_size=7),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="\0ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(nulls)
def test_a_null_byte_is_found_where_one_is_and_nowhere_else(value):
    found = list(null_bytes_in(json.dumps(value).encode()))
    assert bool(found) == ("\0" in repr_of_texts(value))


def repr_of_texts(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(key + repr_of_texts(inner) for key, inner in value.items())
    return "".join(map(repr_of_texts, value)) if isinstance(value, list) else ""


def test_telling_the_depth_of_a_body_made_to_be_slow_looks_at_each_byte_a_few_times():
    for hostile in (b'"' + b'\\"' * 900_000, b'"' * 1_800_000, b"[" * 40 + b'"\\' * 800_000):
        deeper_than(1, hostile + b"[[")  # quadratic work would not end within the run


async def test_no_other_origin_is_let_in_unless_it_is_named(notes):
    asked = {"origin": "https://elsewhere.test", "access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    service = await notes()
    client = service.as_(COUNCIL)
    for reply in (
        await client.get("/notes", headers=asked),
        await client.options("/notes", headers=asked),
        await client.post("/notes", json={}, headers=asked),
    ):
        assert [name for name in reply.headers if name.startswith("access-control-")] == []


async def test_an_origin_that_is_named_may_call_without_cookies_and_no_other_may(notes):
    service = await notes(cors_origins=frozenset({"https://councils-own.test"}))
    client = service.as_(COUNCIL)
    let_in = await client.get("/notes", headers={"origin": "https://councils-own.test"})
    assert let_in.headers["access-control-allow-origin"] == "https://councils-own.test"
    assert "access-control-allow-credentials" not in let_in.headers
    other = await client.get("/notes", headers={"origin": "https://elsewhere.test"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("path", ["/notes", "/nowhere", "/fault", "/health/live", "/metrics", "/openapi.json"])
async def test_every_reply_says_what_a_browser_must_not_do_with_it(notes, path):
    service = await notes()
    said = (await service.as_(COUNCIL).get(path)).headers
    assert said["x-content-type-options"] == "nosniff"
    assert said["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
    assert (said["referrer-policy"], said["x-frame-options"], said["cache-control"]) == ("no-referrer", "DENY", "no-store")
    assert said["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in said
