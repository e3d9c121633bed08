"""One line of the ledger: a placement, or a cell of the baseline period, in one quarter of one council."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monitoring.domain.ledger.awarded import Source
from monitoring.domain.ledger.effects import Effects


class LineKind(StrEnum):
    """What a line is about."""

    PLACEMENT = "placement"
    """Nights of a placement in the quarter."""
    BASELINE = "baseline"
    """Nights of a lot and band in the baseline period, for as many days as the quarter has so far."""
    LEFT_OUT = "left_out"
    """Nights that could not be compared, with the reason."""
    DOUBLE_PAID = "double_paid"
    """Nights paid for twice: the child already lived in another placement of the same need."""
    MOVE = "move"
    """A child who came from another placement in the same return year."""


NO_EFFECT = Effects()
IN_HOUSE_TIER = "in-house"
NO_TIER = "no tier"


@dataclass(frozen=True, slots=True)
class Line:
    """Whose, when, what, how many nights, the effects and costs in pence. ``id`` is a placement's, or lot and band."""

    council: str
    quarter: date
    kind: LineKind
    id: str
    lot: str
    provider: str | None = None
    tier: str = ""
    nights: int = 0
    count: int = 0
    """How many children's moves, of a move line."""
    effects: Effects = NO_EFFECT
    baseline: int = 0
    paid: int = 0
    baseline_real: int | None = None
    paid_real: int | None = None
    index_missing: date | None = None
    """The first month without which there are no real terms."""
    source: Source | None = None
    tier_one_known: bool = True
    begun: date | None = None
    """Of a placement: the quarter of its first night. A placement is counted once, in its first quarter of those looked at."""
    why: str = ""
    """Why it was left out."""


def tier_words(tier: int | None, *, in_house: bool) -> str:
    """A placement's tier as the ledger's lines name it."""
    if in_house:
        return IN_HOUSE_TIER
    return NO_TIER if tier is None else f"tier {tier}"
