"""The consortium that a past is made for, as a running Hearth tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Agency:
    """One registered agency."""

    urn: str
    name: str
    rating: str
    sector: str
    inspected_on: date | None = None
    companies_house_number: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot: the kinds of placement it is for, and its age bands (code, first and last age)."""

    code: str
    kinds: tuple[str, ...]
    bands: tuple[tuple[str, int, int], ...]

    def band_of(self, age: int) -> str | None:
        """The band an age falls in, if one."""
        return next((code for code, first, last in self.bands if first <= age <= last), None)


@dataclass(frozen=True, slots=True)
class Found:
    """Who there is and what is published. Lists are in the order of their codes, so that a seed means the same each time."""

    councils: tuple[str, ...]
    agencies: tuple[Agency, ...]
    lots: tuple[Lot, ...]
    tiers: Mapping[tuple[str, str], int]
    """Lot and Ofsted number → tier of the published list."""
    baseline: Mapping[tuple[str, str, str], Decimal]
    """Council, lot and band → pounds a week before the framework, as in force."""
