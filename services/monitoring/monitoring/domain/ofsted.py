"""Ofsted's overall ratings in their order, and when a new one is a fall."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from monitoring.domain.alert import Cause, Found
from monitoring.domain.period import UK
from monitoring.domain.special_cause import Reading, Way

BEST_FIRST = ("outstanding", "good", "requires_improvement", "inadequate")
RATING = "ofsted_rating"
"""What stands where another alert names its KPI."""


def downgrades(agency: str, name: str, ratings: Sequence[tuple[str, datetime]]) -> list[Found]:
    """Every fall in an agency's ratings, in the order they were recorded; not yet inspected is no rating and no fall."""
    rated = [(rating, at) for rating, at in ratings if rating in BEST_FIRST]
    found = []
    for (before, _), (after, at) in itertools.pairwise(rated):
        if BEST_FIRST.index(after) > BEST_FIRST.index(before):
            day = at.astimezone(UK).date()
            words = f"Ofsted's rating of {name} fell from {_title(before)} to {_title(after)}, recorded on {day.day} {day:%B %Y}."
            figures = {"before": before, "after": after}
            scope = f"agency:{agency}"
            found.append(Found(RATING, scope, Cause.OFSTED_DOWNGRADE, Way.DOWN, Reading.CONCERN, day, day, None, words, figures))
    return found


def _title(rating: str) -> str:
    return rating.replace("_", " ")
