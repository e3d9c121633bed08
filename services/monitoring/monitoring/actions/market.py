"""Which agencies are commissioned, and how far few of them have it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitoring.domain.market import Market, market
from monitoring.domain.scope import Scope
from monitoring.store import market as store
from monitoring.store import reference
from shared import clock
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class NamedMarket:
    """The market, and the agencies' names by Ofsted number."""

    market: Market
    names: Mapping[str, str]


async def read(transaction: Transaction, scope: Scope) -> NamedMarket:
    """The market of a scope, over what the reader may see. One agency asked for is shown alone, with its shares of the whole."""
    whole = replace(scope, agency=None)
    uses = await store.uses(transaction, whole, today=clock.today())
    found = market(uses, await store.published(transaction, scope.lot))
    if scope.agency is not None:
        agencies = tuple(share for share in found.agencies if share.code == scope.agency)
        found = replace(found, agencies=agencies, never_used=tuple(code for code in found.never_used if code == scope.agency))
    return NamedMarket(found, await reference.agency_names(transaction))
