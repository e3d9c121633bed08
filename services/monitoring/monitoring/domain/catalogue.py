"""Every KPI, declared once: its question, what is divided by what, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from monitoring.domain import beds, demand, money, placing, stability
from monitoring.domain.facts import Records
from monitoring.domain.figure import Figure
from monitoring.domain.period import Period


class Unit(StrEnum):
    """What a value counts."""

    NUMBER = "number"
    PER_CENT = "per_cent"
    HOURS = "hours"
    DAYS = "days"
    POUNDS = "pounds"


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher_is_better"
    LOWER = "lower_is_better"
    NEITHER = "neither"


class Reader(StrEnum):
    """The kinds of organisation that may see a figure, each over its own records only; the consortium over all."""

    COUNCIL = "council"
    AGENCY = "agency"
    CONSORTIUM = "consortium"


class Dimension(StrEnum):
    """What a figure can be asked for separately."""

    COUNCIL = "council"
    AGENCY = "agency"
    LOT = "lot"


EVERYBODY = frozenset(Reader)
BUYERS = frozenset({Reader.COUNCIL, Reader.CONSORTIUM})
ANY_WAY = frozenset(Dimension)
BY_COUNCIL_AND_LOT = frozenset({Dimension.COUNCIL, Dimension.LOT})
BY_COUNCIL_AND_AGENCY = frozenset({Dimension.COUNCIL, Dimension.AGENCY})
BY_COUNCIL = frozenset({Dimension.COUNCIL})

Formula = Callable[[Records, Period], Figure]


@dataclass(frozen=True, slots=True)
class Definition:
    """One KPI. ``numerator`` and ``denominator`` say in words what the formula counts; a count has no denominator."""

    name: str
    title: str
    question: str
    numerator: str
    denominator: str | None
    unit: Unit
    direction: Direction
    seen_by: frozenset[Reader]
    divided_by: frozenset[Dimension]
    formula: Formula


CATALOGUE: tuple[Definition, ...] = (
    Definition(
        "referrals", "Referrals", "How many referrals did councils begin?",
        "referrals begun in the period, re-referrals among them", None,
        Unit.NUMBER, Direction.NEITHER, BUYERS, BY_COUNCIL_AND_LOT, demand.referrals,
    ),
    Definition(
        "demand", "Needs, re-referrals counted once", "For how many needs was a home looked for?",
        "chains of a referral and its re-referrals with at least one begun in the period", None,
        Unit.NUMBER, Direction.NEITHER, BUYERS, BY_COUNCIL_AND_LOT, demand.demand,
    ),
    Definition(
        "offers_made", "Offers made", "How many homes did providers offer?",
        "offers made in the period, whatever became of them", None,
        Unit.NUMBER, Direction.HIGHER, EVERYBODY, ANY_WAY, demand.offers_made,
    ),
    Definition(
        "offers_chosen", "Offers chosen", "How many offers became a home?",
        "of those offers, the ones a council chose and got the bed for", "offers made in the period",
        Unit.PER_CENT, Direction.NEITHER, EVERYBODY, ANY_WAY, demand.offers_chosen,
    ),
    Definition(
        "offers_per_referral", "Offers per referral, by tier", "Does a broadcast bring a choice?",
        "offers made on those referrals, at any time", "referrals broadcast in the period",
        Unit.NUMBER, Direction.HIGHER, BUYERS, ANY_WAY, demand.offers_per_referral,
    ),
    Definition(
        "time_to_first_offer_median", "Time to first offer: median", "How long does a council wait for its first offer?",
        "hours from broadcast to first offer, the middle one", "referrals broadcast in the period that got an offer",
        Unit.HOURS, Direction.LOWER, BUYERS, ANY_WAY, partial(demand.time_to_first_offer, hundredth=50),
    ),
    Definition(
        "time_to_first_offer_p90", "Time to first offer: nine in ten within", "How long do the slowest first offers take?",
        "hours from broadcast to first offer, nine in ten were no longer", "referrals broadcast in the period that got an offer",
        Unit.HOURS, Direction.LOWER, BUYERS, ANY_WAY, partial(demand.time_to_first_offer, hundredth=90),
    ),
    Definition(
        "time_to_placement_median", "Time to placement: median", "How long from referral to an agreed home?",
        "days from the start of the referral to its first agreement, the middle one", "referrals first placed in the period",
        Unit.DAYS, Direction.LOWER, BUYERS, ANY_WAY, partial(demand.time_to_placement, hundredth=50),
    ),
    Definition(
        "time_to_placement_p90", "Time to placement: nine in ten within", "How long do the slowest placements take?",
        "days from the start of the referral to its first agreement, nine in ten were no longer", "referrals first placed in the period",
        Unit.DAYS, Direction.LOWER, BUYERS, ANY_WAY, partial(demand.time_to_placement, hundredth=90),
    ),
    Definition(
        "declines", "Opportunities declined", "How often do providers say no, and on whose side is the reason?",
        "opportunities declined in the period", None,
        Unit.NUMBER, Direction.LOWER, EVERYBODY, BY_COUNCIL_AND_AGENCY, demand.declines,
    ),
    Definition(
        "beds_gone", "Chosen beds already gone", "How often do councils choose a bed that another has just taken?",
        "of those, the beds already gone", "beds that councils asked for in the period",
        Unit.PER_CENT, Direction.LOWER, EVERYBODY, BY_COUNCIL_AND_AGENCY, placing.beds_gone,
    ),
    Definition(
        "placements", "Placements agreed", "How many homes were agreed?",
        "placements agreed in the period and not cancelled; siblings in one home are one placement", None,
        Unit.NUMBER, Direction.NEITHER, EVERYBODY, ANY_WAY, placing.placements,
    ),
    Definition(
        "placed_in_house", "Placed in-house", "How many placements were with the council's own carers?",
        "of those, with the council's own fostering service", "placements agreed in the period",
        Unit.PER_CENT, Direction.HIGHER, BUYERS, BY_COUNCIL_AND_LOT, placing.placed_in_house,
    ),
    Definition(
        "placed_tier_one", "Placed at tier one", "Do agencies of the first tier take most placements?",
        "of those, at tier one", "placements agreed with agencies in the period",
        Unit.PER_CENT, Direction.HIGHER, BUYERS, ANY_WAY, placing.placed_tier_one,
    ),
    Definition(
        "placed_within_20_miles", "Placed within 20 miles", "Are children placed near home?",
        "of those, within 20 miles of home", "placements agreed in the period whose distance is settled",
        Unit.PER_CENT, Direction.HIGHER, EVERYBODY, ANY_WAY, placing.placed_within_20_miles,
    ),
    Definition(
        "unplanned_endings", "Unplanned endings", "How many placements break down?",
        "of those, endings that were not in the plan, or not at that time", "placements that ended in the period",
        Unit.PER_CENT, Direction.LOWER, EVERYBODY, ANY_WAY, placing.unplanned_endings,
    ),
    Definition(
        "stability_1", "Stability 1: three or more placements in the year", "How many children are moved again and again?",
        "of those, children who reached a third placement",
        "children placed between 1 April and the last day of the period, one continuing over 1 April counted",
        Unit.PER_CENT, Direction.LOWER, BUYERS, BY_COUNCIL, stability.stability_1,
    ),
    Definition(
        "spend", "Spend", "What did the placements cost?",
        "weekly price by nights in the period: the day of arrival counts, the day of leaving does not", None,
        Unit.POUNDS, Direction.NEITHER, EVERYBODY, ANY_WAY, money.spend,
    ),
    Definition(
        "savings_pounds", "Savings in pounds", "What was saved against the councils' own prices before the framework?",
        "cost at the baseline less cost paid, of agencies' placements with a baseline price", None,
        Unit.POUNDS, Direction.HIGHER, BUYERS, ANY_WAY, money.savings_pounds,
    ),
    Definition(
        "savings_per_cent", "Savings in per cent", "Is the expected average saving reached?",
        "cost at the baseline less cost paid", "cost at the baseline of the same nights",
        Unit.PER_CENT, Direction.HIGHER, BUYERS, ANY_WAY, money.savings_per_cent,
    ),
    Definition(
        "beds_approved", "Approved places", "How many children may the recorded households take?",
        "approved places at the end of the period; for a council, its own fostering service's", None,
        Unit.NUMBER, Direction.HIGHER, EVERYBODY, BY_COUNCIL_AND_AGENCY, beds.beds_approved,
    ),
    Definition(
        "beds_vacant", "Vacant beds", "How many beds could be taken?",
        "free beds of published vacancies at the end of the period; for a council, its own fostering service's", None,
        Unit.NUMBER, Direction.NEITHER, EVERYBODY, ANY_WAY, beds.beds_vacant,
    ),
    Definition(
        "beds_filled", "Filled beds", "How many beds taken through Hearth are lived in?",
        "beds lived in at the end of the period; for a council, its own fostering service's", None,
        Unit.NUMBER, Direction.HIGHER, EVERYBODY, ANY_WAY, beds.beds_filled,
    ),
)

KPIS: dict[str, Definition] = {definition.name: definition for definition in CATALOGUE}


def seen_by(reader: Reader) -> tuple[Definition, ...]:
    """The KPIs that a kind of organisation may see, in the catalogue's order."""
    return tuple(definition for definition in CATALOGUE if reader in definition.seen_by)
