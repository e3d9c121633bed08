"""The savings ledger: why less was spent, by quarter, lot, council, agency or tier, each opening to its lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from monitoring.actions import ledger
from monitoring.domain.ledger.line import LineKind
from monitoring.domain.ledger.sums import By
from monitoring.routes import places
from monitoring.routes.question import ONE_LINE, Question
from monitoring.routes.reading import reading
from monitoring.routes.savings import Comparing
from monitoring.schemas.ledger import LedgerLine, LedgerReply
from shared import plain_routes
from shared.cursors import Page, PageRequest, page

router = plain_routes.router(tags=["savings ledger"])


@router.get("/savings/ledger")
async def read_ledger(
    request: Request, buyer: Comparing, question: Question, by: Annotated[By, Query(description="what to divide it by")] = By.QUARTER
) -> LedgerReply:
    """What was spent less than in the baseline period, split into volume, mix, rate and tier to the penny; cashable apart from avoided."""
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        return LedgerReply.of(scope, by, await ledger.read(transaction, scope, by))


@router.get("/savings/ledger/lines")
async def read_lines(
    request: Request,
    buyer: Comparing,
    question: Question,
    wanted: PageRequest,
    kind: Annotated[LineKind | None, Query(description="only lines of this kind")] = None,
    tier: Annotated[str | None, Query(max_length=20, pattern=ONE_LINE, description="only this tier, as a line names it")] = None,
) -> Page[LedgerLine]:
    """The lines behind the ledger's sums: each placement in each quarter, by quarter, council, kind and id."""
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        after = places.after_line(wanted.after)
        rows = await ledger.behind(transaction, scope, kind=kind, tier=tier, after=after, limit=wanted.limit)
    shown = page(rows, wanted.limit, places.of_line)
    items = [LedgerLine.of(row, demand=scope.agency is None) for row in rows[: wanted.limit]]
    return Page[LedgerLine].model_validate(shown | {"items": items})
