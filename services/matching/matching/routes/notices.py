"""What an agency or a council asks of its feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from matching import schemas
from matching.actions import notices
from matching.routes.callers import AgencyOrCouncil
from shared import cursors, plain_routes
from shared.reading import reading

router = plain_routes.router(tags=["notices"])


@router.get("/notices")
async def feed(
    request: Request,
    caller: AgencyOrCouncil,
    after: Annotated[
        str | None, Query(max_length=200, description="cursor of the reply before; leave out to begin at the oldest kept")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="notices in a reply")] = 100,
) -> schemas.NoticeFeed:
    """What happened that concerns you, oldest first; nothing is ever skipped. Ask again with the cursor of the reply before."""
    seen = cursors.decode(after) if after else None
    async with reading(request, caller) as transaction:
        found, number, more = await notices.feed(transaction, str(caller.organisation), seen, limit)
    return schemas.NoticeFeed(items=[schemas.Notice.of(one) for one in found], cursor=cursors.encode([str(number)]), more=more)
