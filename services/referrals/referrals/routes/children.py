"""Children's records. Nothing that identifies a child is ever part of an address: searching is a POST."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import children as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.children import (
    ChildChanges,
    ChildIdentity,
    ChildKept,
    DisclosureLine,
    FoundChild,
    FoundChildren,
    NewChild,
    SearchFor,
)
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import SocialCareStaff
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/children", tags=["children"])


@router.post("", status_code=201, response_model=ChildKept)
async def create(body: NewChild, request: Request, officer: SocialCareStaff, key: IdempotencyKey) -> Response:
    """Record a child. Search first: a record that is likely the same child is refused, with the ids of those you have."""
    confirmation = body.confirmation()
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        child = await actions.create(
            attempt.transaction, vault_keys(request), body.identity(), confirmation=confirmation, subject=officer.subject
        )
        return attempt.reply(ChildKept.of(child), status=201, location=f"/children/{child.id}", etag=child.version)


# A search is asked by POST so that no name is part of an address or a log line, but it is a reading: the reply holds names,
# so it is not kept under an Idempotency-Key.
@router.post("/search")
async def search(body: SearchFor, request: Request, officer: SocialCareStaff) -> FoundChildren:
    """Find a child among your council's records, at most 20; each one shown is written to the disclosure record."""
    async with reading(request, officer) as transaction:
        found = await actions.search(transaction, vault_keys(request), body.terms(), subject=officer.subject)
    return FoundChildren(items=[FoundChild.of(child) for child in found])


@router.get("/{child}")
async def read(child: UUID, request: Request, response: Response, officer: SocialCareStaff) -> ChildIdentity:
    """Who the child is; the reading is written to the disclosure record."""
    async with reading(request, officer) as transaction:
        record = await actions.read(transaction, vault_keys(request), child, subject=officer.subject)
    response.headers["ETag"] = etag(record.version)
    return ChildIdentity.of(record)


@router.patch("/{child}", response_model=ChildKept)
async def change(
    child: UUID,
    body: ChildChanges,
    request: Request,
    officer: SocialCareStaff,
    if_match: IfMatch,
    key: IdempotencyKey,
) -> Response:
    """Correct a child's record."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        record = await actions.change(attempt.transaction, vault_keys(request), child, body.changes(), if_match.require)
        return attempt.reply(ChildKept.of(record), etag=record.version)


@router.get("/{child}/disclosures")
async def disclosures(child: UUID, request: Request, officer: SocialCareStaff, wanted: PageRequest) -> Page[DisclosureLine]:
    """Who knows about this child: who was given the right to see or saw which fields, when, by which right; oldest first."""
    async with reading(request, officer) as transaction:
        found = [DisclosureLine.of(line) for line in await actions.who_knows(transaction, child, wanted)]
    return Page[DisclosureLine].model_validate(cursors.page(found, wanted.limit, lambda line: (line.at.isoformat(), str(line.id))))
