"""Prices of different months made comparable by an index the project manager uploads (a price index, as the ONS publishes them).

Real terms are the prices of the index's latest month. A baseline price is raised from the month from which it held; what was paid in a
quarter is raised from that quarter, whose index is the mean of its three months. A month the index does not have makes that line
have no real terms, and the month is named; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from monitoring.domain.ledger.pence import half_up


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """An index by month (its first day), and the month whose prices real terms are told in."""

    values: Mapping[date, Fraction]
    prices_of: date

    @classmethod
    def of(cls, values: Mapping[date, Fraction]) -> PriceIndex | None:
        """None without a value."""
        return cls(values, max(values)) if values else None

    def from_month(self, month: date) -> Fraction | None:
        """By how much a price of that month is raised; None where the month is missing."""
        value = self.values.get(month.replace(day=1))
        return None if value is None else self.values[self.prices_of] / value

    def from_quarter(self, begins: date) -> Fraction | None:
        """By how much an amount paid over that quarter is raised; None where one of its months is missing."""
        months = [self.values.get(month) for month in months_of(begins)]
        known = [value for value in months if value is not None]
        return None if len(known) < len(months) else self.values[self.prices_of] * len(known) / sum(known)

    def missing(self, begins: date) -> date | None:
        """The first month of a quarter that the index does not have."""
        return next((month for month in months_of(begins) if month not in self.values), None)


def months_of(begins: date) -> tuple[date, date, date]:
    """The first days of a quarter's three months."""
    return begins, begins.replace(month=begins.month + 1), begins.replace(month=begins.month + 2)


def raised(amount: int, by: Fraction) -> int:
    """Pence at other prices, to the penny, half up."""
    return half_up(amount * by.numerator, by.denominator)
