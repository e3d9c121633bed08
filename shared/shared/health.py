"""Is this process alive, and can it do its work: asked by whoever starts, watches and restarts it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import QueuePool, text

from shared import metrics, tenancy, turns
from shared.refusals import Refused

Check = Callable[[], Awaitable[bool]]
"""Whether something the process would like to have answers."""


class Health(BaseModel):
    """What is well and what is not."""

    status: str = Field(description="ready, degraded (still answering, news is delayed) or not ready")
    checks: dict[str, str]


router = APIRouter(tags=["health"])


@router.get("/health/live", summary="The process answers")
async def live() -> Health:
    """Says only that the process answers."""
    return Health(status="live", checks={})


@router.get("/health/ready", summary="The process can do its work", responses={503: {"model": Health}})
async def ready(request: Request, response: Response) -> Health:
    """The database answers and its tables are there; a broker that is away makes it degraded, since writes still succeed."""
    databases: tenancy.Databases = request.app.state.databases
    asked: dict[int, asyncio.Task[str]] = request.app.state.databases_asked
    said = await asyncio.gather(*(_says_soon(databases, number, asked) for number in range(len(databases.every()))))
    needed = {f"database {number}": words for number, words in enumerate(said)}
    wished: Mapping[str, Check] = getattr(request.app.state, "wished", {})
    delayed = {name: "" if await check() else "does not answer; news waits" for name, check in wished.items()}
    if any(needed.values()):
        response.status_code = 503
        return Health(status="not ready", checks=_in_words({**needed, **delayed}))
    return Health(status="degraded" if any(delayed.values()) else "ready", checks=_in_words({**needed, **delayed}))


def _in_words(checks: dict[str, str]) -> dict[str, str]:
    return {name: said or "well" for name, said in checks.items()}


SOON = 2.0
"""Seconds: whoever asks a process for its health gives up before a silent database is given up."""


async def _says_soon(databases: tenancy.Databases, number: int, asked: dict[int, asyncio.Task[str]]) -> str:
    """What a database says, or that it is silent.

    A question that is not answered yet goes on, and is the next one's question too, since each would hold a connection.
    """
    asking = asked.get(number)
    if asking is None or asking.done():
        asking = asked[number] = asyncio.create_task(_database_says(databases, number))
    done, _ = await asyncio.wait({asking}, timeout=SOON)
    return asking.result() if done else "does not answer"


async def _database_says(databases: tenancy.Databases, number: int) -> str:
    try:
        async with tenancy.plumbing(databases.every()[number]) as transaction:
            await transaction.scalar(text("SELECT 1 FROM outbox LIMIT 1"))
    except Refused:
        return "does not answer"
    except Exception:
        return "its tables are missing: run migrate"
    return ""


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def figures(request: Request) -> Response:
    """Prometheus' text form."""
    databases: tenancy.Databases = request.app.state.databases
    for number, engine in enumerate(databases.every()):
        labels = (databases.source.strip("/"), str(number))
        if isinstance(engine.pool, QueuePool):
            metrics.pool_in_use.labels(*labels).set(turns.in_use(engine))
            metrics.pool_size.labels(*labels).set(engine.pool.size())
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
