"""The attack by every text field can fail: a service with mistakes of the usual kinds, and each is found by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text
from starlette.responses import Response

from referrals import app
from shared import tenancy
from shared.organisation import Kind
from shared.signin import AnyCaller
from tests.architecture.test_doors import SOMEBODY
from tests.attack.test_every_text_field import attacked
from tests.running.services import RunningService, SigningKey

router = APIRouter()


class Searched(BaseModel):
    """What is looked for."""

    words: str


@router.post("/pasted-into-sql")
async def pasted_into_sql(body: Searched, request: Request, caller: AnyCaller) -> dict[str, int]:
    async with tenancy.transaction(request.app.state.databases, caller.organisation) as transaction:
        found = await transaction.execute(text(f"SELECT count(*) FROM idempotency_key WHERE key = '{body.words}'"))
        return {"found": int(found.scalar_one())}


@router.get("/kept-as-it-came")
async def kept_as_it_came(words: str, request: Request, caller: AnyCaller) -> dict[str, int]:
    async with tenancy.transaction(request.app.state.databases, caller.organisation) as transaction:
        found = await transaction.execute(text("SELECT count(*) FROM idempotency_key WHERE key = :words"), {"words": words})
        return {"found": int(found.scalar_one())}


@router.get("/used-as-a-format")
async def used_as_a_format(words: str, _: AnyCaller) -> dict[str, int]:
    return {"found": len(words % ())}


@router.get("/repeated-in-a-header")
async def repeated_in_a_header(words: str, _: AnyCaller) -> Response:
    name, _, value = words.partition("\r\n")[2].partition(": ")
    return Response(b"{}", media_type="application/json", headers={name.lower(): value} if name else {})


@router.get("/without-a-mistake")
async def without_a_mistake(words: str, _: AnyCaller) -> dict[str, int]:
    return {"found": len(words)}


SERVICE = replace(app.SERVICE, fetch_routers=lambda: (router,))
MISTAKES = {
    "POST /pasted-into-sql body.words → 500",
    "GET /used-as-a-format every free text → 500",
    "GET /repeated-in-a-header every free text → 200",
}


async def test_sql_a_format_and_a_header_made_of_text_are_each_found(fresh_database: Any, signing_key: SigningKey) -> None:
    one = RunningService.start(SERVICE, {None: await fresh_database("referrals")}, signing_key)
    ordinary = one.as_(SOMEBODY[Kind.COUNCIL])
    for plain in (
        await ordinary.post("/pasted-into-sql", json={"words": "x"}),
        await ordinary.get("/kept-as-it-came?words=x"),
        await ordinary.get("/used-as-a-format?words=x"),
        await ordinary.get("/repeated-in-a-header?words=x"),
    ):
        assert plain.status_code == 200, "it fails always: that it is found would prove nothing"
    faults, _, _ = await attacked(one)
    await one.close()
    assert {fault.partition(" as ")[0] for fault in faults} >= MISTAKES
    assert not [fault for fault in faults if "without-a-mistake" in fault]
    assert not [fault for fault in faults if "kept-as-it-came" in fault], (
        "the kit refuses what no database keeps, whatever an endpoint does"
    )
