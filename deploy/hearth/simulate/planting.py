"""What is planted in a past, so that it is known what an alert should find: in which agency, since when, how strong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from random import Random


class Plant(StrEnum):
    """What can be planted. Each begins on the first of a month and stays."""

    MORE_UNPLANNED_ENDINGS = "more_unplanned_endings"
    FEWER_UNPLANNED_ENDINGS = "fewer_unplanned_endings"
    SLOWER_REPLIES = "slower_replies"
    FEWER_OFFERS = "fewer_offers"
    PRICE_SHOCK = "price_shock"
    OFSTED_DOWNGRADE = "ofsted_downgrade"
    LATE_RETURNS = "late_returns"


ALL = frozenset(Plant)

STRENGTH = {
    Plant.MORE_UNPLANNED_ENDINGS: 3.2,
    Plant.FEWER_UNPLANNED_ENDINGS: 0.15,
    Plant.SLOWER_REPLIES: 3.5,
    Plant.FEWER_OFFERS: 0.25,
    Plant.PRICE_SHOCK: 1.13,
    Plant.OFSTED_DOWNGRADE: 0.3,
    Plant.LATE_RETURNS: 24,
}
"""Times the agency's usual share of unplanned endings, hours to reply, offers, or price; days late for returns. A downgraded agency makes
so many times its usual offers: councils ask it less."""

OF_FEW_RECORDS = (Plant.MORE_UNPLANNED_ENDINGS, Plant.FEWER_UNPLANNED_ENDINGS)
"""An agency has few endings a month, so these are planted in the two largest, and strongly: the past of `make demo` is three tenths of a
whole one, and what slips there must be told from chance within a year."""

SEEN_IN = {
    Plant.MORE_UNPLANNED_ENDINGS: (("unplanned_endings", "up"),),
    Plant.FEWER_UNPLANNED_ENDINGS: (("unplanned_endings", "down"),),
    Plant.SLOWER_REPLIES: (("time_to_first_offer_median", "up"),),
    Plant.FEWER_OFFERS: (("offers_made", "down"),),
    Plant.PRICE_SHOCK: (("agreed_below_baseline", "down"), ("savings_per_cent", "down")),
    Plant.OFSTED_DOWNGRADE: (("offers_made", "down"), ("placements", "down")),
    Plant.LATE_RETURNS: (("returns_on_time", "down"),),
}
"""In which KPIs of that agency each is expected to be seen, and in which direction."""

WORDS = {
    Plant.MORE_UNPLANNED_ENDINGS: "slips: its placements begin to end unplanned",
    Plant.FEWER_UNPLANNED_ENDINGS: "improves: few of its placements end unplanned any more",
    Plant.SLOWER_REPLIES: "slips: it answers referrals days later than before",
    Plant.FEWER_OFFERS: "slips: it offers for far fewer referrals",
    Plant.PRICE_SHOCK: "raises its prices above the councils' own before the framework",
    Plant.OFSTED_DOWNGRADE: "is judged to require improvement, below the gate",
    Plant.LATE_RETURNS: "hands its quarterly returns in weeks late",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing planted: what, in which agency, from the first of which month on, how strong."""

    plant: Plant
    agency: str
    since: date
    strength: float

    @property
    def as_told(self) -> dict[str, object]:
        """A line of the truth file."""
        return {
            "planted": str(self.plant),
            "agency": self.agency,
            "since": self.since.isoformat(),
            "strength": self.strength,
            "in_words": f"agency {self.agency} {WORDS[self.plant]}",
            "seen_in": [{"kpi": kpi, "direction": direction} for kpi, direction in SEEN_IN[self.plant]],
        }


def planted(wanted: Iterable[Plant], candidates: Sequence[str], months: Sequence[date], chance: Random) -> tuple[Planted, ...]:
    """Choose an agency and a month for each thing wanted, each agency once.

    ``candidates`` are agencies, those with most placements first, since what happens to few children shows in no figure. A
    planting begins when at least a year, or in a short past the first third, has gone by, and a third of the past is left to see it in.
    """
    listed = sorted(set(wanted))
    rest = list(candidates[len(OF_FEW_RECORDS) : len(Plant)])
    chance.shuffle(rest)
    others = (plant for plant in sorted(Plant) if plant not in OF_FEW_RECORDS)
    whom = dict(zip((*OF_FEW_RECORDS, *others), (*candidates[: len(OF_FEW_RECORDS)], *rest), strict=False))
    first, last = min(12, len(months) // 3), len(months) - max(4, len(months) // 3)
    found = []
    # Drawn for every kind, wanted or not, so that leaving one out leaves the others as they are.
    for plant, agency in sorted(whom.items()):
        since = months[chance.randint(min(first, last), max(first, last))]
        if plant in listed:
            found.append(Planted(plant, agency, since, STRENGTH[plant]))
    return tuple(found)
