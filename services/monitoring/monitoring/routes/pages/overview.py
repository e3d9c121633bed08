"""The first page: every figure the reader may see, in one place."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from monitoring.actions import figures
from monitoring.domain.catalogue import seen_by
from monitoring.pages.frame import OVERVIEW
from monitoring.routes.pages.page import page, pages_router
from monitoring.routes.pages.question import PageQuestion
from monitoring.routes.pages.visitors import AnyVisitor
from monitoring.routes.question import reader_of
from shared.reading import reading

router = pages_router()


@router.get("")
async def overview(request: Request, visitor: AnyVisitor, question: PageQuestion) -> Response:
    """What stands at which value, over the last twelve months unless asked otherwise."""
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = await figures.answers(transaction, seen_by(reader_of(visitor)), scope)
    return page(request, "overview.html", title="Overview", section=OVERVIEW, scope=scope, answers=found)
