"""Gaps: where carers must be recruited, with the referrals behind."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request

from monitoring.actions import gaps
from monitoring.domain.gaps.analysis import GapBy, Looked, keys
from monitoring.domain.gaps.need import Gap
from monitoring.routes.question import Question
from monitoring.routes.reading import reading
from monitoring.routes.savings import Comparing
from monitoring.schemas.gaps import GapsReply, NeedBehind
from shared import plain_routes
from shared.cursors import Page, PageRequest, another_lists, page

router = plain_routes.router(tags=["gaps"])


@router.get("/gaps")
async def read_gaps(
    request: Request, buyer: Comparing, question: Question, by: Annotated[GapBy, Query(description="what to divide by")] = GapBy.NEED
) -> GapsReply:
    """Needs without an offer, with a late first one or only far ones, each need counted once, against the beds free at that time."""
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        return GapsReply.of(scope, by, await gaps.read(transaction, scope, by))


@router.get("/gaps/needs")
async def read_needs(
    request: Request,
    buyer: Comparing,
    question: Question,
    wanted: PageRequest,
    by: Annotated[GapBy | None, Query(description="with key: only needs of one row")] = None,
    key: Annotated[str | None, Query(max_length=60, description="the row's key")] = None,
    gap: Annotated[Gap | None, Query(description="only needs with this gap")] = None,
    recruit: Annotated[bool, Query(description="only needs without one suitable free bed near home")] = False,
) -> Page[NeedBehind]:
    """The needs behind a figure, by the moment of their first broadcast: ids of referrals, and what every provider could see of them."""
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        found = await gaps.looked(transaction, scope)
    after = _after(wanted.after)
    chosen = [
        each
        for each in found
        if (by is None or key is None or key in keys(each, by))
        and (gap is None or gap in each.need.gaps)
        and (each.recruit or not recruit)
        and (after is None or _key(each) > after)
    ][: wanted.limit + 1]
    items = [NeedBehind.of(each) for each in chosen[: wanted.limit]]
    return Page[NeedBehind].model_validate(page(chosen, wanted.limit, _key) | {"items": items})


def _key(looked: Looked) -> tuple[str, str]:
    return looked.need.first.broadcast_at.isoformat(), str(looked.need.first.id)


def _after(key: tuple[str, ...] | None) -> tuple[str, str] | None:
    if key is None:
        return None
    try:
        moment, id = key
        datetime.fromisoformat(moment)
    except ValueError as error:
        raise another_lists() from error
    return moment, id
