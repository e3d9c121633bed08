"""Every no names the field and the rule, and repeats nothing of what was sent."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COUNCIL = "council:E06000045"
SECRET = "Jane-Smith-of-1-Acacia-Avenue"


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({}, "words", "required"),
        ({"words": ""}, "words", "long_enough"),
        ({"words": SECRET * 20}, "words", "short_enough"),
        ({"words": 7}, "words", "text"),
        ({"words": "x", "urgency": SECRET}, "urgency", "known_code"),
        ({"words": "x", "pounds": "-1"}, "pounds", "at_least"),
        ({"words": "x", "pounds": SECRET}, "pounds", "number"),
        ({"words": "x", "pounds": "1.234"}, "pounds", "decimal_places"),
        ({"words": "x", "pounds": "NaN"}, "pounds", "number"),
        ({"words": "x", "due": "2026-11-02T17:00:00"}, "due", "offset"),
        ({"words": "x", "due": SECRET}, "due", "date_and_time"),
        ({"words": "x", SECRET: 1}, "body", "known_field"),
        ({"words": "x", "marks": {SECRET: "many"}}, "marks", "whole_number"),
    ],
)
async def test_a_wrong_field_is_named_with_its_rule_and_never_repeated(notes, body, field, rule):
    service = await notes()
    reply = await service.as_(COUNCIL).post("/notes", json=body)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert [(each["field"], each["rule"]) for each in reply.json()["errors"]] == [(field, rule)]
    assert SECRET not in reply.text
    assert await service.published() == []


async def test_every_wrong_field_is_said_at_once(notes):
    service = await notes()
    reply = await service.as_(COUNCIL).post("/notes", json={"urgency": "soon", "pounds": "x"})
    assert {each["field"] for each in reply.json()["errors"]} == {"words", "urgency", "pounds"}


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"words": "Jane-Smith-of-1-Acacia-Avenue"', b"[" * 5000])
async def test_a_body_that_is_not_json_is_malformed(notes, body):
    service = await notes()
    reply = await service.as_(COUNCIL).post("/notes", content=body, headers={"content-type": "application/json"})
    assert reply.status_code in (400, 422)
    assert reply.headers["content-type"] == "application/problem+json"
    assert SECRET not in reply.text


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_too_large_however_it_is_sent(notes, chunked):
    service = await notes(max_body_bytes=1000)
    body = json.dumps({"words": "x" * 5000}).encode()

    async def in_parts():
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    reply = await service.as_(COUNCIL).post("/notes", content=in_parts() if chunked else body, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["type"]) == (413, "/problems/too-large")


async def test_a_fault_says_nothing_of_what_went_wrong_and_neither_does_the_log(notes, capsys):
    from shared import logs

    service = await notes()
    logs.configure("notes")
    reply = await service.as_(COUNCIL).get("/fault", headers={"x-request-id": "ask-me-about-this"})
    logged = capsys.readouterr().out
    assert reply.status_code == 500
    assert reply.json()["request_id"] == reply.headers["x-request-id"] == "ask-me-about-this"
    assert "Jane" not in reply.text
    assert "Jane" not in logged
    assert "RuntimeError" in logged
    assert "ask-me-about-this" in logged


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere/Jane-Smith-of-1-Acacia-Avenue", 404), ("/notes/not-an-id", 405), ("/notes?cursor=xx", 422)]
)
async def test_other_refusals_are_problems_too(notes, path, status):
    service = await notes()
    reply = await service.as_(COUNCIL).get(path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert SECRET not in reply.text
    if status == 405:
        assert reply.headers["allow"] == "PUT"


async def test_a_database_that_is_away_is_503_with_a_time_to_try_again(notes):
    service = await notes(database_url="postgresql://notes_app:x@127.0.0.1:1/none")
    reply = await service.as_(COUNCIL).get("/notes")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(min_size=201).map(lambda tail: f"{SECRET}{tail}"), rest=st.dictionaries(st.text(), anything, max_size=4))
def test_no_body_however_wrong_is_ever_repeated(words, rest):
    import pydantic

    from shared.reasons import reasons_of_model
    from tests.shared.notes_service import NewNote

    try:
        NewNote.model_validate({**{SECRET + key: value for key, value in rest.items()}, "words": words})
    except pydantic.ValidationError as error:
        said = " ".join(f"{each.field} {each.rule} {each.message}" for each in reasons_of_model(error, NewNote))
        assert SECRET not in said
    else:
        raise AssertionError("words was too long and yet taken")
