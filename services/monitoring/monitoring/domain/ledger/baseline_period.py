"""The period before the framework that spending is measured against: how many nights each lot and band had, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from monitoring.domain.facts import BaselinePrice
from monitoring.domain.ledger.effects import Effects, of_baseline
from monitoring.domain.ledger.pence import half_up, pence
from monitoring.domain.period import Period

ANCHOR = date(2000, 1, 1)
"""From where days are counted when a year's nights are spread over days: any fixed day does."""


@dataclass(frozen=True, slots=True)
class CellNights:
    """How many nights children slept in a lot and band over the whole baseline period, each child's night counted."""

    council: str
    lot: str
    band: str
    nights: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A lot and band of the baseline period: its nights and its weekly price then, in pence."""

    lot: str
    band: str
    nights: int
    weekly: int


@dataclass(frozen=True, slots=True)
class BaselinePeriod:
    """One council's nights and prices over the days from ``first`` to ``last``, and its average weekly price."""

    days: int
    cells: tuple[Cell, ...]
    average: Fraction

    def cost(self, cell: Cell, quarter: Period) -> tuple[int, Effects]:
        """What a cell's nights cost, spread evenly over the baseline period's days, for as many days as the quarter has; and why.

        Each of the two costs is rounded once from a fixed day, so quarters add up to years.
        """
        average = self._spread(cell.nights * self.average, quarter)
        baseline = self._spread(Fraction(cell.nights * cell.weekly), quarter)
        return baseline, of_baseline(average=average, baseline=baseline)

    def nights(self, cell: Cell, quarter: Period) -> int:
        """How many nights that is, rounded in the same way."""
        return self._spread(Fraction(cell.nights * 7), quarter)

    def _spread(self, weekly_times_nights: Fraction, quarter: Period) -> int:
        over, under = weekly_times_nights.numerator, weekly_times_nights.denominator * 7 * self.days
        before, until = (quarter.first - ANCHOR).days, (quarter.last + timedelta(days=1) - ANCHOR).days
        return half_up(over * until, under) - half_up(over * before, under)


def baseline_period(
    nights: Iterable[CellNights], prices: Mapping[tuple[str, str], list[BaselinePrice]], *, first: date, last: date
) -> BaselinePeriod | None:
    """A council's baseline period with the prices in force on its last day; None where no cell has nights and a price.

    ``prices`` are the council's by lot and band, earliest first. A cell without a price in force by then takes its first price:
    a list may begin with the framework.
    """
    cells = []
    for each in nights:
        held = prices.get((each.lot, each.band), [])
        if not held or not each.nights:
            continue
        in_force = [price for price in held if price.from_date <= last]
        cells.append(Cell(each.lot, each.band, each.nights, pence((in_force[-1] if in_force else held[0]).pounds_per_week)))
    if not cells:
        return None
    total = sum(cell.nights for cell in cells)
    average = Fraction(sum(cell.nights * cell.weekly for cell in cells), total)
    return BaselinePeriod((last - first).days + 1, tuple(cells), average)
