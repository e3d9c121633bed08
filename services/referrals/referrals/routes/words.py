"""What is said of the children in words: written, checked, cleared, and read by those the referral was sent to."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from referrals.actions import referrals as sending
from referrals.actions import words as actions
from referrals.routes.callers import OFFICERS, WordsReader, vault_keys
from referrals.schemas.words import Cleared, Findings, NewClearing, NewWords, WordsKept, WordsTold
from shared import plain_routes, tenancy
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind
from shared.reading import reading
from shared.refusals import RefusalKind, Refused, not_found
from shared.signin import Caller, PlacementsOfficer
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/referrals", tags=["referrals"])


@router.put("/{referral}/words", response_model=WordsKept)
async def write(
    referral: UUID, body: NewWords, request: Request, officer: PlacementsOfficer, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Say in words what no list can: name nobody. The words are checked against everything your council knows of the children; while
    anything is found in them the referral is not sent, and one already sent goes on showing the words as they were."""
    words = body.words()
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        written, found = await sending.write(
            attempt.transaction, vault_keys(request), referral, words, if_match.require, subject=officer.subject
        )
        return attempt.reply(WordsKept.of(written, found), etag=written.version)


@router.get("/{referral}/words")
async def read(referral: UUID, request: Request, response: Response, caller: WordsReader) -> WordsTold:
    """What is said in words: for your council's officers as it stands; for its own fostering service and for every agency the referral was
    broadcast to as it was sent. Each reading by an agency is written to the council's disclosure ledger."""
    if caller.organisation.kind is Kind.AGENCY:
        return WordsTold.of(await _for_agency(referral, request, caller))
    async with reading(request, caller) as transaction:
        ask = actions.for_officers if caller.roles & OFFICERS else actions.for_own_service
        told = await ask(transaction, vault_keys(request), referral)
    response.headers["ETag"] = etag(told.version)
    return WordsTold.of(told)


async def _for_agency(referral: UUID, request: Request, caller: Caller) -> actions.Told:
    databases: tenancy.Databases = request.app.state.databases
    for engine in databases.every():  # a council may have a database of its own
        try:
            async with tenancy.transaction_on(databases, engine, caller.organisation) as transaction:
                return await actions.for_agency(transaction, vault_keys(request), referral, subject=caller.subject)
        except Refused as refused:
            if refused.kind is not RefusalKind.NOT_FOUND:
                raise
    raise not_found("referral")


@router.get("/{referral}/findings")
async def findings(referral: UUID, request: Request, officer: PlacementsOfficer) -> Findings:
    """Every place in the words that may say who a child is, checked now against the records as they are now; with what was cleared."""
    async with reading(request, officer) as transaction:
        return Findings.of(await actions.findings(transaction, vault_keys(request), referral))


@router.post("/{referral}/findings/clearings", response_model=Cleared)
async def clear(referral: UUID, body: NewClearing, request: Request, officer: PlacementsOfficer, key: IdempotencyKey) -> Response:
    """Let findings stand, with a coded reason; it stays on record. Changing the text makes it void."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.clear(attempt.transaction, vault_keys(request), referral, body.findings, body.reason, subject=officer.subject)
        return attempt.reply(Cleared(referral=referral, held_by=sum(one.holds for one in found)))
