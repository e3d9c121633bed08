"""Whether there are more homes and more agencies than before, and how much room is left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from monitoring.domain.beds import beds_vacant, last_told, of_provider
from monitoring.domain.counted import LEFT_OUT, NOUGHT, ONE, Counted, Summary
from monitoring.domain.definition import ANY_WAY, BUYERS, BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import Records, agency_of
from monitoring.domain.period import Period, a_year_before
from monitoring.domain.placing import agreed, counted_placement

NOT_BEFORE = LEFT_OUT + "not known a year before: nothing to grow from"


def agencies_commissioned(records: Records, period: Period) -> tuple[Counted, ...]:
    """The placements agreed with agencies in the period, each with its agency: how many different ones, and which most often."""
    rows = []
    for placement, on in agreed(records, period):
        agency = agency_of(placement.provider)
        if agency is not None:
            row = counted_placement(placement, on, True)
            rows.append(Counted(row.kind, row.id, on, ONE, None, row.council, agency, row.lot, once=agency))
    return tuple(rows)


def carers_growth(records: Records, period: Period) -> tuple[Counted, ...]:
    """Households a provider has at the end of the period's last day less those a year before, over those a year before."""
    now = last_told(records, period)
    before = last_told(records, Period(period.first, a_year_before(period.last)))
    return tuple(
        of_provider(provider, period.last, Decimal(told.households - before[provider].households), Decimal(before[provider].households))
        if provider in before and before[provider].households
        else _left_out(provider, period.last)
        for provider, told in now.items()
    )


def vacant_share(records: Records, period: Period) -> tuple[Counted, ...]:
    """Of the approved places of the providers that told them, the beds free to be taken at the end of the period's last day."""
    free: dict[str, Decimal] = {}
    for row in beds_vacant(records, period):
        provider = f"agency:{row.agency}" if row.agency is not None else f"council:{row.council}"
        free[provider] = free.get(provider, NOUGHT) + row.numerator
    return tuple(
        of_provider(provider, period.last, min(free.get(provider, NOUGHT), Decimal(told.approved_places)), Decimal(told.approved_places))
        for provider, told in last_told(records, period).items()
        if told.approved_places
    )


def _left_out(provider: str, on: date) -> Counted:
    row = of_provider(provider, on, NOUGHT, NOUGHT)
    return Counted(row.kind, row.id, on, NOUGHT, NOUGHT, row.council, row.agency, part=NOT_BEFORE)


KPIS = (
    Definition(
        "agencies_commissioned",
        "Agencies commissioned",
        "How many agencies are in use, and which most often?",
        "agencies with at least one placement agreed in the period",
        None,
        Unit.NUMBER,
        Direction.HIGHER,
        BUYERS,
        ANY_WAY,
        agencies_commissioned,
        Summary.DISTINCT,
    ),
    Definition(
        "carers_growth",
        "Carers recruited: growth in a year",
        "Are there more homes than a year ago?",
        "households now less households a year before",
        "households a year before, of providers known then; for a council, its own fostering service's",
        Unit.PER_CENT,
        Direction.HIGHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        carers_growth,
        Summary.LATEST_RATIO,
    ),
    Definition(
        "vacant_share",
        "Vacant places",
        "How much room is left?",
        "of those, beds free in published vacancies",
        "approved places at the end of the period; for a council, its own fostering service's",
        Unit.PER_CENT,
        Direction.NEITHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        vacant_share,
        Summary.LATEST_RATIO,
    ),
)
"""The KPIs counted here."""
