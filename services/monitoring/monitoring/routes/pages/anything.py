"""What no page is at: said as a page."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from monitoring.routes.pages.page import open_router
from shared.refusals import RefusalKind, Refused

router = open_router()


@router.get("/{rest:path}")
async def nothing(request: Request, rest: str) -> Response:
    """Not found, in words."""
    raise Refused(RefusalKind.NOT_FOUND, "There is no page at this address. It may be misspelt, or have moved.")
