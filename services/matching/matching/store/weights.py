"""Each council's weights of fit, every version kept with its date, so that a decision can be judged by the weights of its day."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from matching.domain.fit import DEFAULT_WEIGHTS, Part, Weights
from matching.tables import council_weights, weights_by_version
from shared.contracts.referrals import CouncilSettingsChanged
from shared.tenancy import Transaction


async def put(transaction: Transaction, council: str, settings: CouncilSettingsChanged, version: int) -> None:
    """Keep what a council's administrator set. Late news joins the history and leaves what counts now as it is."""
    values: dict[str, Any] = {
        "weights": {part: str(weight) for part, weight in settings.weights.items()},
        "effective_from": settings.effective_from,
        "version": version,
    }
    await transaction.execute(insert(weights_by_version).values(council=council, **values).on_conflict_do_nothing())
    values["approval_miles"] = settings.approval_miles
    new = insert(council_weights).values(council=council, **values)
    await transaction.execute(new.on_conflict_do_update(index_elements=["council"], set_=values, where=council_weights.c.version < version))


async def current(transaction: Transaction, council: str) -> Weights:
    """The weights that count now: the council's own, or the defaults as version 0."""
    row = (await transaction.execute(select(council_weights).where(council_weights.c.council == council))).one_or_none()
    return Weights(0, None, DEFAULT_WEIGHTS) if row is None else Weights(row.version, row.effective_from, _weights(row.weights))


async def approval_miles(transaction: Transaction, council: str) -> int:
    """Beyond how many miles the council wants a named approval; 20 until it says otherwise; to whoever may not read it, 20 too."""
    kept = await transaction.scalar(select(council_weights.c.approval_miles).where(council_weights.c.council == council))
    return 20 if kept is None else int(kept)


async def history(transaction: Transaction, council: str) -> list[Weights]:
    """Every version of the council's weights, the newest first; the defaults, which counted before, are not among them."""
    found = select(weights_by_version).where(weights_by_version.c.council == council).order_by(weights_by_version.c.version.desc())
    return [Weights(row.version, row.effective_from, _weights(row.weights)) for row in await transaction.execute(found)]


def _weights(kept: Mapping[str, str]) -> dict[Part, Decimal]:
    """A part this release does not know is left out; one not named weighs nothing."""
    return {Part(part): Decimal(weight) for part, weight in kept.items() if part in set(Part)}
