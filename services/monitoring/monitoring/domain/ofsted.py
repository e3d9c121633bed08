"""Ofsted's overall ratings in their order, and when a new one is a fall."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitoring.domain.alert import Cause, Found
from monitoring.domain.period import UK
from monitoring.domain.special_cause import Reading, Way

BEST_FIRST = ("outstanding", "good", "requires_improvement", "inadequate")
RATING = "ofsted_rating"
"""What stands where another alert names its KPI."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating of an agency: when it was recorded, and the day of the inspection that found it, if that was said."""

    rating: str
    recorded_at: datetime
    inspected_on: date | None

    @property
    def since(self) -> date:
        """From which day it stands: the inspection's, which cannot lie after the day it was recorded."""
        recorded = self.recorded_at.astimezone(UK).date()
        return recorded if self.inspected_on is None else min(self.inspected_on, recorded)


def downgrades(agency: str, name: str, ratings: Sequence[Rated]) -> list[Found]:
    """Every fall in an agency's ratings, in the order they were recorded; not yet inspected is no rating and no fall."""
    rated = [each for each in ratings if each.rating in BEST_FIRST]
    found = []
    for before, after in itertools.pairwise(rated):
        if BEST_FIRST.index(after.rating) > BEST_FIRST.index(before.rating):
            told = f"inspected on {_day(after.since)}, " if after.inspected_on is not None else ""
            recorded = _day(after.recorded_at.astimezone(UK).date())
            words = f"Ofsted's rating of {name} fell from {_title(before.rating)} to {_title(after.rating)}, {told}recorded on {recorded}."
            figures = {"before": before.rating, "after": after.rating}
            scope, since = f"agency:{agency}", after.since
            found.append(Found(RATING, scope, Cause.OFSTED_DOWNGRADE, Way.DOWN, Reading.CONCERN, since, since, None, words, figures))
    return found


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _title(rating: str) -> str:
    return rating.replace("_", " ")
