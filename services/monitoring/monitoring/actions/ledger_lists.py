"""What people hand in for the ledger: a price index, the nights of a baseline period, what a move or a double-paid night costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from monitoring.domain.ledger.baseline_period import CellNights
from monitoring.domain.ledger.uploaded import Avoidable, Fault, ListHead, ListRule, Row, UnitCost, cell_nights, index_values, unit_costs
from monitoring.store import ledger_lists, reference
from shared import clock
from shared.identifying_patterns import patterns_in
from shared.organisation import CONSORTIUM, Kind
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

Expect = Callable[[int], None]
"""Asked with the version being replaced (0: none yet); refuses a stale one."""


async def replace_index(transaction: Transaction, source: str, rows: Sequence[Row], *, expect: Expect) -> ListHead:
    """Take a whole price index as the next version, or refuse it with every fault; earlier versions are kept."""
    values, faults = index_values(rows)
    if not _names_nobody(source):
        faults.append(Fault(0, "source", ListRule.SOURCE_STATED))
    _refuse(faults)
    before = await ledger_lists.index_head(transaction)
    expect(before.version if before else 0)
    return await ledger_lists.put_index(transaction, values, source=source.strip(), uploaded_at=clock.now())


async def replace_nights(transaction: Transaction, rows: Sequence[Row], *, first: str, last: str, expect: Expect) -> ListHead:
    """Take the nights of a council's baseline period by lot and band as the next version, or refuse them with every fault."""
    council = transaction.organisation.code
    cells, days, faults = cell_nights(council, rows, await reference.bands(transaction), first=first, last=last)
    _refuse(faults)
    head = await ledger_lists.next_version(
        transaction, council, ledger_lists.NIGHTS_LIST, uploaded_at=clock.now(), rows=len(cells), days=days
    )
    expect(head.version - 1)
    await ledger_lists.add_nights(transaction, head.version, cells)
    # The consortium's own copy, as of baseline prices: savings are told for all eleven together.
    async with transaction.acting_as(CONSORTIUM):
        await ledger_lists.put_head(transaction, ledger_lists.NIGHTS_LIST, head)
        await ledger_lists.add_nights(transaction, head.version, cells)
    return head


async def replace_costs(transaction: Transaction, rows: Sequence[Row], *, expect: Expect) -> ListHead:
    """Take unit costs as the next version: a council's for itself, the project manager's for every council without its own."""
    who = transaction.organisation
    author = str(CONSORTIUM) if who.kind is Kind.CONSORTIUM else who.code
    costs, faults = unit_costs(rows, names_nobody={row.line: _names_nobody(row.values["source"]) for row in rows})
    _refuse(faults)
    head = await ledger_lists.next_version(transaction, author, ledger_lists.COSTS_LIST, uploaded_at=clock.now(), rows=len(costs))
    expect(head.version - 1)
    await ledger_lists.add_costs(transaction, head, costs)
    if who.kind is Kind.COUNCIL:
        async with transaction.acting_as(CONSORTIUM):  # as of baseline nights
            await ledger_lists.put_head(transaction, ledger_lists.COSTS_LIST, head)
            await ledger_lists.add_costs(transaction, head, costs)
    return head


async def index(transaction: Transaction) -> tuple[ListHead, dict[date, Decimal]] | None:
    """The index in force with its values; None where none was uploaded."""
    head = await ledger_lists.index_head(transaction)
    return (head, await ledger_lists.index_values(transaction, head.version)) if head else None


async def nights(transaction: Transaction) -> tuple[list[ListHead], list[CellNights]]:
    """The baseline periods the reader may see: which days, and the nights by council, lot and band."""
    heads = await ledger_lists.heads(transaction, ledger_lists.NIGHTS_LIST)
    return list(heads.values()), await ledger_lists.nights(transaction)


async def costs(transaction: Transaction) -> dict[str, dict[Avoidable, UnitCost]]:
    """By author, the unit costs in force: the reader's own, and the project manager's for all."""
    own = await ledger_lists.costs(transaction)
    async with transaction.acting_as(CONSORTIUM):  # the project manager's are declared for every council's reckoning
        return own | {author: found for author, found in (await ledger_lists.costs(transaction)).items() if author == str(CONSORTIUM)}


def _names_nobody(source: str) -> bool:
    return 3 <= len(source.strip()) <= 200 and not patterns_in(source, today=clock.today())


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise invalid(*(Reason(f"rows.{f.line}.{f.field}" if f.line else f.field, f.rule, f.message) for f in faults))
