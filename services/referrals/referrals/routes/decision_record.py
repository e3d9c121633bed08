"""What was decided on a referral and what its children said: for the child's own council alone."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from referrals.actions import decision_record as actions
from referrals.domain.decision import VERDICT_WORDS, Verdict
from referrals.routes import decision_page, page
from referrals.routes.callers import vault_keys
from referrals.schemas.decision_record import (
    AllWishes,
    DecisionRecordBody,
    DecisionToVerify,
    DecisionVerified,
    LedgerLine,
    NewWishes,
    WishesBody,
    WishesKept,
)
from shared import plain_routes, printed_page
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import SocialCareStaff

router = plain_routes.router(prefix="/referrals/{referral}", tags=["decision record"])


@router.post("/wishes", status_code=201, response_model=WishesKept)
async def hear(referral: UUID, body: NewWishes, request: Request, officer: SocialCareStaff, _: IdempotencyKey) -> Response:
    """Record what a child of the referral said, in the child's own words; what was recorded before stays."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        version = await actions.hear(attempt.transaction, vault_keys(request), referral, body.child, body.wishes(), subject=officer.subject)
        kept = WishesKept(referral=referral, child=body.child, version=version)
        return attempt.reply(kept, status=201, location=f"/referrals/{referral}/wishes")


@router.get("/wishes")
async def wishes(referral: UUID, request: Request, officer: SocialCareStaff) -> AllWishes:
    """What the children of the referral said; the reading is written to the disclosure record."""
    async with reading(request, officer) as transaction:
        found = await actions.wishes_of(transaction, vault_keys(request), referral, subject=officer.subject)
    return AllWishes(items=[WishesBody.of(one) for one in found])


@router.get(
    "/decision-record",
    response_model=DecisionRecordBody,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "As data, or as a page for printing"}},
)
async def whole(referral: UUID, request: Request, officer: SocialCareStaff) -> Response:
    """What was decided, by the hash your ledger holds, beside the children's own words; the reading is written to the disclosure record.

    With ``Accept: text/html`` a page for printing.
    """
    async with reading(request, officer) as transaction:
        shown = DecisionRecordBody.of(await actions.whole(transaction, vault_keys(request), referral, subject=officer.subject))
    if printed_page.wanted(request.headers.get("accept", "")):
        return HTMLResponse(decision_page.decision_record(shown), headers={"Vary": "Accept"} | page.HEADERS)
    return JSONResponse(shown.model_dump(mode="json"), headers={"Vary": "Accept"})


@router.post("/decision-record/verification")
async def verify(referral: UUID, body: DecisionToVerify, request: Request, officer: SocialCareStaff) -> DecisionVerified:
    """Hold a decision's record, as matching gave it to you, against your disclosure ledger: whether it is what was decided."""
    async with reading(request, officer) as transaction:
        verdict, found, lines = await actions.verify(transaction, referral, body.record)
    named = body.record.get("decision")
    return DecisionVerified(
        whole=verdict is Verdict.AS_WRITTEN,
        verdict=verdict,
        message=VERDICT_WORDS[verdict],
        decision=str(lines[0].decision) if lines else None,
        hash=found.hex(),
        ledger=[LedgerLine.of(line) for line in lines if str(line.decision) == named],
    )
