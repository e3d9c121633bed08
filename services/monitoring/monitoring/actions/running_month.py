"""Figures over a period that ends within a month: whole months from the kept sums, the days since from the facts of those days alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitoring.domain.adding_up import Sums, together
from monitoring.domain.adding_up import sums as added_up
from monitoring.domain.counted import Counted, Summary
from monitoring.domain.definition import Definition
from monitoring.domain.period import Period
from monitoring.domain.scope import Scope
from monitoring.store import adding, counts, reading
from monitoring.store.adding import Choice
from shared import clock
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class RunningMonth:
    """What the facts of a month's first days give, by the name that each KPI is kept as; ``whole`` are the months before."""

    whole: Period
    rows: Mapping[str, tuple[Counted, ...]]

    def of(self, definition: Definition, scope: Scope) -> tuple[Counted, ...]:
        """One KPI's rows that are the scope's."""
        return tuple(row for row in self.rows[definition.kept_as] if scope.holds(row))

    def by_council(self, definitions: Sequence[Definition], councils: Iterable[str]) -> dict[str, RunningMonth]:
        """The same for each council with its own rows of these KPIs, and those of none, alone: looked through once, not once a council."""
        parts: dict[str, dict[str, list[Counted]]] = {code: {each.kept_as: [] for each in definitions} for code in councils}
        for name in {each.kept_as for each in definitions}:
            for row in self.rows[name]:
                for code in parts if row.council is None else (row.council,):
                    if code in parts:
                        parts[code][name].append(row)
        return {code: RunningMonth(self.whole, {name: tuple(rows) for name, rows in theirs.items()}) for code, theirs in parts.items()}


async def read(transaction: Transaction, definitions: Sequence[Definition], scope: Scope, whole: Period, days: Period) -> RunningMonth:
    """Count these KPIs over ``days`` from the facts, once for every council, agency and lot of the scope."""
    records = await reading.records(transaction, replace(scope, period=days), today=clock.today())
    return RunningMonth(whole, {each.kept_as: each.formula(records, days) for each in _kept_once(definitions)})


async def sums(transaction: Transaction, definitions: Sequence[Definition], scope: Scope, running: RunningMonth) -> dict[str, Sums]:
    """What each KPI's figure over the whole months and the days since is made of, by name. How things stand is told by the days alone."""
    rows = {each.kept_as: running.of(each, scope) for each in _kept_once(definitions)}
    adding_months = [each for each in definitions if not each.summary.latest]
    choice = Choice(running.whole.first, running.whole.last, scope.council, scope.agency, scope.lot)
    cases = {each.kept_as: _cases(rows[each.kept_as]) for each in adding_months if each.summary is Summary.DISTINCT}
    kept = await adding.sums(transaction, adding_months, choice, but=cases)
    lasting = [each for each in adding_months if each.each_month]
    met = await adding.met_before(transaction, lasting, choice, {each.kept_as: rows[each.kept_as] for each in lasting})
    return {
        each.name: added_up(each, rows[each.kept_as])
        if each.summary.latest
        else together(
            each,
            kept[each.name],
            rows[each.kept_as],
            met={part: numbers for (kpi, part), numbers in met.items() if kpi == each.kept_as},
        )
        for each in definitions
    }


async def placements_by_tier(transaction: Transaction, scope: Scope, running: RunningMonth) -> Counter[tuple[str | None, str]]:
    """How many placements of each lot went to each tier."""
    since = (row for row in running.rows["placed_tier_one"] if scope.holds(row) and not row.left_out)
    kept = await counts.placements_by_tier(transaction, replace(scope, period=running.whole))
    return Counter(kept) + Counter((row.lot, row.part) for row in since)


def _kept_once(definitions: Sequence[Definition]) -> list[Definition]:
    return list({each.kept_as: each for each in definitions}.values())


def _cases(rows: Sequence[Counted]) -> frozenset[str]:
    return frozenset(row.once for row in rows)
