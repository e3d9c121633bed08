"""Who is commissioned, how much, and how concentrated that is: from sums over placements, one for each provider, tier and lot.

Concentration is told as in the United Kingdom's merger assessments: the Herfindahl–Hirschman index is the sum of the squares of the
agencies' shares in per cent, 10,000 for one agency alone and near nought for very many alike; above 1,000 is called concentrated, above
2,000 highly concentrated (Competition Commission and Office of Fair Trading, Merger Assessment Guidelines, 2010). Own carers are stated
apart: they are no supplier and no share of the market.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.facts import IN_HOUSE
from monitoring.domain.figure import TENTH, rounded

CONCENTRATED, HIGHLY = 1_000, 2_000
TOP = 3


@dataclass(frozen=True, slots=True)
class Use:
    """What one provider had of one lot at one tier: placements agreed in the period, nights slept in it, and pence charged for them."""

    provider: str
    tier: int | None
    lot: str
    placements: int
    nights: int
    pence: int

    @property
    def in_house(self) -> bool:
        """Whether it is a council's own fostering service."""
        return self.provider.startswith(IN_HOUSE)


@dataclass(frozen=True, slots=True)
class Share:
    """One provider, tier or lot: its sums, and its share of the placements and of the spending in per cent; None of nothing."""

    code: str
    placements: int
    nights: int
    pence: int
    of_placements: Decimal | None
    of_spend: Decimal | None


@dataclass(frozen=True, slots=True)
class Concentration:
    """How far few agencies have it all. ``index`` and ``top`` are None where nothing was bought."""

    agencies: int
    index: Decimal | None
    top: Decimal | None

    @property
    def words(self) -> str:
        """What it says, for people."""
        if self.index is None or self.top is None:
            return "No agency had any, so there is nothing that could be concentrated."
        level = (
            "highly concentrated: losing one agency would be felt at once"
            if self.index > HIGHLY
            else "concentrated: a few agencies carry most of it"
            if self.index > CONCENTRATED
            else "spread over many agencies"
        )
        three = f"The three largest have {self.top} per cent" if self.agencies > TOP else "There are only three agencies or fewer in it"
        return f"An index of {self.index:,.0f} of 10,000 is {level}. {three}."


@dataclass(frozen=True, slots=True)
class TierOfLot:
    """A tier of a lot's published list: how many agencies stand in it, how many of them were used, and their placements."""

    lot: str
    tier: int
    agencies: int
    used: int
    placements: int


@dataclass(frozen=True, slots=True)
class Market:
    """The market of one scope."""

    agencies: tuple[Share, ...]
    """Most often commissioned first."""
    tiers: tuple[Share, ...]
    """tier 1, tier 2 …, no tier, in-house."""
    by_placements: Concentration
    by_spend: Concentration
    never_used: tuple[str, ...]
    """Agencies of a published list without one placement agreed or night slept in the period."""
    tiers_of_lots: tuple[TierOfLot, ...]


def market(uses: Sequence[Use], published: Mapping[str, Iterable[tuple[str, int]]]) -> Market:
    """The whole picture. ``published`` are the lots' lists as they stand: agency and tier."""
    bought = [use for use in uses if not use.in_house]
    agencies = _shares((use.provider.removeprefix("agency:"), use) for use in bought)
    tiers = _shares((_tier(use), use) for use in uses)
    used = {share.code for share in agencies}
    listed = {agency for lines in published.values() for agency, _ in lines}
    return Market(
        agencies,
        tuple(sorted(tiers, key=lambda share: (share.code == "in-house", share.code == "no tier", share.code))),
        _concentration([share.placements for share in agencies]),
        _concentration([share.pence for share in agencies]),
        tuple(sorted(listed - used)),
        tuple(_of_lots(bought, published)),
    )


def _shares(uses: Iterable[tuple[str, Use]]) -> tuple[Share, ...]:
    sums: dict[str, tuple[int, int, int]] = {}
    for code, use in uses:
        placements, nights, pence = sums.get(code, (0, 0, 0))
        sums[code] = placements + use.placements, nights + use.nights, pence + use.pence
    all_placements = sum(placements for placements, _, _ in sums.values())
    all_pence = sum(pence for _, _, pence in sums.values())
    found = [
        Share(code, placements, nights, pence, _per_cent(placements, all_placements), _per_cent(pence, all_pence))
        for code, (placements, nights, pence) in sums.items()
    ]
    return tuple(sorted(found, key=lambda share: (-share.placements, -share.pence, share.code)))


def _concentration(amounts: Sequence[int]) -> Concentration:
    present = sorted((amount for amount in amounts if amount > 0), reverse=True)
    whole = sum(present)
    if not whole:
        return Concentration(0, None, None)
    index = Fraction(sum((100 * amount) ** 2 for amount in present), whole**2)
    return Concentration(len(present), rounded(index, Decimal(1)), rounded(Fraction(100 * sum(present[:TOP]), whole), TENTH))


def _of_lots(bought: Sequence[Use], published: Mapping[str, Iterable[tuple[str, int]]]) -> Iterable[TierOfLot]:
    for lot, lines in sorted(published.items()):
        members: dict[int, set[str]] = {}
        for agency, tier in lines:
            members.setdefault(tier, set()).add(agency)
        for tier, agencies in sorted(members.items()):
            at_tier = [use for use in bought if use.lot == lot and use.tier == tier]
            used = {use.provider.removeprefix("agency:") for use in at_tier} & agencies
            yield TierOfLot(lot, tier, len(agencies), len(used), sum(use.placements for use in at_tier))


def _tier(use: Use) -> str:
    return "in-house" if use.in_house else "no tier" if use.tier is None else f"tier {use.tier}"


def _per_cent(part: int, whole: int) -> Decimal | None:
    return rounded(Fraction(100 * part, whole), TENTH) if whole else None
