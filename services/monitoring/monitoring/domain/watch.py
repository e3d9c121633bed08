"""What alerts watch, and by which rule: few series, each by a rule that its numbers can bear.

The consortium's own series are large, so a chart decides: a point outside the limits, a run of eight, a trend of seven. Near a limit is
shown on a chart and raises no alert: alone it would raise one a series in eight years. A council or an agency has a handful of records a
month, so its shares are judged by Fisher's exact test (``changed_share``), its waits and prices by the order of single records
(``changed_level``), over the last three to twelve months. docs/trends.md says how many false alarms a year this lets through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from monitoring.domain import changed_level, changed_share
from monitoring.domain.adding_up import HUNDREDTH
from monitoring.domain.alert import Alert, Cause, Found, State
from monitoring.domain.changed_level import ChangedLevel, MonthLevels
from monitoring.domain.changed_share import ChangedShare, MonthShare
from monitoring.domain.control_chart import Phase, Point, phases
from monitoring.domain.definition import Definition, Dimension, Unit
from monitoring.domain.figure import TENTH, percentile, rounded
from monitoring.domain.special_cause import Rule, Rules, Signal, Way, one_in, reading_of, signals

ALERT_RULES = Rules(run=8, trend=7)
CAUSES = {Rule.OUTSIDE: Cause.OUTSIDE, Rule.RUN: Cause.RUN, Rule.TREND: Cause.TREND}


class How(StrEnum):
    """By which rule a series is watched."""

    CHART = "chart"
    SHARE = "share"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Watch:
    """One KPI of the consortium (None), each council or each agency, and the rule. ``sums_of``: whose records judge it, if not its own."""

    kpi: str
    whose: Dimension | None
    how: How
    sums_of: str = ""

    @property
    def counted(self) -> str:
        """The KPI whose rows are read."""
        return self.sums_of or self.kpi


CHARTED = (
    "offers_per_referral",
    "time_to_first_offer_median",
    "time_to_placement_median",
    "placed_in_house",
    "placed_tier_one",
    "placed_within_20_miles",
    "unplanned_endings",
    "agreed_below_baseline",
)
"""Not how many referrals there are, nor beds: those follow the seasons and their own last month, for which these limits are not made."""

WATCHED = (
    *(Watch(kpi, None, How.CHART) for kpi in CHARTED),
    Watch("unplanned_endings", Dimension.COUNCIL, How.SHARE),
    Watch("placed_within_20_miles", Dimension.COUNCIL, How.SHARE),
    Watch("agreed_below_baseline", Dimension.COUNCIL, How.LEVEL),
    Watch("unplanned_endings", Dimension.AGENCY, How.SHARE),
    # An agency offers at most once for a referral, so its offers are a share of all referrals: fewer referrals are no slip of its.
    Watch("offers_made", Dimension.AGENCY, How.SHARE, sums_of="offers_per_referral"),
    Watch("time_to_first_offer_median", Dimension.AGENCY, How.LEVEL),
    Watch("agreed_below_baseline", Dimension.AGENCY, How.LEVEL),
)
"""Everything alerts look at. Few on purpose: each series more is a chance more of a false alarm."""


@dataclass(frozen=True, slots=True)
class Month:
    """The sums of one month of one series: what is marked, of what."""

    month: date
    numerator: Decimal
    denominator: Decimal
    values: tuple[Decimal, ...] = ()
    """Where single records are looked at: each one's measure."""


@dataclass(frozen=True, slots=True)
class Series:
    """One KPI of one scope, month by month, months without records left out; ``title`` names the scope for people."""

    definition: Definition
    scope: str
    title: str
    months: tuple[Month, ...]
    decided: tuple[date, ...] = ()
    """Months from which limits are recalculated by decision: what lies before is no longer compared with."""


Last = Mapping[Way, Alert]
"""Of a series the alert on each side that reaches furthest."""


def by_chart(series: Series, last: Last, *, through: date) -> list[Found]:
    """The signals of the chart that stand at the month ``through`` and are not told of yet, one a side: the earliest."""
    found: dict[Way, Found] = {}
    points = points_of(series, through)
    charts = phases(points, recalculated_from=series.decided)
    for signal in signals(charts[-1], ALERT_RULES) if charts else ():
        if signal.rule in CAUSES and signal.last == through and signal.way not in found and _news(last.get(signal.way), signal.first):
            found[signal.way] = _told_by_chart(series, charts[-1], signal)
    return list(found.values())


def by_share(series: Series, last: Last, *, through: date) -> list[Found]:
    """The change of a share that ends at the month ``through`` and is not told of yet."""
    known = _since_decided(series, through)
    months = [MonthShare(each.month, int(each.numerator), int(each.denominator)) for each in known if each.denominator]
    if not months or months[-1].month != through:
        return []
    found = changed_share.changed(months)
    if found is not None and not _news(before := last.get(found.way), found.first):
        # A change already told of is not told of again from its own months.
        found = changed_share.changed(months, after=before.found.last) if before and before.state is State.CLOSED else None
    return [] if found is None else [_told_by_share(series, found)]


def by_level(series: Series, last: Last, *, through: date) -> list[Found]:
    """The change of a wait or a price that ends at the month ``through`` and is not told of yet."""
    known = _since_decided(series, through)
    months = [MonthLevels(each.month, tuple(float(value) for value in each.values)) for each in known if each.values]
    if not months or months[-1].month != through:
        return []
    found = changed_level.changed(months)
    if found is not None and not _news(before := last.get(found.way), found.first):
        found = changed_level.changed(months, after=before.found.last) if before and before.state is State.CLOSED else None
    return [] if found is None else [_told_by_level(series, found)]


def _since_decided(series: Series, through: date) -> list[Month]:
    since = max((month for month in series.decided if month <= through), default=date.min)
    return [each for each in series.months if since <= each.month <= through]


def points_of(series: Series, through: date) -> tuple[Point, ...]:
    """A chart's points from the first month with records to ``through``; a month without records between them is a gap."""
    known = {each.month: each for each in series.months if each.month <= through}
    if not known:
        return ()
    found, month = [], min(known)
    while month <= through:
        each = known.get(month)
        value = None if each is None else value_of(series.definition, each)
        divided = each.denominator if each is not None and series.definition.summary.divides else None
        found.append(Point(month, value, None if divided is None else Fraction(divided)))
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return tuple(found)


def value_of(definition: Definition, month: Month) -> Fraction | None:
    """The exact figure of a month: numerator by denominator where the KPI divides, in per cent where that is its unit; the middle one
    where it looks at single records; else the sum. None where there is nothing to divide by or to look at."""
    if definition.summary.of_each:
        return percentile([Fraction(each) for each in month.values], HUNDREDTH[definition.summary]) if month.values else None
    if not definition.summary.divides:
        return Fraction(month.numerator)
    if not month.denominator:
        return None
    exact = Fraction(month.numerator) / Fraction(month.denominator)
    return 100 * exact if definition.unit is Unit.PER_CENT else exact


def _news(before: Alert | None, first: date) -> bool:
    """Whether a signal that begins then is a new one: the former alert on its side is closed and ended before."""
    return before is None or (before.state is State.CLOSED and first > before.found.last)


def _told_by_chart(series: Series, phase: Phase, signal: Signal) -> Found:
    limits = phase.limits
    assert limits is not None
    reading = reading_of(signal.way, series.definition.direction)
    span = [each.value for each in phase.points if signal.first <= each.month <= signal.last and each.value is not None]
    side = "above" if signal.way is Way.UP else "below"
    when = f"in {_month(signal.first)}" if signal.first == signal.last else f"from {_month(signal.first)} to {_month(signal.last)}"
    what = {
        Rule.OUTSIDE: f"{side} the limits",
        Rule.RUN: f"{signal.points} months in a row {side} the mean",
        Rule.TREND: f"{signal.points} months in a row {'rising' if signal.way is Way.UP else 'falling'}",
    }[signal.rule]
    kind = " (approximately)" if signal.approximate else ""
    words = (
        f"{series.definition.title}, {series.title}: {what} {when}. "
        f"Last {_shown(series, span[-1])}, mean {_shown(series, limits.centre)}. "
        f"Without a change this happens about {one_in(signal.chance)}{kind}."
    )
    figures: dict[str, Any] = {
        "mean": _shown(series, limits.centre),
        "lower": _shown(series, limits.lower),
        "upper": _shown(series, limits.upper),
        "values": [_shown(series, each) for each in span],
        "limits_from": [limits.first.isoformat(), limits.last.isoformat()],
    }
    cause, name = CAUSES[signal.rule], series.definition.name
    return Found(name, series.scope, cause, signal.way, reading, signal.first, signal.last, float(signal.chance), words, figures)


def _told_by_share(series: Series, found: ChangedShare) -> Found:
    reading = reading_of(found.way, series.definition.direction)
    verb = "rose" if found.way is Way.UP else "fell"
    words = (
        f"{series.definition.title}, {series.title}: {verb} to {_share(found.marked, found.records)} from {_month(found.first)} to "
        f"{_month(found.last)}, from {_share(found.marked_before, found.records_before)} before. Without a change this happens about "
        f"{one_in(Fraction(max(found.chance, 1e-12)))} (exact, all spans tried counted)."
    )
    figures = {
        "marked": found.marked,
        "records": found.records,
        "marked_before": found.marked_before,
        "records_before": found.records_before,
        "excess": round(found.excess, 2),
    }
    name, cause = series.definition.name, Cause.CHANGED_SHARE
    return Found(name, series.scope, cause, found.way, reading, found.first, found.last, found.chance, words, figures)


def _told_by_level(series: Series, found: ChangedLevel) -> Found:
    reading = reading_of(found.way, series.definition.direction)
    verb = "rose" if found.way is Way.UP else "fell"
    middle, before = (_shown(series, Fraction(each)) for each in (found.middle, found.middle_before))
    words = (
        f"{series.definition.title}, {series.title}: {verb} to {middle} (the middle one of {found.records}) from {_month(found.first)} to "
        f"{_month(found.last)}, from {before} ({found.records_before}) before. Without a change this happens about "
        f"{one_in(Fraction(max(found.chance, 1e-12)))} (approximately, all spans tried counted)."
    )
    figures = {
        "middle": middle,
        "records": found.records,
        "middle_before": before,
        "records_before": found.records_before,
        "excess": round(found.excess, 2),
    }
    name, cause = series.definition.name, Cause.CHANGED_LEVEL
    return Found(name, series.scope, cause, found.way, reading, found.first, found.last, found.chance, words, figures)


def _share(marked: int, records: int) -> str:
    return f"{rounded(Fraction(100 * marked, records), TENTH)} per cent ({marked} of {records})"


def _shown(series: Series, value: Fraction) -> str:
    shown = rounded(value, TENTH)
    match series.definition.unit:
        case Unit.PER_CENT:
            return f"{shown} per cent"
        case Unit.POUNDS:
            return f"£{shown:,.2f}"
        case Unit.NUMBER:
            return f"{shown}"
        case unit:
            return f"{shown} {unit}"


def _month(day: date) -> str:
    return f"{day:%B %Y}"


LOOK = {How.CHART: by_chart, How.SHARE: by_share, How.LEVEL: by_level}
"""The rule of each way of watching."""
