"""League tables of a lot's agencies, with how far a rank can be trusted.

Norfolk's table scored carers recruited, Ofsted's rating and stability. Here each part gives 0 to 100 points and the parts are weighed as
``league_weights.csv`` says, a line a lot (``*``: every lot without lines of its own). Points of stability rest on a handful of endings, so
they carry Wilson's 95 per cent interval, and with it the score. Two agencies whose scores' intervals overlap cannot be told apart; a rank
is an interval from 1 + those surely better to all less those surely worse.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from monitoring.domain.chance import Interval, wilson

PARTS = ("carers", "ofsted", "stability")
OFSTED_POINTS = {"outstanding": 100.0, "good": 70.0, "requires_improvement": 30.0, "inadequate": 0.0}
FULL_GROWTH = 0.20
"""A fifth more households in the period earns all points of recruiting; none more, or fewer, earns none."""
WORDS = {
    "carers": "Carers recruited: households at the end against the beginning of the period; 0 points for none more, 100 for a fifth more.",
    "ofsted": "Ofsted: outstanding 100 points, good 70, requires improvement 30, inadequate 0.",
    "stability": "Stability: 100 points less the share of endings that were unplanned, in per cent.",
}


@dataclass(frozen=True, slots=True)
class Entrant:
    """One agency of the lot, with what its score is made of. None where nothing is known."""

    agency: str
    name: str
    tier: int | None
    rank_in_tier_list: int | None
    rating: str | None
    households_before: int | None
    households_now: int | None
    unplanned: int
    endings: int


@dataclass(frozen=True, slots=True)
class Points:
    """One part of a score: its points, between what and what they lie, and its weight. ``known`` False: taken as all agencies have it."""

    part: str
    points: float
    interval: Interval
    weight: float
    known: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    entrant: Entrant
    score: float
    interval: Interval
    """Of the score, 0 to 100."""
    parts: tuple[Points, ...]
    best_rank: int
    worst_rank: int
    alike: tuple[str, ...]
    """The agencies it cannot be told apart from."""


@cache
def weights(lot: str) -> Mapping[str, float]:
    """The weights of a lot's parts, adding up to 1."""
    with files("monitoring.domain").joinpath("league_weights.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {row["part"]: Decimal(row["weight"]) for name in ("*", lot) for row in rows if row["lot"] == name}
    total = sum(found.values())
    return {part: float(found.get(part, Decimal(0)) / total) for part in PARTS}


def table(entrants: Sequence[Entrant], weighing: Mapping[str, float]) -> tuple[Line, ...]:
    """The table, the highest score first, alike ones by name."""
    endings = sum(each.endings for each in entrants)
    together = 100.0 * (1 - sum(each.unplanned for each in entrants) / endings) if endings else 50.0
    grown = [carers for each in entrants if (carers := _carers(each)) is not None]
    usual = sum(grown) / len(grown) if grown else 50.0
    scored = [(each, _parts(each, weighing, together, usual)) for each in entrants]
    lines = [(each, parts, _sum(parts), Interval(_sum(parts, -1), _sum(parts, 1))) for each, parts in scored]
    found = []
    for each, parts, score, interval in lines:
        others = [(other, theirs) for other, _, _, theirs in lines if other is not each]
        better = sum(theirs.lower > interval.upper for _, theirs in others)
        worse = sum(theirs.upper < interval.lower for _, theirs in others)
        alike = tuple(sorted(other.agency for other, theirs in others if theirs.overlaps(interval)))
        found.append(Line(each, score, interval, parts, 1 + better, len(lines) - worse, alike))
    return tuple(sorted(found, key=lambda line: (-line.score, line.entrant.name, line.entrant.agency)))


def _carers(each: Entrant) -> float | None:
    if not each.households_before or each.households_now is None:
        return None
    grown = (each.households_now - each.households_before) / each.households_before
    return 100.0 * min(1.0, max(0.0, grown / FULL_GROWTH))


def _parts(each: Entrant, weighing: Mapping[str, float], together: float, usual: float) -> tuple[Points, ...]:
    anything = Interval(0.0, 100.0)
    parts = []
    carers = _carers(each)
    if carers is not None:
        parts.append(Points("carers", carers, Interval(carers, carers), weighing["carers"], True))
    else:
        parts.append(Points("carers", usual, anything, weighing["carers"], False))
    if each.rating in OFSTED_POINTS:
        rated = OFSTED_POINTS[each.rating]
        parts.append(Points("ofsted", rated, Interval(rated, rated), weighing["ofsted"], True))
    else:
        parts.append(Points("ofsted", OFSTED_POINTS["good"], anything, weighing["ofsted"], False))
    if each.endings:
        shares = wilson(each.endings - each.unplanned, each.endings)
        stable = 100.0 * (each.endings - each.unplanned) / each.endings
        parts.append(Points("stability", stable, Interval(100 * shares.lower, 100 * shares.upper), weighing["stability"], True))
    else:
        parts.append(Points("stability", together, anything, weighing["stability"], False))
    return tuple(parts)


def _sum(parts: Sequence[Points], side: int = 0) -> float:
    values = (each.points if not side else each.interval.lower if side < 0 else each.interval.upper for each in parts)
    return sum(value * each.weight for value, each in zip(values, parts, strict=True))
