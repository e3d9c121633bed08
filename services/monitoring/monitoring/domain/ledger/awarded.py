"""The framework's own prices: what each ranked agency was awarded for a week in each band of a lot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitoring.domain.facts import PriceBand
from monitoring.domain.ledger.pence import half_up

TIER_ONE = 1


class Source(StrEnum):
    """Where a placement's framework price comes from."""

    AWARDED = "awarded"
    """The list in force when the placement was agreed."""
    FIRST_LIST = "first_list"
    """The lot's first list, published after the placement was agreed."""
    AGREED = "agreed"
    """No framework price is known of this agency and lot: the agreed price stands in, so nothing was agreed beside it."""
    OWN_CARERS = "own_carers"
    """The council's own carers have no framework price; what they cost is all there is."""


@dataclass(frozen=True, slots=True)
class Award:
    """One agency's price in one band of a lot's list, in pence a week."""

    lot: str
    awarded_at: datetime
    agency: str
    tier: int
    band: str
    weekly: int


@dataclass(frozen=True, slots=True)
class AwardedList:
    """One published list of a lot: each agency's prices by band, and the mean of the tier-one agencies' by band."""

    awarded_at: datetime
    prices: Mapping[tuple[str, str], int]
    tier_one: Mapping[str, int]

    def price(self, agency: str, bands: Sequence[str]) -> int | None:
        """The week of all children together, in pence; None where one band has no price of this agency."""
        return _together(self.prices.get((agency, band)) for band in bands)

    def tier_one_price(self, bands: Sequence[str]) -> int | None:
        """The same at the mean of the agencies in tier one, each band's mean to the penny, half up."""
        return _together(self.tier_one.get(band) for band in bands)


def lists(awards: Iterable[Award]) -> dict[str, tuple[AwardedList, ...]]:
    """By lot its published lists, earliest first."""
    found: dict[tuple[str, datetime], list[Award]] = {}
    for award in awards:
        found.setdefault((award.lot, award.awarded_at), []).append(award)
    by_lot: dict[str, list[AwardedList]] = {}
    for (lot, awarded_at), lines in sorted(found.items()):
        top: dict[str, list[int]] = {}
        for line in lines:
            if line.tier == TIER_ONE:
                top.setdefault(line.band, []).append(line.weekly)
        means = {band: half_up(sum(prices), len(prices)) for band, prices in top.items()}
        by_lot.setdefault(lot, []).append(AwardedList(awarded_at, {(each.agency, each.band): each.weekly for each in lines}, means))
    return {lot: tuple(each) for lot, each in by_lot.items()}


def in_force(published: Sequence[AwardedList], agreed_at: datetime | None) -> tuple[AwardedList, Source] | None:
    """The list in force when a placement was agreed: the newest not later than that, else the first there was."""
    if not published:
        return None
    earlier = [each for each in published if agreed_at is not None and each.awarded_at <= agreed_at]
    return (earlier[-1], Source.AWARDED) if earlier else (published[0], Source.FIRST_LIST)


def bands_of(ages: Iterable[int], bands: Sequence[PriceBand]) -> tuple[str, ...] | None:
    """The band of each child; None where one has none, or nobody's age is known."""
    found = [next((band.code for band in bands if band.from_age <= age <= band.to_age), None) for age in ages]
    known = tuple(code for code in found if code is not None)
    return known if known and len(known) == len(found) else None


def _together(prices: Iterable[int | None]) -> int | None:
    total = 0
    for price in prices:
        if price is None:
            return None
        total += price
    return total
