"""A figure's value as it is shown, and the times it is compared over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from monitoring.domain.definition import Definition, Unit
from monitoring.domain.figure import PENNY, TENTH, rounded
from monitoring.domain.period import Period, month_of, next_month, whole_months

ONE = Decimal(1)


def to_show(definition: Definition, value: Fraction | None) -> Decimal | None:
    """As the figure itself is rounded: per cent to a tenth, what is divided and pounds to a hundredth, a count to whole ones."""
    if value is None:
        return None
    if definition.unit is Unit.PER_CENT:
        return rounded(value, TENTH)
    counts = definition.unit is Unit.NUMBER and not definition.summary.divides and not definition.summary.of_each
    return rounded(value, ONE if counts and value.denominator == 1 else PENNY)


def year_to(last: date) -> Period:
    """Twelve whole months, the last of them the one before ``last``'s own: what is shown unless something else is asked."""
    ends = month_of(last) - timedelta(days=1)
    return Period(months_before(next_month(month_of(ends)), 12), ends)


def before(period: Period) -> Period:
    """As long a time just before: as many months where the period is of whole months, else as many days."""
    ends = period.first - timedelta(days=1)
    if whole_months(period):
        many = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
        return Period(months_before(period.first, many), ends)
    return Period(period.first - (period.last - period.first + timedelta(days=1)), ends)


def months_before(month: date, many: int) -> date:
    """The first day of the month so many before."""
    place = month.year * 12 + month.month - 1 - many
    return date(place // 12, place % 12 + 1, 1)


def change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """How much more than before; None where either had no records."""
    return None if now is None or then is None else now - then
