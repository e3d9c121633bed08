"""The savings ledger's page: one figure beside the expectation, why less was spent, the rows, what stays apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from monitoring.actions.ledger import Ledger
from monitoring.domain.definition import Dimension
from monitoring.domain.ledger.line import IN_HOUSE_TIER, Line, LineKind
from monitoring.domain.ledger.pence import pounds
from monitoring.domain.ledger.sums import By, Sums
from monitoring.domain.ledger.uploaded import Avoidable
from monitoring.domain.period import Period, quarters
from monitoring.domain.scope import Scope
from monitoring.pages import addresses, money, words
from monitoring.pages.charts import Bar, Fall, bars, waterfall
from monitoring.pages.figure import Drawn
from monitoring.pages.table import Cell, Link, Table, Written

LINES = "/pages/savings/lines"
_BY = {By.QUARTER: "Quarter", By.LOT: "Lot", By.COUNCIL: "Council", By.AGENCY: "Agency", By.TIER: "Tier"}
_EVENTS = {Avoidable.MOVE: "Moves", Avoidable.DOUBLE_PAID_NIGHT: "Double-paid nights"}
_KINDS = {
    LineKind.PLACEMENT: "Placement",
    LineKind.BASELINE: "Baseline period",
    LineKind.LEFT_OUT: "Left out",
    LineKind.DOUBLE_PAID: "Paid twice",
    LineKind.MOVE: "Move",
}

Names = Mapping[Dimension, Mapping[str, str]]


def headline(found: Ledger) -> str:
    """The cashable saving in words, beside the expectation."""
    total = found.total
    if total.per_cent is None:
        return "No placement could be compared with a price from before the framework, so no saving can be told."
    said = (
        f"{money.written(pounds(total.bought_saving))} less was paid for the same nights than at the councils' own former prices: "
        f"{total.per_cent} per cent of {money.written(pounds(total.baseline))}, over {words.plural(total.bought_placements, 'placement')}."
    )
    if found.expected is None:
        return said
    expected = found.expected.value.normalize()
    against = "as expected" if total.per_cent == expected else "more than" if total.per_cent > expected else "less than"
    return f"{said} That is {against}{'' if against == 'as expected' else ' the expected'} {expected:f} per cent."


def real_terms(found: Ledger) -> str:
    """What inflation makes of it, or why that cannot be told."""
    total = found.total
    if found.index is None:
        return "No price index has been uploaded, so this is not adjusted for inflation."
    missing = ", ".join(words.month(month) for month in total.index_missing[:6])
    lacking = (
        f" The index has no value for {missing}: {words.plural(total.bought_lines - total.real_lines, 'line')} without." if missing else ""
    )
    if total.real_saving is None:
        return f"In real terms nothing can be told.{lacking}"
    real, nominal = money.written(pounds(total.real_saving)), money.written(pounds(total.nominal_of_real))
    return (
        f"In real terms ({found.index.source}) the saving is {real}, {total.real_per_cent} per cent; "
        f"of the same lines it is {nominal} in the money of each time.{lacking}"
    )


def why(found: Ledger) -> Drawn:
    """The waterfall from what the same nights cost at former prices to what was paid: rate and tier."""
    total, effects = found.total, found.total.effects
    paid = total.paid + total.in_house_paid
    steps = [
        ("Rate: the framework's price", effects.rate_framework),
        ("Rate: agreed beside it", effects.rate_agreed),
        ("Tier, own carers among it", effects.tier),
    ]
    title = "The same nights, at former prices and as paid"
    return _falling("why", title, ("At former prices", paid + effects.like_for_like), steps, "Paid")


def demand(found: Ledger) -> Drawn | None:
    """The waterfall from what the baseline period cost to its price for the nights of now: volume and mix. None where neither is known."""
    if not found.baseline_nights_of:
        return None
    total, effects = found.total, found.total.effects
    now = total.paid + total.in_house_paid + effects.like_for_like
    steps = [("Volume: other nights", effects.volume), ("Mix: other lots and ages", effects.mix)]
    return _falling("demand", "Demand, at former prices", ("The baseline period", now + total.demand), steps, "Nights of now")


def _falling(name: str, title: str, start: tuple[str, int], steps: Sequence[tuple[str, int]], end: str) -> Drawn:
    """One waterfall with its table; a step that saves falls."""
    left = start[1] - sum(amount for _, amount in steps)
    largest = max(steps, key=lambda step: abs(step[1]))
    first, last, between = (money.written(pounds(amount)) for amount in (start[1], left, abs(start[1] - left)))
    less = "less" if left <= start[1] else "more"
    step = f"{largest[0][:1].lower()}{largest[0][1:]}, {money.signed(pounds(-largest[1]))}"
    sentence = f"{title}: from {first} to {last}, {between} {less}. The largest step is {step}."
    falls = [Fall(words, pounds(-amount)) for words, amount in steps]
    drawn = waterfall(title, sentence, (start[0], pounds(start[1])), falls, end, written=money.written, signed=money.signed)
    rows: list[Sequence[Cell | Link | Written]] = [(start[0], money.cell(start[1]))]
    rows += [(words, money.cell(-amount)) for words, amount in steps]
    rows.append((end, money.cell(left)))
    return Drawn(drawn, sentence, Table(name, title, ("Step", "Pounds"), rows, frozenset({1})), ())


def by_table(found: Ledger, by: By, scope: Scope, names: Names, *, demand: bool) -> Table:
    """The rows with their whole: each key opens to its lines."""
    columns = [_BY[by], "Placements", "Nights", "Former prices", "Paid", "Cashable", "Per cent"]
    columns += ["Volume", "Mix"] if demand else []
    columns += ["Rate", "Tier", "In all", "Own carers"]
    rows = [(_key(by, key, scope, names), *_sums(sums, demand=demand)) for key, sums in found.rows]
    rows.append((Link("In all", addresses.of(LINES, scope)), *_sums(found.total, demand=demand)))
    return Table(
        f"by-{by}", f"By {_BY[by].lower()}: pounds spent less, each open to its lines", columns, rows, frozenset(range(1, len(columns)))
    )


def by_chart(found: Ledger, by: By, names: Names) -> Drawn | None:
    """Cashable saving in per cent, row by row; None where there is nothing to compare."""
    told = [(called(by, key, names), sums.per_cent) for key, sums in found.rows if sums.per_cent is not None]
    if len(told) < 2:
        return None
    told = told if by is By.QUARTER else sorted(told, key=lambda row: (-row[1], row[0]))
    best, worst = max(told, key=lambda row: row[1]), min(told, key=lambda row: row[1])
    ends = f"from {worst[1]}% ({worst[0]}) to {best[1]}% ({best[0]})"
    sentence = f"Cashable saving by {_BY[by].lower()}: {ends}; all together {found.total.per_cent}%."
    drawn = bars(
        f"Cashable saving by {_BY[by].lower()}",
        sentence,
        [Bar(name, value) for name, value in told[:25]],
        middle=found.total.per_cent,
        written=lambda value: f"{words.number(value)}%",
    )
    rows = [(name, Written(value, f"{value}%")) for name, value in told]
    table = Table(f"saving-by-{by}", f"Cashable saving by {_BY[by].lower()}", (_BY[by], "Per cent"), rows, frozenset({1}))
    return Drawn(drawn, sentence, table, ())


def avoided_table(found: Ledger, names: Names) -> Table:
    """Moves and double-paid nights, counted against the declared rate at the declared unit cost."""
    councils = names.get(Dimension.COUNCIL, {})
    rows = [
        (
            councils.get(each.council, each.council),
            _EVENTS[each.event],
            each.nights,
            each.counted,
            money.cell(each.incurred),
            each.expected,
            each.avoided,
            None if each.declared is None else money.cell(each.declared.pence),
            money.cell(each.pence),
            None if each.declared is None else each.declared.source,
        )
        for each in found.avoided
    ]
    columns = ("Council", "What", "Nights slept", "Counted", "Cost in fact", "Expected", "Avoided", "Unit cost", "Avoided cost", "Source")
    return Table("avoided", "Avoided cost: never cashable", columns, rows, frozenset(range(2, 9)))


def left_out_table(found: Ledger) -> Table:
    """What could not be compared."""
    rows = [(each.why[:1].upper() + each.why[1:], each.placements, money.cell(each.paid)) for each in found.left_out]
    return Table("left-out", "Placements that could not be compared", ("Why", "Placements", "Paid"), rows, frozenset({1, 2}))


def lines_table(lines: Sequence[Line], names: Names, *, demand: bool) -> Table:
    """Line by line: a placement in a quarter, with what it cost at each price."""
    councils, agencies, lots = (names.get(each, {}) for each in (Dimension.COUNCIL, Dimension.AGENCY, Dimension.LOT))
    columns = ["Line", "Quarter", "Council", "Provider", "Lot", "Tier", "Nights", "Former prices", "Paid"]
    columns += ["Volume", "Mix"] if demand else []
    columns += ["Rate", "Tier effect", "In real terms", "Remark"]
    rows = [
        (
            f"{_KINDS[line.kind]} {line.id}",
            quarter_label(line.quarter),
            councils.get(line.council, line.council),
            _provider(line.provider, agencies),
            lots.get(line.lot, line.lot),
            line.tier or None,
            line.nights,
            money.cell(line.baseline),
            money.cell(line.paid),
            *((money.cell(line.effects.volume), money.cell(line.effects.mix)) if demand else ()),
            money.cell(line.effects.rate),
            money.cell(line.effects.tier),
            money.cell(None if line.baseline_real is None or line.paid_real is None else line.baseline_real - line.paid_real),
            _remark(line),
        )
        for line in lines
    ]
    return Table("lines", "Lines of the ledger", columns, rows, frozenset(range(6, len(columns) - 1)), frozenset({0, 1}))


def called(by: By, key: str, names: Names) -> str:
    """A row's key in words."""
    match by:
        case By.QUARTER:
            return quarter_label(date.fromisoformat(key))
        case By.LOT:
            return names.get(Dimension.LOT, {}).get(key, key)
        case By.COUNCIL:
            return names.get(Dimension.COUNCIL, {}).get(key, key)
        case By.AGENCY:
            return _provider(key or None, names.get(Dimension.AGENCY, {})) or "The baseline period"
        case By.TIER:
            return key[:1].upper() + key[1:] if key else "The baseline period"


def quarter_label(begins: date) -> str:
    """``2026-27 Q1``."""
    return quarters(Period(begins, begins))[0].label


def _provider(code: str | None, agencies: Mapping[str, str]) -> str | None:
    if code is None:
        return None
    return "Own carers" if code.startswith("council:") else agencies.get(code.removeprefix("agency:"), code.removeprefix("agency:"))


def _key(by: By, key: str, scope: Scope, names: Names) -> Link | str:
    name = called(by, key, names)
    match by:
        case By.QUARTER:
            begins = date.fromisoformat(key)
            more = {"from": begins.isoformat(), "to": begins.isoformat()}
        case By.LOT | By.COUNCIL:
            more = {str(by): key}
        case By.AGENCY:
            if not key.startswith("agency:"):
                return Link(name, addresses.of(LINES, scope, tier=IN_HOUSE_TIER)) if key else name
            more = {"agency": key.removeprefix("agency:")}
        case By.TIER:
            more = {"tier": key, "kind": "" if key else LineKind.BASELINE}
    return Link(name, addresses.of(LINES, scope, **more))


def _sums(sums: Sums, *, demand: bool) -> tuple[Cell | Written, ...]:
    some = sums.bought_placements > 0
    effects = sums.effects
    return (
        sums.bought_placements,
        sums.bought_nights,
        money.cell(sums.baseline) if some else None,
        money.cell(sums.paid) if some else None,
        money.cell(sums.bought_saving) if some else None,
        money.per_cent(sums.per_cent),
        *((money.cell(effects.volume), money.cell(effects.mix)) if demand else ()),
        money.cell(effects.rate),
        money.cell(effects.tier),
        money.cell(effects.total if demand else effects.like_for_like),
        money.cell(sums.in_house_saving) if sums.in_house_placements else None,
    )


def _remark(line: Line) -> str | None:
    told = []
    if line.why:
        told.append(line.why)
    if line.source is not None and line.source != "awarded":
        told.append(
            {"first_list": "agreed before the first list", "agreed": "no framework price known", "own_carers": "own carers"}[line.source]
        )
    if line.index_missing is not None:
        told.append(f"no index for {words.month(line.index_missing)}")
    if line.count:
        told.append(words.plural(line.count, "child", "children"))
    return "; ".join(told) or None
