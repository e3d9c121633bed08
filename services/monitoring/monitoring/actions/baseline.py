"""A council's prices before the framework: what every saving is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from monitoring.domain.baseline import BaselineList, Fault, Row, checked
from monitoring.domain.facts import BaselinePrice
from monitoring.store import baseline, due, reference
from shared import clock
from shared.organisation import CONSORTIUM
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction


async def replace(transaction: Transaction, rows: Sequence[Row], *, expect: Callable[[int], None]) -> BaselineList:
    """Replace a council's whole list by a new version, or refuse it with every fault of every row; nothing in between.

    ``expect`` is asked with the version being replaced (0: none yet) and refuses a stale one. Earlier versions are kept.
    """
    council = transaction.organisation.code
    found = checked(council, rows, await reference.bands(transaction))
    prices = [each for each in found if isinstance(each, BaselinePrice)]
    faults = [each for each in found if isinstance(each, Fault)]
    if faults:
        raise invalid(*(Reason(_place(fault), fault.rule, fault.message) for fault in faults))
    uploaded_at = clock.now()
    version = await baseline.next_version(transaction, council, uploaded_at=uploaded_at, price_count=len(prices))
    expect(version - 1)
    head = BaselineList(council, version, uploaded_at, len(prices))
    await baseline.add_prices(transaction, version, prices)
    # The consortium's own copy: a council hands its list in so that savings can be told for all eleven together.
    async with transaction.acting_as(CONSORTIUM):
        await baseline.put_list(transaction, head)
        await baseline.add_prices(transaction, version, prices)
        since = await due.earliest_stay(transaction, council)
        if since is not None:
            await due.mark(transaction, since, max(since, clock.today()))
    return head


async def current(transaction: Transaction, council: str | None) -> BaselineList | None:
    """The head of one council's present list; None for nobody's, or none uploaded."""
    return await baseline.current_list(transaction, council) if council is not None else None


async def page(
    transaction: Transaction, *, council: str | None, after: tuple[str, str, str, date] | None, limit: int
) -> list[BaselinePrice]:
    """The present prices, by council, lot, band and date: one row more than ``limit``, so that the caller knows if there are more."""
    return await baseline.prices(transaction, council=council, after=after, limit=limit + 1)


def _place(fault: Fault) -> str:
    return f"prices.{fault.line}.{fault.field}" if fault.line else fault.field
