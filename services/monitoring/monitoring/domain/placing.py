"""Where children were placed and how those placements ended."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_AGENCY, BY_COUNCIL_AND_LOT, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Placement, Records
from monitoring.domain.figure import Figure, LeftOut, Part, count, share
from monitoring.domain.period import Period

TOP_TIER = 1


def placements(records: Records, period: Period) -> Figure:
    """Placements agreed in the period and not cancelled since; a group of siblings in one home is one placement."""
    agreed = _agreed(records, period)
    children = sum(len(p.ages) for p in agreed)
    return count(len(agreed), parts=(Part("children in them", Decimal(children)),))


def placed_in_house(records: Records, period: Period) -> Figure:
    """Of the placements agreed in the period, those with a council's own fostering service."""
    agreed = _agreed(records, period)
    return share(sum(p.in_house for p in agreed), len(agreed))


def placed_tier_one(records: Records, period: Period) -> Figure:
    """Of the placements agreed with agencies in the period, those at tier one of the lot's list.

    In-house placements have no tier and are stated apart; an agency outside the published list counts as not tier one.
    """
    agreed = _agreed(records, period)
    bought = [p for p in agreed if not p.in_house]
    tiers = Counter("no tier" if p.tier is None else f"tier {p.tier}" for p in bought)
    return share(
        sum(p.tier == TOP_TIER for p in bought),
        len(bought),
        parts=[Part(tier, Decimal(n)) for tier, n in sorted(tiers.items())],
        left_out=[LeftOut(len(agreed) - len(bought), "placed in-house, where there are no tiers")],
    )


def placed_within_20_miles(records: Records, period: Period) -> Figure:
    """Of the placements agreed in the period whose distance is settled, those within 20 miles of home.

    A distance that only postcode districts could tell is undecided: stated apart, counted on neither side.
    """
    agreed = _agreed(records, period)
    near = sum(p.within_20_miles == "yes" for p in agreed)
    far = sum(p.within_20_miles == "no" for p in agreed)
    undecided = LeftOut(len(agreed) - near - far, "distance undecided: the full postcodes were not compared")
    return share(near, near + far, left_out=[undecided])


def unplanned_endings(records: Records, period: Period) -> Figure:
    """Of the placements that ended in the period, those whose ending or its timing was not in the plan."""
    ended = [p for p in records.placements if period.holds_day(p.ended_on)]
    return share(sum(p.ended_as_planned is False for p in ended), len(ended))


def beds_gone(records: Records, period: Period) -> Figure:
    """Of the beds that councils chose and asked for in the period, those already gone: how often they compete for one home."""
    asked = [r for r in records.bed_requests if period.holds(r.answered_at)]
    return share(sum(not r.granted for r in asked), len(asked))


def _agreed(records: Records, period: Period) -> list[Placement]:
    return [p for p in records.placements if period.holds(p.agreed_at) and not p.cancelled]


KPIS = (
    Definition(
        "beds_gone",
        "Chosen beds already gone",
        "How often do councils choose a bed that another has just taken?",
        "of those, the beds already gone",
        "beds that councils asked for in the period",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        beds_gone,
    ),
    Definition(
        "placements",
        "Placements agreed",
        "How many homes were agreed?",
        "placements agreed in the period and not cancelled; siblings in one home are one placement",
        None,
        Unit.NUMBER,
        Direction.NEITHER,
        EVERYBODY,
        ANY_WAY,
        placements,
    ),
    Definition(
        "placed_in_house",
        "Placed in-house",
        "How many placements were with the council's own carers?",
        "of those, with the council's own fostering service",
        "placements agreed in the period",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        BY_COUNCIL_AND_LOT,
        placed_in_house,
    ),
    Definition(
        "placed_tier_one",
        "Placed at tier one",
        "Do agencies of the first tier take most placements?",
        "of those, at tier one",
        "placements agreed with agencies in the period",
        Unit.PER_CENT,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        placed_tier_one,
    ),
    Definition(
        "placed_within_20_miles",
        "Placed within 20 miles",
        "Are children placed near home?",
        "of those, within 20 miles of home",
        "placements agreed in the period whose distance is settled",
        Unit.PER_CENT,
        Direction.HIGHER,
        EVERYBODY,
        ANY_WAY,
        placed_within_20_miles,
    ),
    Definition(
        "unplanned_endings",
        "Unplanned endings",
        "How many placements break down?",
        "of those, endings that were not in the plan, or not at that time",
        "placements that ended in the period",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        ANY_WAY,
        unplanned_endings,
    ),
)
"""The KPIs counted here."""
