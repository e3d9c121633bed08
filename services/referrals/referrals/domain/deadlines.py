"""When a referral closes: by its urgency, on the working calendar of England and Wales, shown so that no hour is ambiguous.

An emergency and a same-day referral run on the clock at any hour of any day. The others count working days (not Saturday, not
Sunday, not a bank holiday in England) and close at the council's cut-off hour, UK local time. Hours and days are each council's
own setting (common practice, no source was read: so configuration).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import holidays

from shared.contracts.words import Urgency
from shared.uk_time import UK

BANK_HOLIDAYS: Container[date] = holidays.country_holidays("GB", subdiv="ENG")
"""England's bank holidays of any year, substitute days included."""

_SATURDAY = 5


@dataclass(frozen=True)
class DeadlineRules:
    """A council's closing times: hours on the clock, working days, and the UK hour at which a working day is over."""

    emergency_hours: int = 2
    same_day_hours: int = 4
    planned_working_days: int = 2
    long_term_working_days: int = 5
    cut_off_hour: int = 16


def is_working_day(day: date, bank_holidays: Container[date] = BANK_HOLIDAYS) -> bool:
    """Monday to Friday and no bank holiday in England."""
    return day.weekday() < _SATURDAY and day not in bank_holidays


def next_working_day(day: date, bank_holidays: Container[date] = BANK_HOLIDAYS) -> date:
    """The first working day after ``day``."""
    day += timedelta(days=1)
    while not is_working_day(day, bank_holidays):
        day += timedelta(days=1)
    return day


def counts_from(sent_at: datetime, cut_off_hour: int, bank_holidays: Container[date] = BANK_HOLIDAYS) -> date:
    """The working day a sending counts from: the day itself before its cut-off hour (UK time), else the next working day."""
    local = sent_at.astimezone(UK)
    if is_working_day(local.date(), bank_holidays) and local.time() < time(cut_off_hour):
        return local.date()
    return next_working_day(local.date(), bank_holidays)


def closing_time(urgency: Urgency, sent_at: datetime, rules: DeadlineRules, bank_holidays: Container[date] = BANK_HOLIDAYS) -> datetime:
    """The moment, in UTC, at which answers to a referral sent at ``sent_at`` (aware) close.

    Emergency and same day: so many real hours later, whatever the clocks do in between. Planned and long term: at the cut-off
    hour, UK local time, so many working days after the day the sending counts from; so a provider always has the
    full number of working days.
    """
    if urgency is Urgency.EMERGENCY:
        return sent_at.astimezone(UTC) + timedelta(hours=rules.emergency_hours)
    if urgency is Urgency.SAME_DAY:
        return sent_at.astimezone(UTC) + timedelta(hours=rules.same_day_hours)
    day = counts_from(sent_at, rules.cut_off_hour, bank_holidays)
    for _ in range(rules.planned_working_days if urgency is Urgency.PLANNED else rules.long_term_working_days):
        day = next_working_day(day, bank_holidays)
    # The cut-off hour is between 8 and 20, so it exists once on every day: clocks change between 1 and 2 in the morning.
    return datetime.combine(day, time(rules.cut_off_hour), tzinfo=UK).astimezone(UTC)


def rule_in_words(urgency: Urgency, rules: DeadlineRules) -> str:
    """How the closing time was reached, for the person who is about to send."""
    if urgency is Urgency.EMERGENCY:
        return f"Emergency: {rules.emergency_hours} hours on the clock, day or night."
    if urgency is Urgency.SAME_DAY:
        return f"Same day: {rules.same_day_hours} hours on the clock, day or night."
    days, name = (
        (rules.planned_working_days, "Planned") if urgency is Urgency.PLANNED else (rules.long_term_working_days, "Long-term match")
    )
    return (
        f"{name}: {days} working days, closing at {rules.cut_off_hour}:00 UK time; "
        f"sent at or after {rules.cut_off_hour}:00, or on a day that is not a working day in England, it counts from the next working day."
    )
