"""One need for a home: a referral with its re-referrals, counted once, and every offer on any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from monitoring.domain.chains import first_of_chain
from monitoring.domain.gaps.broadcast import Broadcast
from monitoring.domain.gaps.sought import NEAR_MILES, Free, Offers, Sought


class Gap(StrEnum):
    """What was missing."""

    NO_OFFER = "no_offer"
    """No offer on any referral of the need, up to now."""
    LATE = "late"
    """The first offer came after the closing time that providers were shown."""
    FAR = "far"
    """There were offers, their distances are known, and none was from within 20 miles of home."""


class Need(NamedTuple):
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


_NOTHING, _NO_OFFER = frozenset[Gap](), frozenset({Gap.NO_OFFER})
_LATE, _FAR, _LATE_AND_FAR = frozenset({Gap.LATE}), frozenset({Gap.FAR}), frozenset({Gap.LATE, Gap.FAR})


def needs(found: Iterable[Broadcast], earlier: Mapping[UUID, UUID]) -> tuple[Need, ...]:
    """The needs behind these broadcasts, by the moment of their first; one child or group of siblings is one need however often it was
    referred again. ``found`` by their moments; ``earlier`` are the links of all chains, whenever they were made.
    """
    chains: dict[UUID, list[Broadcast]] = {}
    for each in found:
        id = each.sought.id
        chains.setdefault(first_of_chain(id, earlier) if id in earlier else id, []).append(each)
    return tuple(_need(chain) for chain in chains.values())


def _need(chain: Sequence[Broadcast]) -> Need:
    # Nearly every need is one referral, and a page puts thousands together.
    first, offers, free = chain[0]
    referrals: tuple[UUID, ...] = (first.id,)
    wanted = sorted(first.needs)
    if len(chain) > 1:
        offers = _of_all([each.offers for each in chain])
        referrals = tuple(each.sought.id for each in chain)
        wanted = sorted({code for each in chain for code in each.sought.needs})
    return Need(first, referrals, tuple(wanted), offers.many, offers.first_at, offers.nearest, _gaps(first.closes_at, offers), free)


def _of_all(offers: Sequence[Offers]) -> Offers:
    return Offers(
        sum(each.many for each in offers),
        sum(each.placed for each in offers),
        min((each.first_at for each in offers if each.first_at is not None), default=None),
        min((each.nearest for each in offers if each.nearest is not None), default=None),
    )


def _gaps(closes_at: datetime | None, offers: Offers) -> frozenset[Gap]:
    many, placed, first_at, nearest = offers
    if first_at is None:
        return _NO_OFFER
    far = nearest is not None and placed == many and nearest > NEAR_MILES
    late = closes_at is not None and first_at > closes_at
    return _LATE_AND_FAR if late and far else _LATE if late else _FAR if far else _NOTHING
