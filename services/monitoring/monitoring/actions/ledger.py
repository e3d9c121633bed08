"""The savings ledger: counted again for each council whose facts or prices have changed, then read as sums and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from monitoring.actions import recounting
from monitoring.domain.consortium import Expectation
from monitoring.domain.facts import BaselinePrice
from monitoring.domain.ledger import awarded
from monitoring.domain.ledger.avoided import Avoided
from monitoring.domain.ledger.baseline_period import BaselinePeriod, CellNights, baseline_period
from monitoring.domain.ledger.counting import Known, lines
from monitoring.domain.ledger.line import Line, LineKind
from monitoring.domain.ledger.real_terms import PriceIndex
from monitoring.domain.ledger.sums import By, Sums
from monitoring.domain.ledger.uploaded import Avoidable, ListHead, UnitCost
from monitoring.domain.period import Period, quarter_of, quarters
from monitoring.domain.scope import Scope
from monitoring.store import awards, baseline, ledger, ledger_facts, ledger_lists, past, reference
from monitoring.store.ledger import Wanted
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases, Transaction

EXPECTED = "savings_per_cent"
AT_MOST_EVERY = timedelta(minutes=5)
"""How often the sweep counts again what readers will ask for."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Placements that could not be compared, why, and what they cost in pence."""

    why: str
    placements: int
    paid: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The answer to one question: the rows it was divided into, the whole, what was left out, what was avoided, what was expected."""

    covered: Period
    """The whole quarters that the period asked for touches."""
    rows: tuple[tuple[str, Sums], ...]
    total: Sums
    left_out: tuple[LeftOut, ...]
    avoided: tuple[Avoided, ...]
    baseline_nights_of: tuple[str, ...]
    """Councils whose baseline period's nights are known; of the others volume and mix cannot be told."""
    index: ListHead | None
    expected: Expectation | None
    counted_at: datetime | None
    """When the lines were counted: the earliest, of several councils. None where there is nothing to count."""


async def read(transaction: Transaction, scope: Scope, by: By, *, as_kept: bool = False) -> Ledger:
    """The ledger of a scope by one dimension. With an agency asked for, the baseline period's own nights are not part of it.

    ``as_kept`` takes the lines as they were last counted, and counts only what never was: a page does not wait, the sweep counts again.
    """
    await _ready(transaction, scope.council, as_kept=as_kept)
    wanted = _wanted(scope)
    total, rows, by_council = await ledger.sums(transaction, wanted, by)
    left_out = tuple(LeftOut(*each) for each in await ledger.left_out(transaction, wanted))
    known = tuple(sorted(await ledger_lists.heads(transaction, ledger_lists.NIGHTS_LIST)))
    expected = await reference.expectation(transaction, EXPECTED)
    return Ledger(
        _covered(scope.period),
        tuple(rows),
        total,
        left_out,
        _avoided(by_council, await _unit_costs(transaction)),
        tuple(code for code in known if scope.council in (None, code)),
        await ledger_lists.index_head(transaction),
        expected,
        await ledger.counted_at(transaction, scope.council),
    )


async def behind(
    transaction: Transaction,
    scope: Scope,
    *,
    kind: LineKind | None,
    tier: str | None,
    after: tuple[str, str, str, str] | None,
    limit: int,
    as_kept: bool = False,
) -> list[Line]:
    """The lines behind a sum, one more than ``limit`` so that the caller knows whether there are more; ``as_kept`` as in :func:`read`."""
    await _ready(transaction, scope.council, as_kept=as_kept)
    return await ledger.lines(transaction, _wanted(scope), kind=kind, tier=tier, after=after, limit=limit + 1)


async def bring_up_to_date(transaction: Transaction, council: str | None = None) -> None:
    """Count the lines again of each council for which anything they are counted from has changed since, or a night has passed.

    Nobody has to be told that a fact has changed: what the lines were counted from is kept with them as the versions of all of it.
    """
    stale = await _stale(transaction, council)
    if not stale:
        return
    await ledger.take_turn(transaction)
    stale = await _stale(transaction, council)
    bands = await reference.bands(transaction)
    # The framework's prices are the consortium's rows: a council calls off at them, so it may measure its savings by them.
    async with transaction.acting_as(CONSORTIUM):
        published = awarded.lists(await awards.every(transaction))
    head = await ledger_lists.index_head(transaction)
    values = await ledger_lists.index_values(transaction, head.version) if head else {}
    index = PriceIndex.of({month: Fraction(value) for month, value in values.items()})
    heads = await ledger_lists.heads(transaction, ledger_lists.NIGHTS_LIST)
    for code, counted_from in stale.items():
        prices = _by_cell(await baseline.prices(transaction, council=code))
        nights = await ledger_lists.nights(transaction, code)
        known = Known(
            council=code,
            today=clock.today(),
            placements=await ledger_facts.placements(transaction, code),
            prices=prices,
            bands=bands,
            awarded=published,
            baseline_period=_baseline_period(heads.get(code), nights, prices),
            index=index,
            needs=await ledger_facts.needs(transaction, code),
        )
        await ledger.write(transaction, code, lines(known), counted_from=counted_from, counted_at=clock.now())


async def sweep(databases: Databases) -> int:
    """Count every ledger again before anybody looks, each council's own where it was looked at before; how many were looked into.

    Pages show lines as they were last counted, so it is here that they follow the facts. Facts that come one after the other are
    counted together, and a past that is still coming in part after part is waited for.
    """
    counted = 0
    for engine in databases.every():
        async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
            if await past.came_in_since(transaction, clock.now() - recounting.STILL_COMING):
                continue
            councils = await reference.councils(transaction)
            counted += await _counted_again(transaction, first_time=True)
        for code in councils:
            async with tenancy.transaction_on(databases, engine, Organisation.council(code)) as transaction:
                counted += await _counted_again(transaction, first_time=False)
    return counted


async def _counted_again(transaction: Transaction, *, first_time: bool) -> int:
    last = await ledger.looked_at(transaction)
    if (last is None and not first_time) or (last is not None and clock.now() - last <= AT_MOST_EVERY):
        return 0
    await bring_up_to_date(transaction)
    return 1


async def _ready(transaction: Transaction, council: str | None, *, as_kept: bool) -> None:
    if not as_kept or await ledger.counted_at(transaction, council) is None:
        await bring_up_to_date(transaction, council)


async def _stale(transaction: Transaction, council: str | None) -> Mapping[str, str]:
    """By council, what its lines would be counted from now, where that is not what they were counted from."""
    facts = await ledger_facts.versions(transaction)
    async with transaction.acting_as(CONSORTIUM):  # as in counting
        awarded_until = await awards.latest(transaction)
    head = await ledger_lists.index_head(transaction)
    shared = f"{clock.today()}/{awarded_until}/{head.version if head else 0}/{await reference.lots_version(transaction)}"
    prices = await baseline.versions(transaction)
    nights = await ledger_lists.heads(transaction, ledger_lists.NIGHTS_LIST)
    counted = await ledger.states(transaction)
    every = set(facts) | set(counted)
    now = {
        code: f"{shared}/{prices.get(code, 0)}/{nights[code].version if code in nights else 0}{facts.get(code, '')}"
        for code in sorted(every)
        if council in (None, code)
    }
    return {code: versions for code, versions in now.items() if counted.get(code) != versions}


async def _unit_costs(transaction: Transaction) -> Mapping[str, Mapping[Avoidable, UnitCost]]:
    """By author: each council's own where the reader may see them, and under "consortium" the project manager's for all."""
    own = await ledger_lists.costs(transaction)
    # The project manager's are declared for every council's reckoning; only councils and the consortium ever get here.
    async with transaction.acting_as(CONSORTIUM):
        for_all = (await ledger_lists.costs(transaction)).get(str(CONSORTIUM), {})
    return own | {str(CONSORTIUM): for_all}


def _avoided(by_council: Sequence[tuple[str, Sums]], declared: Mapping[str, Mapping[Avoidable, UnitCost]]) -> tuple[Avoided, ...]:
    """Of each council, each kind of event; its own unit cost before the project manager's."""
    found = []
    for code, sums in by_council:
        costs = {**declared.get(str(CONSORTIUM), {}), **declared.get(code, {})}
        moves, nights = costs.get(Avoidable.MOVE), costs.get(Avoidable.DOUBLE_PAID_NIGHT)
        found.append(Avoided(Avoidable.MOVE, code, sums.slept, sums.moves, None, moves))
        found.append(Avoided(Avoidable.DOUBLE_PAID_NIGHT, code, sums.slept, sums.double_paid_nights, sums.double_paid, nights))
    return tuple(found)


def _baseline_period(
    head: ListHead | None, nights: Sequence[CellNights], prices: Mapping[tuple[str, str], list[BaselinePrice]]
) -> BaselinePeriod | None:
    if head is None or head.first is None or head.last is None:
        return None
    return baseline_period(nights, prices, first=head.first, last=head.last)


def _by_cell(prices: Sequence[BaselinePrice]) -> dict[tuple[str, str], list[BaselinePrice]]:
    found: dict[tuple[str, str], list[BaselinePrice]] = {}
    for price in sorted(prices, key=lambda each: each.from_date):
        found.setdefault((price.lot, price.band), []).append(price)
    return found


def _wanted(scope: Scope) -> Wanted:
    covered = _covered(scope.period)
    return Wanted(covered.first, covered.last, scope.council, scope.lot, f"agency:{scope.agency}" if scope.agency is not None else None)


def _covered(period: Period) -> Period:
    """The whole quarters that a period touches: lines are a quarter's, and a part of one is no line."""
    touched = quarters(period)
    first, last = touched[0].period.first, touched[-1].period.last
    begins = quarter_of(first)
    following = date(last.year + (last.month > 9), 1 + 3 * ((last.month - 1) // 3 + 1) % 12, 1)
    return Period(begins, date.fromordinal(following.toordinal() - 1))
