"""Gap analysis: needs without, with late or with far offers, against the beds that were free then."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from monitoring.domain.gaps.analysis import GapBy, Gaps, Looked, gaps, looked_at
from monitoring.domain.gaps.need import needs
from monitoring.domain.gaps.open_beds import OpenBeds
from monitoring.domain.scope import Scope
from monitoring.store import gaps as store
from monitoring.store import reference
from shared.organisation import CONSORTIUM
from shared.postcodes import about_miles
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

miles = lru_cache(maxsize=200_000)(about_miles)
"""Two districts never move: asked for a need and every bed, again and again."""


async def read(transaction: Transaction, scope: Scope, by: GapBy) -> Gaps:
    """The gaps of a scope by one dimension, over the referrals the reader may see."""
    return gaps(await looked(transaction, scope), by)


async def looked(transaction: Transaction, scope: Scope) -> tuple[Looked, ...]:
    """Every need of the scope, with what was missing and what was free. Refused for one agency: an offer nobody made is nobody's."""
    if scope.agency is not None:
        raise invalid(Reason("agency", "not_divided_by_agency", "Gaps cannot be told for one agency. Ask without the agency."))
    sought = await store.sought(transaction, scope)
    offered = await store.offers(transaction, scope)
    earlier = await store.earlier(transaction, scope.council)
    bands = await reference.bands(transaction)
    # A vacancy without its address is for every signed-in organisation to see; here they are kept as the consortium's rows.
    async with transaction.acting_as(CONSORTIUM):
        places = await store.districts(transaction, {vacancy for _, vacancy in offered if vacancy is not None})
        steps = await store.steps(transaction, scope.period)
    answers = [replace(answer, district=places.get(vacancy) if vacancy else None) for answer, vacancy in offered]
    return looked_at(needs(sought, answers, earlier, miles), OpenBeds(steps, miles), bands)
