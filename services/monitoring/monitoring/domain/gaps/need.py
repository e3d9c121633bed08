"""One need for a home: a referral with its re-referrals, counted once, and every offer on any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from monitoring.domain.chains import first_of_chain

NEAR_MILES = Decimal(20)
"""Beyond it a placement needs a named approval: near is what does not."""


class Miles(Protocol):
    """About how many miles lie between two postcode districts; None where either is unknown."""

    def __call__(self, district_a: str, district_b: str, /) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """One broadcast referral as every provider of the lot could see it."""

    id: UUID
    council: str
    lot: str
    urgency: str | None
    broadcast_at: datetime
    closes_at: datetime | None
    district: str | None
    ages: tuple[int, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One offer: on which referral, when, and in which district the home lies; None where that is not known."""

    referral: UUID
    made_at: datetime
    district: str | None


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

    @property
    def missed(self) -> bool:
        """Whether anything was missing."""
        return bool(self.gaps)


def needs(sought: Iterable[Sought], answers: Iterable[Answered], earlier: Mapping[UUID, UUID], miles: Miles) -> tuple[Need, ...]:
    """The needs behind these referrals, by the moment of their first broadcast; one child or group of siblings is one need however often
    it was referred again. ``earlier`` are the links of all chains, whenever they were made.
    """
    chains: dict[UUID, list[Sought]] = {}
    for each in sorted(sought, key=lambda one: (one.broadcast_at, str(one.id))):
        chains.setdefault(first_of_chain(each.id, earlier), []).append(each)
    on: dict[UUID, list[Answered]] = {}
    for answer in answers:
        on.setdefault(answer.referral, []).append(answer)
    found = [_need(chain, [answer for each in chain for answer in on.get(each.id, ())], miles) for chain in chains.values()]
    return tuple(sorted(found, key=lambda need: (need.first.broadcast_at, str(need.first.id))))


def _need(chain: Sequence[Sought], answers: Sequence[Answered], miles: Miles) -> Need:
    first = chain[0]
    distances = [_distance(first.district, answer.district, miles) for answer in answers]
    known = [distance for distance in distances if distance is not None]
    first_offer_at = min((answer.made_at for answer in answers), default=None)
    gaps = set()
    if first_offer_at is None:
        gaps.add(Gap.NO_OFFER)
    elif first.closes_at is not None and first_offer_at > first.closes_at:
        gaps.add(Gap.LATE)
    if known and len(known) == len(answers) and min(known) > NEAR_MILES:
        gaps.add(Gap.FAR)
    return Need(
        first,
        tuple(each.id for each in chain),
        tuple(sorted({code for each in chain for code in each.needs})),
        len(answers),
        first_offer_at,
        min(known, default=None),
        frozenset(gaps),
    )


def _distance(home: str | None, place: str | None, miles: Miles) -> Decimal | None:
    return None if home is None or place is None else miles(home, place)
