"""Where children were placed and how those placements ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from monitoring.domain.counted import LEFT_OUT, NOUGHT, ONE, Counted, Summary
from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_AGENCY, BY_COUNCIL_AND_LOT, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.demand import each_part
from monitoring.domain.facts import Placement, Records, agency_of
from monitoring.domain.figure import Part, Tally
from monitoring.domain.period import Period, uk_day
from monitoring.domain.tiers import tier_words

TOP_TIER = 1
UNDECIDED = LEFT_OUT + "distance undecided: the full postcodes were not compared"
AREA_UNKNOWN = LEFT_OUT + "not known in whose area the home is"
NO_TIERS_IN_HOUSE = LEFT_OUT + "placed in-house, where there are no tiers"


def placements(records: Records, period: Period) -> tuple[Counted, ...]:
    """Placements agreed in the period and not cancelled since; a group of siblings in one home is one placement."""
    return tuple(counted_placement(p, on, True, children=len(p.ages)) for p, on in agreed(records, period))


def placed_in_house(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements agreed in the period, those with a council's own fostering service."""
    return tuple(counted_placement(p, on, p.in_house) for p, on in agreed(records, period))


def placed_tier_one(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements agreed with agencies in the period, those at tier one of the lot's list.

    In-house placements have no tier and are stated apart; an agency outside the published list counts as not tier one.
    """
    return tuple(
        left_out_placement(p, on, NO_TIERS_IN_HOUSE) if p.in_house else counted_placement(p, on, p.tier == TOP_TIER, tier_words(p.tier))
        for p, on in agreed(records, period)
    )


def placed_within_20_miles(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements agreed in the period whose distance is settled, those within 20 miles of home.

    A distance that only postcode districts could tell is undecided: stated apart, counted on neither side.
    """
    return tuple(
        counted_placement(p, on, p.within_20_miles == "yes") if p.within_20_miles in ("yes", "no") else left_out_placement(p, on, UNDECIDED)
        for p, on in agreed(records, period)
    )


def placed_in_area(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements agreed in the period whose home's area is known, those in the area of the council that places the child."""
    areas: dict[UUID | None, str | None] = {request.hold: request.lives_in for request in records.bed_requests if request.hold is not None}
    return tuple(
        left_out_placement(p, on, AREA_UNKNOWN) if (area := areas.get(p.hold)) is None else counted_placement(p, on, area == p.council)
        for p, on in agreed(records, period)
    )


def unplanned_endings(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the placements that ended in the period, those whose ending or its timing was not in the plan."""
    return tuple(counted_placement(p, on, p.ended_as_planned is False) for p, on in ended(records, period))


def beds_gone(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the beds that councils chose and asked for in the period, those already gone: how often they compete for one home."""
    return tuple(
        Counted(
            "bed_request",
            str(r.id),
            uk_day(r.answered_at),
            NOUGHT if r.granted else ONE,
            ONE,
            council=r.council,
            agency=agency_of(r.provider),
        )
        for r in records.bed_requests
        if period.holds(r.answered_at)
    )


def agreed(records: Records, period: Period) -> Iterator[tuple[Placement, date]]:
    """The placements agreed in the period and not cancelled since, each with its UK day."""
    opens, closes = period.opens, period.closes
    return (
        (p, uk_day(p.agreed_at))
        for p in records.placements
        if p.agreed_at is not None and opens <= p.agreed_at < closes and not p.cancelled
    )


def ended(records: Records, period: Period) -> Iterator[tuple[Placement, date]]:
    """The placements that ended in the period, each with its last day."""
    return ((p, p.ended_on) for p in records.placements if p.ended_on is not None and period.holds_day(p.ended_on))


def counted_placement(placement: Placement, on: date, yes: bool, part: str = "", *, children: int = 1) -> Counted:
    """A placement counted on a day, on the numerator's side or only the denominator's."""
    return Counted(
        "placement",
        str(placement.id),
        on,
        ONE if yes else NOUGHT,
        Decimal(children),
        placement.council,
        agency_of(placement.provider),
        placement.lot,
        part,
    )


def left_out_placement(placement: Placement, on: date, why: str) -> Counted:
    """A placement that could not be counted, and why."""
    return Counted("placement", str(placement.id), on, NOUGHT, NOUGHT, placement.council, agency_of(placement.provider), placement.lot, why)


def _children(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    return (Part("children in them", sum((tally.denominator for tally in tallies), NOUGHT)),)


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
        Summary.RATIO,
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
        Summary.TOTAL,
        parts=_children,
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
        Summary.RATIO,
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
        Summary.RATIO,
        parts=each_part,
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
        Summary.RATIO,
    ),
    Definition(
        "placed_in_area",
        "Placed in the council's own area",
        "Do children stay where their council can look after them?",
        "of those, in the area of the council that places the child",
        "placements agreed in the period whose home's area is known",
        Unit.PER_CENT,
        Direction.HIGHER,
        EVERYBODY,
        ANY_WAY,
        placed_in_area,
        Summary.RATIO,
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
        Summary.RATIO,
    ),
)
"""The KPIs counted here."""
