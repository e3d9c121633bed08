"""The smallest service the kit can carry: notes that belong to whoever wrote them."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import text
from starlette.responses import Response

from shared import cursors, ids, kit_tables, outbox, plain_routes
from shared.contracts import providers
from shared.contracts.words import Urgency
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.refusals import not_found
from shared.service import Service, main
from shared.signin import AnyCaller, CouncilAdministrator, ProjectManager
from shared.versions import IfMatch

OWN = "organisation = (select current_setting('app.organisation', true))"
STATEMENTS = [
    *kit_tables.statements_v1(service="notes"),
    "CREATE TABLE notes (organisation text NOT NULL, id uuid NOT NULL, words text NOT NULL, version int NOT NULL DEFAULT 1, "
    "PRIMARY KEY (organisation, id))",
    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE notes FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY own ON notes FOR ALL USING ({OWN}) WITH CHECK ({OWN})",
    "GRANT SELECT, INSERT, UPDATE ON notes TO notes_app",
]
router = plain_routes.router()


class NewNote(BaseModel):
    """What a note is made of."""

    model_config = ConfigDict(extra="forbid")
    words: Annotated[str, Field(min_length=1, max_length=200)]
    urgency: Urgency = Urgency.PLANNED
    pounds: Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)] = Decimal(0)
    due: AwareDatetime | None = None
    marks: dict[str, int] = {}


class Note(BaseModel):
    """A note."""

    id: UUID
    words: str
    version: int


@router.post("/notes", status_code=201, response_model=Note)
async def write(body: NewNote, request: Request, caller: AnyCaller, _: IdempotencyKey) -> Response:
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        note = Note(id=ids.new_id(), words=body.words, version=1)
        await attempt.transaction.execute(
            text("INSERT INTO notes (organisation, id, words) VALUES (:organisation, :id, :words)"),
            {"organisation": str(caller.organisation), "id": note.id, "words": note.words},
        )
        closed = providers.VacancyClosed(vacancy=note.id, provider="agency:SC900001", reason="note")
        outbox.record(attempt.transaction, closed, subject=str(note.id), version=1, council=None)
        return attempt.reply(note, status=201, location=f"/notes/{note.id}", etag=1)


@router.get("/notes")
async def read_all(request: Request, caller: AnyCaller, page: PageRequest) -> Page[Note]:
    async with reading(request, caller) as transaction:
        rows = await transaction.execute(
            text("SELECT id, words, version FROM notes WHERE id::text > :after ORDER BY id LIMIT :limit"),
            {"after": page.after[0] if page.after else "", "limit": page.limit + 1},
        )
        notes = [Note.model_validate(row._mapping) for row in rows]
    kept, following = cursors.cut(notes, page.limit, lambda note: (str(note.id),))
    return Page(items=list(kept), next_cursor=following)


@router.put("/notes/{note}", response_model=Note)
async def change(note: UUID, body: NewNote, request: Request, caller: AnyCaller, if_match: IfMatch) -> Response:
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        row = (await attempt.transaction.execute(text("SELECT version FROM notes WHERE id = :id FOR UPDATE"), {"id": note})).first()
        if row is None:
            raise not_found("note")
        if_match.require(row.version)
        await attempt.transaction.execute(
            text("UPDATE notes SET words = :words, version = version + 1 WHERE id = :id"), {"words": body.words, "id": note}
        )
        return attempt.reply(Note(id=note, words=body.words, version=row.version + 1), etag=row.version + 1)


@router.get("/for-administrators")
async def for_administrators(_: CouncilAdministrator) -> dict[str, str]:
    return {"said": "hello"}


@router.get("/for-the-project-manager")
async def for_the_project_manager(_: ProjectManager) -> dict[str, str]:
    return {"said": "hello"}


@router.get("/fault")
async def fault(_: AnyCaller) -> dict[str, str]:
    raise RuntimeError("Jane Smith lives at 1 Acacia Avenue")


@router.get("/slow")
async def slow(_: AnyCaller) -> dict[str, str]:
    await asyncio.sleep(1.5)
    return {"said": "finished"}


@router.get("/long")
async def long(_: AnyCaller) -> Response:
    return Response(b"x" * 20_000_000, media_type="text/plain")


@router.post("/imports")
async def imports(request: Request, _: AnyCaller) -> dict[str, int]:
    return {"bytes": len(await request.body())}


SERVICE = Service(
    name="notes",
    title="Notes",
    description="Notes, for testing the kit.",
    package="notes",
    fetch_routers=lambda: (router,),
    fetch_hears=dict,
    fetch_larger_bodies=lambda: {"/imports": 5_000_000},
)

if __name__ == "__main__":
    main(SERVICE)
