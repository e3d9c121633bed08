"""The ledger's lines as counted: written for a council at once, read as sums and one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, literal_column, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from monitoring import tables
from monitoring.domain.ledger.awarded import Source
from monitoring.domain.ledger.effects import Effects
from monitoring.domain.ledger.line import IN_HOUSE_TIER, Line, LineKind
from monitoring.domain.ledger.sums import By, Sums
from shared.tenancy import Transaction

LINES, STATES = tables.ledger_lines, tables.ledger_states

_COLUMNS = {
    "council": "text", "quarter": "date", "kind": "text", "id": "text", "lot": "text", "provider": "text", "tier": "text",
    "nights": "int", "count": "int", "volume": "bigint", "mix": "bigint", "rate_framework": "bigint", "rate_agreed": "bigint",
    "tier_effect": "bigint", "baseline": "bigint", "paid": "bigint", "baseline_real": "bigint", "paid_real": "bigint",
    "index_missing": "date", "source": "text", "tier_one_known": "boolean", "begun": "date", "why": "text",
}  # fmt: skip
_WRITE = (
    f"INSERT INTO ledger_lines (organisation, {', '.join(_COLUMNS)}) "  # noqa: S608 (names of columns, no value)
    "SELECT current_setting('app.organisation'), * "
    f"FROM unnest({', '.join(f'${n}::{kind}[]' for n, kind in enumerate(_COLUMNS.values(), 1))})"
)


_KEYS: dict[By, ColumnElement[Any]] = {
    By.QUARTER: LINES.c.quarter,
    By.LOT: LINES.c.lot,
    By.COUNCIL: LINES.c.council,
    By.AGENCY: func.coalesce(LINES.c.provider, literal_column("''")),
    By.TIER: LINES.c.tier,
}
_BY_BOTH, _BY_KEY, _BY_COUNCIL, _WHOLE = 0b00, 0b01, 0b10, 0b11
"""What PostgreSQL's GROUPING says of a row: which of key and council it is *not* for. By council, the two are one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of which quarters (their first days, both counted), council, lot and provider; None means all."""

    first: date
    last: date
    council: str | None = None
    lot: str | None = None
    provider: str | None = None


async def states(transaction: Transaction) -> dict[str, str]:
    """By council, what its lines were counted from."""
    return {row.council: row.counted_from for row in await transaction.execute(select(STATES.c.council, STATES.c.counted_from))}


async def counted_at(transaction: Transaction, council: str | None = None) -> datetime | None:
    """Since when the reader's ledger stands as it does, of a council or of all (the earliest of them); None where it was never counted."""
    query = select(func.min(STATES.c.counted_at))
    found: datetime | None = await transaction.scalar(query if council is None else query.where(STATES.c.council == council))
    return found


async def looked_at(transaction: Transaction) -> datetime | None:
    """When any council's part of the reader's ledger was last counted; None where none ever was."""
    found: datetime | None = await transaction.scalar(select(func.max(STATES.c.counted_at)))
    return found


async def take_turn(transaction: Transaction) -> None:
    """One at a time counts an organisation's ledger; who waited finds it counted."""
    await transaction.execute(text("SELECT pg_advisory_xact_lock(640002, hashtext(:whose))"), {"whose": str(transaction.organisation)})


async def write(transaction: Transaction, council: str, lines: Iterable[Line], *, counted_from: str, counted_at: datetime) -> None:
    """Put these lines in place of a council's earlier ones."""
    await transaction.execute(delete(LINES).where(LINES.c.council == council))
    columns = list(zip(*(_values(line) for line in lines), strict=True))
    if columns:
        await transaction.driver.execute(_WRITE, *columns)
    state = {"counted_from": counted_from, "counted_at": counted_at}
    given = insert(STATES).values(organisation=str(transaction.organisation), council=council, **state)
    await transaction.execute(given.on_conflict_do_update(index_elements=["organisation", "council"], set_=state))


async def sums(transaction: Transaction, wanted: Wanted, by: By) -> tuple[Sums, list[tuple[str, Sums]], list[tuple[str, Sums]]]:
    """The sums of the lines in all, for each quarter, lot, council, agency or tier, and for each council; from one look at each line."""
    c = LINES.c
    compared, twice, moved = c.kind == LineKind.PLACEMENT, c.kind == LineKind.DOUBLE_PAID, c.kind == LineKind.MOVE
    bought, in_house = compared & (c.tier != IN_HOUSE_TIER), compared & (c.tier == IN_HOUSE_TIER)
    like_for_like = c.rate_framework + c.rate_agreed + c.tier_effect
    real = compared & c.paid_real.is_not(None) & (c.tier != IN_HOUSE_TIER)
    first_of_its_own = c.quarter == func.greatest(c.begun, wanted.first)
    counted = {
        "bought_placements": bought,
        "in_house_placements": in_house,
        "without_framework_price": bought & (c.source == Source.AGREED),
        "without_tier_one_price": compared & ~c.tier_one_known,
        "before_first_list": bought & (c.source == Source.FIRST_LIST),
    }

    def total(column: ColumnElement[Any], which: ColumnElement[bool] | None = None) -> ColumnElement[Any]:
        added = func.sum(column) if which is None else func.sum(column).filter(which)
        return func.coalesce(added, 0)

    # Each line is looked at once, for its key and council together; all else is made of these few sums.
    of_both = (
        select(
            _KEYS[by].label("key"),
            c.council.label("council"),
            total(c.nights, compared).label("nights"),
            total(c.nights, compared | (c.kind == LineKind.LEFT_OUT)).label("slept"),
            total(c.nights, bought).label("bought_nights"),
            total(c.volume).label("volume"),
            total(c.mix).label("mix"),
            total(c.rate_framework).label("rate_framework"),
            total(c.rate_agreed).label("rate_agreed"),
            total(c.tier_effect).label("tier"),
            total(c.baseline, bought).label("baseline"),
            total(c.paid, bought).label("paid"),
            total(like_for_like, bought).label("bought_saving"),
            total(like_for_like, in_house).label("in_house_saving"),
            total(c.baseline, in_house).label("in_house_baseline"),
            total(c.paid, in_house).label("in_house_paid"),
            total(c.baseline_real, real).label("baseline_real"),
            total(c.paid_real, real).label("paid_real"),
            total(like_for_like, real).label("nominal_of_real"),
            func.count().filter(real).label("real_lines"),
            func.count().filter(bought).label("bought_lines"),
            total(c.nights, twice).label("double_paid_nights"),
            total(c.paid, twice).label("double_paid"),
            total(c["count"], moved).label("moves"),
            *(func.count().filter(which & first_of_its_own).label(name) for name, which in counted.items()),
            *(func.count().filter(which).label(f"{name}_here") for name, which in counted.items()),
        )
        .where(*_which(wanted))
        .group_by(_KEYS[by], c.council)
        .subquery()
    )
    council_key = of_both.c.council
    key = council_key if by is By.COUNCIL else of_both.c.key
    councils_too = [] if by is By.COUNCIL else [tuple_(council_key)]
    added = [func.coalesce(func.sum(each), 0).label(each.name) for each in of_both.c if each.name not in ("key", "council")]
    query: Select[Any] = (
        select(func.grouping(key, council_key).label("level"), key.label("key"), council_key.label("council"), *added)
        .group_by(func.grouping_sets(tuple_(), tuple_(key), *councils_too))
        .order_by(key, council_key)
    )
    no_index = await _without_index(transaction, wanted, by)
    whole, rows, councils = Sums(), [], []
    for row in await transaction.execute(query):
        facts = dict(row._mapping)
        level, name, council = (facts.pop(each) for each in ("level", "key", "council"))
        name = name.isoformat() if isinstance(name, date) else name
        missing = no_index(name if level in (_BY_KEY, _BY_BOTH) else None, council if level in (_BY_COUNCIL, _BY_BOTH) else None)
        for name_of in counted:
            # In a quarter of its own every placement counts; over several only in its first.
            here = facts.pop(f"{name_of}_here")
            facts[name_of] = here if by is By.QUARTER and level == _BY_KEY else facts[name_of]
        effects = Effects(*(int(facts.pop(each)) for each in ("volume", "mix", "rate_framework", "rate_agreed", "tier")))
        found = Sums(effects=effects, index_missing=missing, **{each: int(value) for each, value in facts.items()})
        if level == _WHOLE:
            whole = found
        if level in (_BY_KEY, _BY_BOTH):
            rows.append((name, found))
        if level in (_BY_COUNCIL, _BY_BOTH):
            councils.append((council, found))
    return whole, rows, councils


async def _without_index(transaction: Transaction, wanted: Wanted, by: By) -> Callable[[str | None, str | None], tuple[date, ...]]:
    """The months that have no price index, oldest first: those of a key, of a council, or (None) of all of them."""
    c = LINES.c
    query = select(_KEYS[by].label("key"), c.council, c.index_missing).distinct().where(*_which(wanted), c.index_missing.is_not(None))
    found = [
        (row.key.isoformat() if isinstance(row.key, date) else row.key, row.council, row.index_missing)
        for row in await transaction.execute(query)
    ]

    def of(key: str | None, council: str | None) -> tuple[date, ...]:
        return tuple(sorted({month for its, whose, month in found if key in (None, its) and council in (None, whose)}))

    return of


async def left_out(transaction: Transaction, wanted: Wanted) -> list[tuple[str, int, int]]:
    """Placements that could not be compared: the reason, how many, and what they cost in pence."""
    c = LINES.c
    counted = func.count().filter(c.quarter == func.greatest(c.begun, wanted.first)).label("placements")
    query = select(c.why, counted, func.sum(c.paid).label("paid")).where(*_which(wanted), c.kind == LineKind.LEFT_OUT)
    return [(row.why, row.placements, int(row.paid)) for row in await transaction.execute(query.group_by(c.why).order_by(c.why))]


async def lines(
    transaction: Transaction, wanted: Wanted, *, kind: LineKind | None, tier: str | None = None,
    after: tuple[str, str, str, str] | None, limit: int,
) -> list[Line]:  # fmt: skip
    """The lines one by one, newest quarter last; after a given one (quarter, council, kind, id)."""
    c = LINES.c
    order = (c.quarter, c.council, c.kind, c.id)
    query = select(LINES).where(*_which(wanted)).order_by(*order).limit(limit)
    if kind is not None:
        query = query.where(c.kind == kind)
    if tier is not None:
        query = query.where(c.tier == tier)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(date.fromisoformat(after[0]), *after[1:]))
    return [_line(row) for row in await transaction.execute(query)]


def _which(wanted: Wanted) -> list[ColumnElement[bool]]:
    c = LINES.c
    asked = [c.quarter >= wanted.first, c.quarter <= wanted.last]
    given = ((c.council, wanted.council), (c.lot, wanted.lot), (c.provider, wanted.provider))
    return asked + [column == value for column, value in given if value is not None]


def _values(line: Line) -> tuple[Any, ...]:
    effects = line.effects
    return (
        line.council, line.quarter, str(line.kind), line.id, line.lot, line.provider, line.tier, line.nights, line.count,
        effects.volume, effects.mix, effects.rate_framework, effects.rate_agreed, effects.tier, line.baseline, line.paid,
        line.baseline_real, line.paid_real, line.index_missing, None if line.source is None else str(line.source),
        line.tier_one_known, line.begun, line.why,
    )  # fmt: skip


def _line(row: Any) -> Line:
    return Line(
        council=row.council,
        quarter=row.quarter,
        kind=LineKind(row.kind),
        id=row.id,
        lot=row.lot,
        provider=row.provider,
        tier=row.tier,
        nights=row.nights,
        count=row._mapping["count"],
        effects=Effects(row.volume, row.mix, row.rate_framework, row.rate_agreed, row.tier_effect),
        baseline=row.baseline,
        paid=row.paid,
        baseline_real=row.baseline_real,
        paid_real=row.paid_real,
        index_missing=row.index_missing,
        source=None if row.source is None else Source(row.source),
        tier_one_known=row.tier_one_known,
        begun=row.begun,
        why=row.why,
    )
