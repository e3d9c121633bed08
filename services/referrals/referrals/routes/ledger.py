"""The disclosure ledger: its own proof, and what it says of one child drawn together."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from referrals.actions import knowledge
from referrals.actions import ledger as actions
from referrals.schemas.knowledge import WhoKnows
from referrals.schemas.ledger import VerificationBody, kept
from shared import plain_routes
from shared.reading import reading
from shared.signin import CouncilAdministrator, SocialCareStaff

router = plain_routes.router(tags=["disclosure"])

KeptLine = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="the number of a line whose hash you kept elsewhere")]
KeptHash = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="that line's hash, 64 hexadecimal digits")]


@router.get("/ledger/verification")
async def verify(
    request: Request, administrator: CouncilAdministrator, kept_line: KeptLine = None, kept_hash: KeptHash = None
) -> VerificationBody:
    """Follow your council's disclosure ledger from its first line to its last; the first broken link is named."""
    before = kept(kept_line, kept_hash)
    async with reading(request, administrator) as transaction:
        return VerificationBody.of(await actions.verify(transaction, before))


@router.get("/children/{child}/disclosures/summary")
async def who_knows(child: UUID, request: Request, officer: SocialCareStaff) -> WhoKnows:
    """Who knows what of this child since when, until when and by which right; the lines themselves are at /children/{id}/disclosures."""
    async with reading(request, officer) as transaction:
        return WhoKnows.of(child, await knowledge.who_knows(transaction, child))
