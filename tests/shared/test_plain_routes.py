"""A plain write is read in one go; whatever is not right in every part is answered as the framework answers it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import fastapi.routing
import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from shared import plain_routes, problems
from shared.allowances import Allowance, Allowances
from shared.idempotency import IdempotencyKey
from shared.organisation import Organisation
from shared.refusals import Reason, RefusalKind, Refused
from shared.signin import AnyCaller, Caller, CouncilAdministrator, Role
from shared.versions import IfMatch
from tests.shared.notes_service import NewNote

ID = "0190a0a0-0000-7000-8000-000000000001"
RIGHT: dict[str, Any] = {
    "url": f"/notes/{ID}",
    "content": json.dumps({"words": "x", "pounds": "1.50", "due": "2026-11-30T12:00:00Z", "marks": {"a": 1}}).encode(),
    "headers": {"Content-Type": "application/json", "Authorization": "Bearer officer", "Idempotency-Key": "k", "If-Match": '"3"'},
}


async def echo(note: UUID, body: NewNote, request: Request, caller: AnyCaller, key: IdempotencyKey, if_match: IfMatch) -> Response:
    said = (str(note), body.model_dump_json(), request.url.path, caller.subject, key, if_match.header)
    return Response(json.dumps(said), status_code=201, media_type="application/json")


async def for_administrators(body: NewNote, caller: CouncilAdministrator) -> Response:
    return Response(f"{body.words} {caller.subject}")


class _SignIn:
    """Whoever says who they are is believed."""

    async def caller(self, token: str) -> Caller:
        if token not in ("officer", "administrator"):
            message = "The access token cannot be read."
            raise Refused(RefusalKind.NOT_SIGNED_IN, message, (Reason("Authorization", "token_readable", message),))
        role = Role.ADMINISTRATOR if token == "administrator" else Role.PLACEMENTS_OFFICER
        return Caller(Organisation.parse("council:E06000045"), frozenset({role}), token)


def _app(router: APIRouter) -> FastAPI:
    router.put("/notes/{note}", status_code=201)(echo)
    router.post("/for-administrators")(for_administrators)
    app = FastAPI()
    app.include_router(router)
    problems.install(app)
    app.state.signin, app.state.allowances = _SignIn(), Allowances(Allowance(0), Allowance(0))
    return app


PLAIN, FRAMEWORK = _app(plain_routes.router()), _app(APIRouter())


def answer(app: FastAPI, method: str = "PUT", **request: Any) -> tuple[int, str, bytes]:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hearth") as client:
            return await client.request(method, **request)

    reply = asyncio.run(ask())
    return reply.status_code, reply.headers.get("content-type", ""), reply.content


def test_a_plain_write_is_answered_as_the_framework_answers_it_and_without_asking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = answer(FRAMEWORK, **RIGHT)
    assert expected[0] == 201
    asked: list[object] = []

    async def solving(**given: Any) -> Any:
        asked.append(given["dependant"])
        return await solve(**given)

    solve = fastapi.routing.solve_dependencies
    monkeypatch.setattr(fastapi.routing, "solve_dependencies", solving)
    assert answer(PLAIN, **RIGHT) == expected
    assert not asked
    assert answer(FRAMEWORK, **RIGHT) == expected
    assert len(asked) == 1  # so it would have been seen


_values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2))
_fields = st.sampled_from(["words", "urgency", "pounds", "due", "marks", "marks2", "organisation"])
_wrong_bodies = st.one_of(
    st.sampled_from([b"", b"null", b"[]", b'"x"', b"{", b"\xff", b'{"words": "x", "words": "y"}', b'{"words": "\\ud800"}']),
    st.dictionaries(_fields, _values).map(lambda found: json.dumps({"words": "x"} | found).encode()),
    st.binary(max_size=20),
)
_headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain", "application/x+json", ""]),
        "Authorization": st.sampled_from(["Bearer officer", "Bearer administrator", "Bearer other", "Basic eDp5", ""]),
        "Idempotency-Key": st.sampled_from(["", "k", "k" * 200, "k" * 201]),
        "If-Match": st.sampled_from(["", '"1"', "*", "1" * 200, "1" * 201]),
    },
)


@settings(max_examples=300, deadline=None)
@given(_wrong_bodies | st.just(RIGHT["content"]), _headers, st.sampled_from([f"/notes/{ID}", "/notes/1", f"/notes/{ID.upper()}"]))
def test_whatever_is_asked_both_say_the_same(content: bytes, headers: dict[str, str], url: str) -> None:
    asked = {"url": url, "content": content, "headers": RIGHT["headers"] | headers}
    assert answer(PLAIN, **asked) == answer(FRAMEWORK, **asked)


@pytest.mark.parametrize("token", ["officer", "administrator", "other"])
def test_who_may_not_is_refused_as_by_the_framework(token: str) -> None:
    asked = {"url": "/for-administrators", "content": b'{"words": "x"}', "headers": RIGHT["headers"] | {"Authorization": f"Bearer {token}"}}
    found = answer(PLAIN, "POST", **asked)
    assert found == answer(FRAMEWORK, "POST", **asked)
    assert found[0] == {"officer": 403, "administrator": 200, "other": 401}[token]


async def _not_plain_a_default(body: NewNote, caller: AnyCaller, more: bool = False) -> Response: ...
async def _not_plain_a_model(body: NewNote, caller: AnyCaller) -> NewNote: ...
async def _not_plain_nobody(body: NewNote) -> Response: ...
async def _not_plain_two_bodies(body: NewNote, other: NewNote, caller: AnyCaller) -> Response: ...
async def _not_plain_a_question(body: NewNote, caller: AnyCaller, after: str) -> Response: ...


@pytest.mark.parametrize(
    "endpoint", [_not_plain_a_default, _not_plain_a_model, _not_plain_nobody, _not_plain_two_bodies, _not_plain_a_question]
)
def test_what_takes_anything_else_is_left_to_the_framework(endpoint: Any) -> None:
    assert plain_routes.plainly(endpoint, "/notes/{note}") is None


def test_what_a_whole_router_depends_on_is_never_passed_over() -> None:
    with pytest.raises(TypeError, match="whole router"):
        plain_routes.router(dependencies=[Depends(lambda: None)])
