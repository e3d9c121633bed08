"""The savings ledger and its lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from monitoring.actions import asking, ledger
from monitoring.domain.definition import Dimension
from monitoring.domain.ledger.line import LineKind
from monitoring.domain.ledger.pence import pounds
from monitoring.domain.ledger.sums import By
from monitoring.pages import addresses, money, words
from monitoring.pages import ledger as view
from monitoring.pages.filters import filters
from monitoring.pages.frame import SAVINGS, Crumb
from monitoring.routes import places
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion, asked
from monitoring.routes.pages.visitors import ComparingVisitor
from monitoring.routes.question import ONE_LINE, reader_of
from monitoring.routes.reading import reading
from shared import clock
from shared.cursors import cut, decode

router = pages_router()

ADDRESS, LINES = "/pages/savings", "/pages/savings/lines"
_ANOTHER_LISTS = "The address of this list is not one that a page gave. Begin again from the ledger."
PER_PAGE = 50
MOST_TAKEN = 20_000
_TEXTS = {By.QUARTER: "quarter", By.LOT: "lot", By.COUNCIL: "council", By.AGENCY: "agency", By.TIER: "tier"}


@router.get("/savings")
async def savings(request: Request, visitor: ComparingVisitor, question: PageQuestion, by: By = By.QUARTER) -> Response:
    """The saving beside the expectation, why less was spent, by one dimension, and what is kept apart."""
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = await ledger.read(transaction, scope, by, as_kept=True)
        names = await asking.names(transaction)
    demand = scope.agency is None
    of_demand = view.demand(found) if demand else None
    form = filters(ADDRESS, scope, reader_of(visitor), names, today=clock.today(), hidden=(("by", by),))
    why = view.why(found)
    by_table = view.by_table(found, by, scope, names, demand=demand)
    by_chart = view.by_chart(found, by, names)
    avoided, left_out = view.avoided_table(found, names), view.left_out_table(found)
    if (
        file := taken_away(request, [by_table, why.table, *([of_demand.table] if of_demand else []), avoided, left_out], "savings")
    ) is not None:
        return file
    total = found.total
    unknown = [
        name for code, name in names[Dimension.COUNCIL].items() if scope.council in (None, code) and code not in found.baseline_nights_of
    ]
    return page(
        request,
        "ledger.html",
        title="Savings ledger",
        section=SAVINGS,
        filters=form,
        covered=_covered(found, form.said),
        value="No saving to tell" if total.per_cent is None else f"{money.written(pounds(total.bought_saving))} ({total.per_cent}%)",
        headline=view.headline(found),
        real=view.real_terms(found),
        lines=addresses.of(LINES, scope),
        any_lines=bool(found.rows),
        why=why,
        demand=of_demand,
        demand_told=_demand(unknown, demand=demand),
        by_heading=f"By {_TEXTS[by]}",
        choices=[
            {"text": text, "here": each is by, "address": f"{addresses.of(ADDRESS, scope, by=each)}#by"} for each, text in _TEXTS.items()
        ],
        by_chart=by_chart,
        by_table=by_table,
        own_carers=_own_carers(found),
        avoided_table=avoided,
        left_out_table=left_out,
        address=addresses.of(ADDRESS, scope, by=by),
    )


@router.get("/savings/lines")
async def lines(
    request: Request,
    visitor: ComparingVisitor,
    question: PageQuestion,
    kind: Annotated[str, Query(max_length=20)] = "",
    tier: Annotated[str, Query(max_length=20, pattern=ONE_LINE)] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """The lines behind the sums, fifty at a time; a file has up to twenty thousand."""
    chosen = LineKind(kind) if kind in set(LineKind) else None
    limit = MOST_TAKEN if asked(request).format else PER_PAGE
    after = places.after_line(decode(cursor) if cursor else None, _ANOTHER_LISTS)
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = await ledger.behind(transaction, scope, kind=chosen, tier=tier or None, after=after, limit=limit, as_kept=True)
        names = await asking.names(transaction)
    shown, following = cut(found, limit, places.of_line)
    hidden = tuple((name, value) for name, value in (("kind", kind), ("tier", tier)) if value)
    form = filters(LINES, scope, reader_of(visitor), names, today=clock.today(), hidden=hidden)
    table = view.lines_table(shown, names, demand=scope.agency is None)
    if (file := taken_away(request, [table], "savings-lines")) is not None:
        return file
    here = addresses.of(LINES, scope, kind=kind, tier=tier)
    return page(
        request,
        "ledger_lines.html",
        title="Lines",
        section=SAVINGS,
        crumbs=[Crumb("Savings ledger", addresses.of(ADDRESS, scope))],
        filters=form,
        covered=form.said + (f", {tier}" if tier else ""),
        table=table,
        address=here,
        following=addresses.of(LINES, scope, kind=kind, tier=tier, cursor=following) if following else "",
        beginning=here if cursor else "",
    )


def _covered(found: ledger.Ledger, said: str) -> str:
    whole = f"Whole quarters: {words.day(found.covered.first)} to {words.day(found.covered.last)}"
    _, _, chosen = said.partition(", ")
    counted = "" if found.counted_at is None else f". Counted {words.moment(found.counted_at)}"
    return f"{whole}{f', {chosen}' if chosen else ''}{counted}"


def _demand(unknown: list[str], *, demand: bool) -> str:
    if not demand:
        return "They cannot be told for one agency."
    if not unknown:
        return ""
    return f"They cannot be told of {', '.join(unknown)}: the nights of the baseline period have not been uploaded."


def _own_carers(found: ledger.Ledger) -> str:
    total = found.total
    if not total.in_house_placements:
        return "No placement with own carers could be compared."
    sums = (total.in_house_paid, total.in_house_baseline, total.in_house_saving)
    paid, former, avoided = (money.written(pounds(amount)) for amount in sums)
    placements = words.plural(total.in_house_placements, "placement")
    return f"{placements} with own carers cost {paid}, and would have cost {former} at former prices: {avoided} avoided."
