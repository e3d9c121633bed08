"""KPIs: each organisation's own, the consortium's over all."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request

from monitoring.actions import asking, figures, looking
from monitoring.domain.catalogue import seen_by
from monitoring.routes.question import Question, may_see_small, reader_of, scope_of
from monitoring.routes.reading import reading
from monitoring.schemas.figures import Asked, Kpi, Kpis, OneKpi, SummaryReply
from shared import plain_routes
from shared.signin import AnyCaller, ProjectManager

router = plain_routes.router(tags=["figures"])


@router.get("/kpis")
async def read_kpis(request: Request, caller: AnyCaller, question: Question) -> Kpis:
    """Every figure the caller may see, counted from the caller's own records; the consortium's from all."""
    async with reading(request, caller) as transaction:
        scope = await scope_of(transaction, caller, question)
        found = await looking.stands(transaction, seen_by(reader_of(caller)), scope, may_see_small=may_see_small(caller))
    return Kpis(asked=Asked.of(scope), kpis=[Kpi.answering(answer) for answer in found])


@router.get("/kpis/{name}")
async def read_kpi(request: Request, caller: AnyCaller, name: Annotated[str, Path(max_length=60)], question: Question) -> OneKpi:
    """One figure: its definition, its value, how many records it was counted over, and what was left out."""
    wanted = asking.definition(name, reader_of(caller))
    async with reading(request, caller) as transaction:
        scope = await scope_of(transaction, caller, question)
        (answer,) = await looking.stands(transaction, [wanted], scope, may_see_small=may_see_small(caller))
    return OneKpi(asked=Asked.of(scope), kpi=Kpi.answering(answer))


@router.get("/summary")
async def read_summary(request: Request, manager: ProjectManager, question: Question) -> SummaryReply:
    """The project manager's page: every figure, the councils side by side, the use of each tier, the expected saving."""
    async with reading(request, manager) as transaction:
        scope = await question.scope(transaction)
        return SummaryReply.of(scope, await figures.summary(transaction, scope))
