"""A write asked for twice is done once: the reply is kept with the caller's ``Idempotency-Key`` in the same transaction.

Same key and same request: the kept reply again. Same key and another request: refused. Two at once: the second waits for the
first at the key's row and gives its reply; a second that has waited as long as a statement may (15 seconds) is told that the first still
runs. A write that was refused keeps nothing, so it may be mended and sent again under the same key. Replies are kept for 30 days.

A kept reply lies in the database as it was sent. So a write's reply never carries who a child is: it gives the id, and the
identity is read by its own address, where the reading is recorded.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
from fastapi import Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from shared import fail_points, tenancy
from shared.refusals import Reason, RefusalKind, Refused, invalid
from shared.signin import Caller
from shared.versions import etag as etag_of

_CLAIM = """
INSERT INTO idempotency_key (organisation, key, request_hash, status, headers, body)
VALUES ($1, $2, $3, 0, '{}', '') ON CONFLICT (organisation, key) DO NOTHING RETURNING key
"""
_KEPT = "SELECT request_hash, status, headers::text, body FROM idempotency_key WHERE organisation = $1 AND key = $2"
_PRUNE = """
DELETE FROM idempotency_key WHERE (organisation, key) IN (
    SELECT organisation, key FROM idempotency_key WHERE organisation = $1 AND created_at < now() - interval '30 days' LIMIT 500)
"""
_ONE_IN = 50
_STILL_RUNNING = "The first request with this Idempotency-Key is not finished yet. Ask again under the same key in a few seconds."
_RETRY_AFTER = 5
_KEEP = "UPDATE idempotency_key SET status = $3, headers = $4, body = $5 WHERE organisation = $1 AND key = $2"


@dataclass
class Attempt:
    """One try at a write: its transaction, and the reply of an earlier try if there was one."""

    transaction: tenancy.Transaction
    kept: Response | None = None
    answered: Response | None = None

    def reply(
        self,
        body: BaseModel | None,
        *,
        status: int = 200,
        location: str | None = None,
        etag: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The reply to send, kept under the caller's key when the transaction commits."""
        sent = dict(headers or {})
        if location is not None:
            sent["Location"] = location
        if etag is not None:
            sent["ETag"] = etag_of(etag)
        content = b"" if body is None else body.model_dump_json().encode()
        media_type = None if body is None else "application/json"
        self.answered = Response(
            content, status_code=204 if body is None and status == 200 else status, headers=sent, media_type=media_type
        )
        return self.answered


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of your own, new for each write; the same again replays the first reply.",
        max_length=200,
        min_length=1,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        default_factory=lambda: None,
    ),
]
"""Declares the header, which every write route takes; :func:`once` reads it itself. Not a dependency: the framework's own work for each
costs more than looking at a header.
"""


async def _request_hash(request: Request) -> bytes:
    parts = (request.method.encode(), request.url.path.encode(), request.url.query.encode(), await request.body())
    return hashlib.sha256(b"\x00".join(hashlib.sha256(part).digest() for part in parts)).digest()


async def _earlier_reply(transaction: tenancy.Transaction, organisation: str, key: str, request_hash: bytes) -> Response | None:
    """Claim the key; where it was claimed before, the reply kept with it. A key whose first request still runs is waited for."""
    try:
        claimed = await transaction.driver.fetchval(_CLAIM, organisation, key, request_hash)
    except asyncpg.QueryCanceledError as error:  # a line of one table by its key: it takes so long only where another holds it
        running = Reason("Idempotency-Key", "still_running", _STILL_RUNNING)
        raise Refused(RefusalKind.CONFLICT, _STILL_RUNNING, (running,), retry_after=_RETRY_AFTER) from error
    if claimed:
        if secrets.randbelow(_ONE_IN) == 0:  # replies are the organisation's own, so nobody else can clear them away
            await transaction.driver.execute(_PRUNE, organisation)
        return None
    row = await transaction.driver.fetchrow(_KEPT, organisation, key)
    if row["request_hash"] != request_hash:
        message = "This Idempotency-Key was used before for another request. Use a new key for a new request."
        raise invalid(Reason("Idempotency-Key", "one_key_one_request", message))
    return Response(row["body"], status_code=row["status"], headers={**json.loads(row["headers"]), "Idempotent-Replay": "true"})


@asynccontextmanager
async def once(request: Request, caller: Caller, *, council: str | None = None) -> AsyncIterator[Attempt]:
    """Open the caller's transaction for a write that must not be done twice.

    ``council`` names whose database an agency means, where councils may have their own.
    """
    databases: tenancy.Databases = request.app.state.databases
    key = request.headers.get("idempotency-key")
    organisation = str(caller.organisation)
    async with tenancy.transaction(databases, caller.organisation, council=council) as transaction:
        attempt = Attempt(transaction)
        if key is not None:
            attempt.kept = await _earlier_reply(transaction, organisation, key, await _request_hash(request))
        yield attempt
        if key is not None and attempt.kept is None and attempt.answered is not None:
            await _keep(transaction, organisation, key, attempt.answered)
        fail_points.passing("write.before_commit")
    fail_points.passing("write.after_commit")


async def _keep(transaction: tenancy.Transaction, organisation: str, key: str, reply: Response) -> None:
    headers: dict[str, Any] = {name: value for name, value in reply.headers.items() if name in ("location", "etag", "content-type")}
    await transaction.driver.execute(_KEEP, organisation, key, reply.status_code, json.dumps(headers), bytes(reply.body))
