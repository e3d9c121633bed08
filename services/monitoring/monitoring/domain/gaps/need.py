"""One need for a home: a referral with its re-referrals, counted once, and every offer on any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from monitoring.domain.chains import first_of_chain
from monitoring.domain.gaps.broadcast import Broadcast
from monitoring.domain.gaps.sought import NEAR_MILES, Free, Sought


class Gap(StrEnum):
    """What was missing."""

    NO_OFFER = "no_offer"
    """No offer on any referral of the need, up to now."""
    LATE = "late"
    """The first offer came after the closing time that providers were shown."""
    FAR = "far"
    """There were offers, their distances are known, and none was from within 20 miles of home."""


@dataclass(frozen=True, slots=True)
class Need:
    """A need as it was first broadcast in the period, what became of it, and what was free then."""

    first: Sought
    referrals: tuple[UUID, ...]
    """Every referral of the chain that was broadcast in the period, the first one first."""
    needs: tuple[str, ...]
    """What a home must bring, of all of them."""
    offers: int
    first_offer_at: datetime | None
    nearest: Decimal | None
    """Miles from home to the nearest offer whose place is known."""
    gaps: frozenset[Gap]
    free_then: Free
    """The beds that were free for it when it was first broadcast."""

    @property
    def missed(self) -> bool:
        """Whether anything was missing."""
        return bool(self.gaps)


_NOTHING: frozenset[Gap] = frozenset()


def needs(found: Iterable[Broadcast], earlier: Mapping[UUID, UUID]) -> tuple[Need, ...]:
    """The needs behind these broadcasts, by the moment of their first; one child or group of siblings is one need however often it was
    referred again. ``found`` by their moments; ``earlier`` are the links of all chains, whenever they were made.
    """
    chains: dict[UUID, list[Broadcast]] = {}
    for each in found:
        chains.setdefault(first_of_chain(each.sought.id, earlier), []).append(each)
    return tuple(_need(chain) for chain in chains.values())


def _need(chain: Sequence[Broadcast]) -> Need:
    first = chain[0].sought
    many = sum(each.offers.many for each in chain)
    placed = sum(each.offers.placed for each in chain)
    first_offer_at = min((each.offers.first_at for each in chain if each.offers.first_at is not None), default=None)
    nearest = min((each.offers.nearest for each in chain if each.offers.nearest is not None), default=None)
    gaps = set()
    if first_offer_at is None:
        gaps.add(Gap.NO_OFFER)
    elif first.closes_at is not None and first_offer_at > first.closes_at:
        gaps.add(Gap.LATE)
    if nearest is not None and placed == many and nearest > NEAR_MILES:
        gaps.add(Gap.FAR)
    return Need(
        first,
        tuple(each.sought.id for each in chain),
        tuple(sorted({code for each in chain for code in each.sought.needs})),
        many,
        first_offer_at,
        nearest,
        frozenset(gaps) if gaps else _NOTHING,
        chain[0].free,
    )
