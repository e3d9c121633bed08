"""Charts of a KPI's months, decisions about their limits, funnels and league tables."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Request
from starlette.responses import Response

from monitoring.actions import asking
from monitoring.actions import charts as actions
from monitoring.domain.control_chart import FEWEST, MOST
from monitoring.domain.definition import Dimension
from monitoring.domain.special_cause import Rules
from monitoring.routes.alerts import Seeing
from monitoring.routes.question import Question, reader_of
from monitoring.routes.reading import reading
from monitoring.routes.savings import Comparing
from monitoring.schemas.charts import ChartReply, LimitsDecided, LimitsHistory, NewLimits
from monitoring.schemas.comparisons import FunnelReply, LeagueReply
from shared import plain_routes
from shared.contracts.words import AgencyUrn, LotCode, OnsCode
from shared.idempotency import IdempotencyKey, once
from shared.signin import ProjectManager

router = plain_routes.router(tags=["trends"])

KpiName = Annotated[str, Path(max_length=60)]


@router.get("/kpis/{name}/chart")
async def read_chart(
    request: Request,
    caller: Seeing,
    name: KpiName,
    council: Annotated[OnsCode | None, Query(description="ONS code; a council asks only about itself")] = None,
    agency: Annotated[AgencyUrn | None, Query(description="Ofsted URN; an agency asks only about itself")] = None,
    lot: Annotated[LotCode | None, Query(description="code of a lot")] = None,
    run: Annotated[Literal[7, 8], Query(description="points of a run")] = 7,
    trend: Annotated[Literal[6, 7], Query(description="points of a trend")] = 7,
    span: Annotated[int, Query(ge=FEWEST, le=MOST, description="months with records that limits come from")] = FEWEST,
) -> ChartReply:
    """An XmR chart of up to four years, its limits, and every signal with how unlikely it is."""
    definition = asking.definition(name, reader_of(caller))
    async with reading(request, caller) as transaction:
        found = await actions.chart(
            transaction, definition, council=council, agency=agency, lot=lot, rules=Rules(run=run, trend=trend), span=span
        )
    return ChartReply.of(found)


@router.get("/kpis/{name}/limits")
async def read_limits(
    request: Request,
    caller: Seeing,
    name: KpiName,
    council: Annotated[OnsCode | None, Query()] = None,
    agency: Annotated[AgencyUrn | None, Query()] = None,
) -> LimitsHistory:
    """Every decision about one chart's limits: who, when, why, from which month."""
    definition = asking.definition(name, reader_of(caller))
    async with reading(request, caller) as transaction:
        found = await actions.decisions(transaction, definition, council=council, agency=agency)
    return LimitsHistory(items=[LimitsDecided.of(each) for each in found])


@router.post("/kpis/{name}/limits", status_code=201, response_model=LimitsDecided)
async def decide_limits(request: Request, manager: ProjectManager, name: KpiName, body: NewLimits, _: IdempotencyKey) -> Response:
    """Record that a chart's limits are recalculated from a month on. Nothing else ever moves them."""
    definition = asking.definition(name, reader_of(manager))
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        made = await actions.decide_limits(
            attempt.transaction,
            definition,
            council=body.council,
            agency=body.agency,
            from_month=body.from_month,
            recalculated=body.recalculated,
            reason=body.reason,
            words=body.words,
            by=manager.subject,
        )
        return attempt.reply(LimitsDecided.of(made), status=201, location=f"/kpis/{name}/limits")


@router.get("/kpis/{name}/funnel")
async def read_funnel(
    request: Request,
    buyer: Comparing,
    name: KpiName,
    question: Question,
    by: Annotated[Dimension, Query(description="who is compared")] = Dimension.AGENCY,
) -> FunnelReply:
    """Agencies of different size compared fairly: exact 95 and 99.8 per cent limits around the share they have together."""
    definition = asking.definition(name, reader_of(buyer))
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        return FunnelReply.of(await actions.compared(transaction, definition, scope, by))


@router.get("/league/{code}")
async def read_league(request: Request, buyer: Comparing, code: LotCode, question: Question) -> LeagueReply:
    """A lot's league table: tier, score with its derivation, and from whom each agency cannot be told apart."""
    async with reading(request, buyer) as transaction:
        scope = await question.of_lot(code).scope(transaction)
        return LeagueReply.of(await actions.league_of(transaction, scope))
