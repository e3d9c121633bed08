"""What a council takes into the room where it decides: the options side by side, as data or as a page that prints on one sheet of A4."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from matching import schemas
from matching.actions import options_sheet
from matching.routes import page
from shared import plain_routes, printed_page
from shared.reading import reading
from shared.signin import CouncilCaller

router = plain_routes.router(tags=["options"])

_ALIKE = {"Vary": "Accept"}


@router.get(
    "/referrals/{referral}/options-sheet",
    response_model=schemas.OptionsSheet,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "As data, or as a page for printing"}},
)
async def sheet(referral: UUID, request: Request, caller: CouncilCaller, assumptions: Annotated[schemas.Assumptions, Query()]) -> Response:
    """The shortlist, else the best three offers, with your best own carer beside them: what each would truly cost.

    A range and a total for the whole stay, line by line, not one weekly figure. With ``Accept: text/html`` a page that prints on
    one sheet of A4.
    """
    async with reading(request, caller) as transaction:
        seen = await options_sheet.see(transaction, str(caller.organisation), referral, assumptions.assumed())
    shown = schemas.OptionsSheet.of(seen)
    if printed_page.wanted(request.headers.get("accept", "")):
        return HTMLResponse(page.options_sheet(shown), headers=_ALIKE | page.HEADERS)
    return JSONResponse(shown.model_dump(mode="json", by_alias=True), headers=_ALIKE)
