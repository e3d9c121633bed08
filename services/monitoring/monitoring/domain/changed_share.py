"""Whether a share has changed, for series too small for a chart's limits: agencies and councils with a handful of records a month.

The last three to twelve months are compared with the months before them by Fisher's exact test, so that the uncertainty of the
earlier months counts as well. Of all those spans the least likely is taken, and its chance multiplied by two sides and by how many
spans are looked at (Bonferroni). Where months have differed by more than chance allows, the counts are divided by that excess first: a
series that always jumps must jump further to be news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from monitoring.domain.chance import same_share_tails
from monitoring.domain.special_cause import Way

SPANS = range(3, 13)
"""How many recent months are tried."""
FEWEST_BEFORE = 12
"""Calendar months with records that must lie before the recent ones: a year, so that every season is among them."""
LONGEST_BEFORE = 36
FEWEST_RECENT = 5
"""Records the recent months need; fewer tell nothing."""
THRESHOLD = 1 / 2500
"""At most this chance, over all spans and both sides, makes a signal: see docs/trends.md for how many false ones that lets through."""


@dataclass(frozen=True, slots=True)
class MonthShare:
    """One month's records: how many are marked, of how many. A month without records is left out by the caller."""

    month: date
    marked: int
    records: int


@dataclass(frozen=True, slots=True)
class ChangedShare:
    """Since when the share differs, from what to what, and how unlikely that is."""

    way: Way
    first: date
    last: date
    marked: int
    records: int
    marked_before: int
    records_before: int
    excess: float
    """By how much months before differed beyond chance; 1 when they did not."""
    chance: float


def excess_of(months: Sequence[MonthShare]) -> float:
    """How many times more the months differ among themselves than chance makes them (Pearson's chi-square by its degrees); at least 1."""
    records = sum(each.records for each in months)
    share = sum(each.marked for each in months) / records if records else 0.0
    if len(months) < 2 or share in (0.0, 1.0):
        return 1.0
    squares = sum((each.marked - each.records * share) ** 2 / (each.records * share * (1 - share)) for each in months)
    return max(1.0, squares / (len(months) - 1))


def changed(months: Sequence[MonthShare], *, after: date | None = None, threshold: float = THRESHOLD) -> ChangedShare | None:
    """The least likely change that ends at the last month, if it is unlikely enough; ``after``: only one that begins after that month.

    None too when fewer than twelve months with records lie before the recent ones.
    """
    found: list[ChangedShare] = []
    for span in SPANS:
        before, recent = months[max(0, len(months) - span - LONGEST_BEFORE) : -span], months[-span:]
        if len(before) < FEWEST_BEFORE or sum(each.records for each in recent) < FEWEST_RECENT:
            continue
        if after is not None and recent[0].month <= after:
            continue
        found.append(_compared(before, recent))
    if not found:
        return None
    least = min(found, key=lambda each: each.chance)
    corrected = min(1.0, least.chance * 2 * len(SPANS))
    if corrected > threshold:
        return None
    return ChangedShare(
        least.way,
        least.first,
        least.last,
        least.marked,
        least.records,
        least.marked_before,
        least.records_before,
        least.excess,
        corrected,
    )


def _compared(before: Sequence[MonthShare], recent: Sequence[MonthShare]) -> ChangedShare:
    excess = excess_of(before)
    k, n = sum(each.marked for each in recent), sum(each.records for each in recent)
    k0, n0 = sum(each.marked for each in before), sum(each.records for each in before)
    way = Way.UP if k * n0 > k0 * n else Way.DOWN
    # Divided counts are rounded towards no change, so that rounding never makes an alarm.
    towards, away = (floor, ceil) if way is Way.UP else (ceil, floor)
    small_n, small_n0 = max(1, floor(n / excess)), max(1, floor(n0 / excess))
    lower, upper = same_share_tails(min(small_n, towards(k / excess)), small_n, min(small_n0, away(k0 / excess)), small_n0)
    return ChangedShare(way, recent[0].month, recent[-1].month, k, n, k0, n0, excess, upper if way is Way.UP else lower)
