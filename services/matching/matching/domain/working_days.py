"""Working days in England and Wales, for times that matching sets itself: how long a hold lasts, by when a council must decide, how long
an emergency placement outside a carer's terms of approval may last.

Monday to Friday without the bank holidays, which are the same in England and in Wales; from a well-kept library, any year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import holidays

from shared.uk_time import UK

_BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG")
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Monday to Friday and no bank holiday."""
    return day.weekday() < _SATURDAY and day not in _BANK_HOLIDAYS


def working_days_after(moment: datetime, days: int) -> datetime:
    """The same hour, UK local time, so many working days later, in UTC.

    The hour exists once there: clocks change on Sundays, which are no working days.
    """
    local = moment.astimezone(UK)
    day = local.date()
    for _ in range(days):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    if days == 0:
        return moment.astimezone(UTC)
    return datetime.combine(day, local.time(), tzinfo=UK).astimezone(UTC)


EMERGENCY_WORKING_DAYS = 6
"""The Care Planning, Placement and Case Review (England) Regulations 2010, regulation 23."""


def last_permitted_day(first: date) -> date:
    """The sixth working day of a stay that begins on ``first``, which counts itself if it is a working day.

    The stricter reading of "not exceeding six working days": a stay from a Monday lasts until the Monday after.
    """
    day, counted = first, int(is_working_day(first))
    while counted < EMERGENCY_WORKING_DAYS:
        day += timedelta(days=1)
        counted += is_working_day(day)
    return day
