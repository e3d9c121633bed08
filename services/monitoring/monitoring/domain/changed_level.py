"""Whether a wait or a price has changed, for series too small for a chart's limits: by the order of single records, not by their size.

As :mod:`monitoring.domain.changed_share`, but for what is measured and not counted. The records of the last three to twelve months are
ranked among those before (Mann and Whitney's test, ties by the middle rank, the normal distribution for its tail), so that one enormous
wait is one record and no more. Where months differed by more than chance (Kruskal and Wallis), the distance is divided by that excess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import erfc, sqrt
from statistics import median

from monitoring.domain.changed_share import FEWEST_BEFORE, FEWEST_RECENT, LONGEST_BEFORE, SPANS, THRESHOLD
from monitoring.domain.special_cause import Way


@dataclass(frozen=True, slots=True)
class MonthLevels:
    """One month's records, each by its measure. A month without records is left out by the caller."""

    month: date
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ChangedLevel:
    """Since when the measure differs, the middle before and after, and how unlikely that is."""

    way: Way
    first: date
    last: date
    middle: float
    records: int
    middle_before: float
    records_before: int
    excess: float
    chance: float


def ranks(values: Sequence[float]) -> list[float]:
    """Each value's rank from 1, those alike by the middle of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found, begins = [0.0] * len(values), 0
    while begins < len(order):
        ends = begins
        while ends < len(order) and values[order[ends]] == values[order[begins]]:
            ends += 1
        for place in range(begins, ends):
            found[order[place]] = (begins + 1 + ends) / 2
        begins = ends
    return found


def excess_of(months: Sequence[MonthLevels]) -> float:
    """How many times more the months' mean ranks differ than by chance (Kruskal and Wallis' statistic by its degrees); at least 1."""
    every = [value for each in months for value in each.values]
    ranked, total = ranks(every), len(every)
    middle = (total + 1) / 2
    spread = sum((rank - middle) ** 2 for rank in ranked) / max(total - 1, 1)
    if len(months) < 2 or not spread:
        return 1.0
    between, place = 0.0, 0
    for each in months:
        part = ranked[place : place + len(each.values)]
        place += len(part)
        between += len(part) * (sum(part) / len(part) - middle) ** 2
    return max(1.0, between / spread / (len(months) - 1))


def changed(months: Sequence[MonthLevels], *, after: date | None = None, threshold: float = THRESHOLD) -> ChangedLevel | None:
    """The least likely change that ends at the last month, if it is unlikely enough; ``after``: only one that begins after that month."""
    least: ChangedLevel | None = None
    for span in SPANS:
        before, recent = months[max(0, len(months) - span - LONGEST_BEFORE) : -span], months[-span:]
        if len(before) < FEWEST_BEFORE or sum(len(each.values) for each in recent) < FEWEST_RECENT:
            continue
        if after is not None and recent[0].month <= after:
            continue
        found = _compared(before, recent)
        if least is None or found.chance < least.chance:
            least = found
    return least if least is not None and least.chance <= threshold else None


def _compared(before: Sequence[MonthLevels], recent: Sequence[MonthLevels]) -> ChangedLevel:
    old = [value for each in before for value in each.values]
    new = [value for each in recent for value in each.values]
    ranked = ranks(old + new)
    total = len(ranked)
    middle = (total + 1) / 2
    spread = sum((rank - middle) ** 2 for rank in ranked) / max(total - 1, 1)
    excess = excess_of(before)
    distance = sum(ranked[len(old) :]) - len(new) * middle
    deviation = sqrt(spread * len(old) * len(new) / total * excess)
    one_side = erfc(abs(distance) / deviation / sqrt(2)) / 2 if deviation else 0.5
    chance = min(1.0, one_side * 2 * len(SPANS))
    way = Way.UP if distance > 0 else Way.DOWN
    return ChangedLevel(way, recent[0].month, recent[-1].month, median(new), len(new), median(old), len(old), excess, chance)
