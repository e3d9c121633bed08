"""A child's age as it may be told: in whole years, with months only for a child under two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

ADULT = 18
MONTHS_UNDER_YEARS = 2


@dataclass(frozen=True)
class Age:
    """Whole years, and whole months since birth for a child under two; None from the second birthday on."""

    years: int
    months: int | None


def age_on(born: date, day: date) -> Age:
    """How old somebody born on ``born`` is on ``day``, counting completed years and months.

    A child born on 29 February turns a year older on 1 March of a year without one. ValueError when ``day`` is before birth.
    """
    if day < born:
        raise ValueError("the day is before the birth")
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if years >= MONTHS_UNDER_YEARS:
        return Age(years, None)
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return Age(years, months)
