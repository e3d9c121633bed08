"""How an agency stands with the consortium: Ofsted's judgement at the tender and now, and whether it is suspended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matching.domain.suitability import Barrier
from shared.contracts.words import OfstedRating


@dataclass(frozen=True, slots=True)
class Suspended:
    """No new referrals from a day until a day (its last; None: until lifted), for a coded reason."""

    reason: str
    starts_on: date
    ends_on: date | None

    def in_force(self, day: date) -> bool:
        """Whether the agency takes no new referrals on this day; both ends inclusive."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Gate:
    """What the lot accepts, and whether a judgement below it blocks new placements or is for a named officer to decide."""

    accepted: tuple[OfstedRating, ...] = (OfstedRating.OUTSTANDING, OfstedRating.GOOD)
    blocks: bool = False

    def passed(self, rating: OfstedRating) -> bool:
        """Whether the lot accepts this judgement."""
        return rating in self.accepted


@dataclass(frozen=True, slots=True)
class AgencyStanding:
    """An agency in one lot. ``then``: its judgement when the lot's list was published, ``now``: as last recorded; None: not heard."""

    then: OfstedRating | None = None
    now: OfstedRating | None = None
    suspended: Suspended | None = None
    gate: Gate = Gate()

    @property
    def fallen(self) -> bool:
        """Whether the judgement now is one that the lot does not accept."""
        return self.now is not None and not self.gate.passed(self.now)

    def stopped(self, day: date) -> frozenset[Barrier]:
        """What keeps every home of the agency from taking a child on this day, whatever the home."""
        found = set()
        if self.suspended is not None and self.suspended.in_force(day):
            found.add(Barrier.SUSPENDED)
        if self.fallen and self.gate.blocks:
            found.add(Barrier.RATING)
        return frozenset(found)
