"""What is asked for: how long a past, how large, from which seed, with what planted in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hearth.simulate.planting import ALL, Plant
from shared import clock

REFERRALS_A_YEAR = 4_000
"""At scale 1, re-referrals among them: 12,000 in three years."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One past. ``until`` is its last day, itself part of it; ``scale`` multiplies demand and homes, not agencies."""

    years: int
    seed: int
    until: date
    scale: float = 1.0
    plant: frozenset[Plant] = ALL

    @property
    def first(self) -> date:
        """The first day: the first of the month, so that every month of the past is whole but the last."""
        return date(self.until.year - self.years, self.until.month, 1)

    @property
    def begins(self) -> datetime:
        """Midnight of the first day."""
        return datetime.combine(self.first, time(0), UTC)

    @property
    def ends(self) -> datetime:
        """The first moment that is no longer part of the past: midnight in the United Kingdom, in summer an hour before it is midnight UTC.

        From then on yesterday is over and may be brought in; a past up to it must not reach into the hour to come.
        """
        return datetime.combine(self.until + timedelta(days=1), time(0), clock.UK).astimezone(UTC)

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each month, in order."""
        found, day = [], self.first
        while day <= self.until:
            found.append(day)
            day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        return tuple(found)
