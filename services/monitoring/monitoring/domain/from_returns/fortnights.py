"""From the fortnightly report and from when returns came: placements that are unstable, and returns on time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from monitoring.domain.counted import NOUGHT, ONE, Counted, Summary
from monitoring.domain.definition import BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Records, Returned
from monitoring.domain.from_returns.codes import LABELS
from monitoring.domain.from_returns.counting import BY_AGENCY, THEMSELVES, each_sum, each_weight, ended, row
from monitoring.domain.period import Period

NOTHING_YET = "none_yet"


def placements_unstable(records: Records, period: Period) -> tuple[Counted, ...]:
    """Unstable placements, each a row with its reason, by the placements held in the fortnight."""
    rows = []
    for found in ended(records, period):
        for whose in found.parts("placements_held"):
            held = found.number("placements_held", whose)
            if held:
                rows.append(row(found, NOUGHT, held, council=whose))
    for found, placement, council in _unstable(records, period):
        reason = str(found.values.get(("unstable", placement), ""))
        rows.append(_placement(found, placement, council, ONE, None, LABELS["unstable"].get(reason, reason)))
    return tuple(rows)


def days_unstable(records: Records, period: Period) -> tuple[Counted, ...]:
    """Days from the first on which a placement was unstable to the fortnight's last."""
    rows = []
    for found, placement, council in _unstable(records, period):
        since = found.values.get(("unstable_since", placement))
        if isinstance(since, date):
            days = Decimal((found.ends - since).days)
            rows.append(_placement(found, placement, council, days, None, "", once=f"{found.name}:{placement}"))
    return tuple(rows)


def unstable_supported(records: Records, period: Period) -> tuple[Counted, ...]:
    """Unstable placements for which something is done, of all."""
    rows = []
    for found, placement, council in _unstable(records, period):
        support = str(found.values.get(("support", placement), NOTHING_YET))
        done = NOUGHT if support == NOTHING_YET else ONE
        rows.append(_placement(found, placement, council, done, ONE, LABELS["support"].get(support, support)))
    return tuple(rows)


def returns_on_time(records: Records, period: Period) -> tuple[Counted, ...]:
    """Returns that came by the day they were due, of all that were due; one that has not come is late once its day is over."""
    rows = []
    for found in records.returns:
        came = found.received_on
        if period.holds_day(found.due_on) and (came is not None or found.due_on < records.today):
            on_time = ONE if came is not None and came <= found.due_on else NOUGHT
            rows.append(Counted("return", found.name, found.due_on, on_time, ONE, agency=found.agency, part=found.form))
    return tuple(rows)


def _unstable(records: Records, period: Period) -> Iterator[tuple[Returned, str, str | None]]:
    """Each placement that a report names, and its council as Hearth knows it."""
    councils = {str(placement.id): placement.council for placement in records.placements}
    for found in ended(records, period):
        for placement in found.parts("unstable"):
            yield found, placement, councils.get(placement)


def _placement(
    found: Returned, placement: str, council: str | None, numerator: Decimal, denominator: Decimal | None, part: str, *, once: str = ""
) -> Counted:
    return Counted("placement", placement, found.ends, numerator, denominator, council, found.agency, part=part, once=once)


KPIS = (
    Definition(
        "placements_unstable",
        "Unstable placements",
        "Which placements may break down?",
        "of those, placements that the fortnightly report names, by reason",
        "placements held in the fortnight",
        Unit.PER_CENT,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        placements_unstable,
        Summary.RATIO,
        parts=each_sum,
    ),
    Definition(
        "days_unstable",
        "Days a placement has been unstable",
        "For how long is a placement known to be at risk?",
        "days from the first unstable day to the end of the fortnight",
        "unstable placements",
        Unit.DAYS,
        Direction.LOWER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        days_unstable,
        Summary.MEDIAN,
    ),
    Definition(
        "unstable_supported",
        "Unstable placements that are supported",
        "Is something done to hold them?",
        "of those, placements for which something is done",
        "unstable placements",
        Unit.PER_CENT,
        Direction.HIGHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        unstable_supported,
        Summary.RATIO,
        parts=each_weight,
    ),
    Definition(
        "returns_on_time",
        "Returns on time",
        "Do agencies return when they should?",
        "of those, returns that came by the day they were due",
        "returns due",
        Unit.PER_CENT,
        Direction.HIGHER,
        THEMSELVES,
        BY_AGENCY,
        returns_on_time,
        Summary.RATIO,
    ),
)
"""The KPIs counted here."""
