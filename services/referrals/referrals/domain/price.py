"""What a placement costs: a weekly fee in pounds and pence, charged by the night.

The day a child arrives counts, the day a child leaves does not; so a stay of one day, in and out, is no night and costs nothing.
How pennies are handled: a night is a seventh of the weekly fee, which is seldom a whole number of pence, so nights are never
rounded one by one. The charge from arrival to any day is rounded once, half up, to the penny; a part of a stay is the charge to
its end less the charge to its beginning. Parts therefore always add up to the whole, wherever the stay is split.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

PENNY = Decimal("0.01")
NIGHTS_A_WEEK = 7


def nights(arrived_on: date, left_on: date) -> int:
    """Nights of a stay; ValueError when it ends before it begins."""
    if left_on < arrived_on:
        raise ValueError("a stay cannot end before it begins")
    return (left_on - arrived_on).days


def charge(pounds_per_week: Decimal, arrived_on: date, to: date) -> Decimal:
    """The charge in pounds from arrival to ``to`` (the night of ``to`` not included), rounded once, half up, to the penny."""
    return (pounds_per_week * nights(arrived_on, to) / NIGHTS_A_WEEK).quantize(PENNY, ROUND_HALF_UP)


def charge_between(pounds_per_week: Decimal, arrived_on: date, begin: date, end: date) -> Decimal:
    """The charge for the part of a stay from the night of ``begin`` to the night before ``end``; ``begin`` is on or after arrival."""
    nights(begin, end)
    return charge(pounds_per_week, arrived_on, end) - charge(pounds_per_week, arrived_on, begin)


def total_to_date(pounds_per_week: Decimal, arrived_on: date | None, left_on: date | None, today: date) -> Decimal:
    """What a placement has cost so far: nothing before arrival; nights slept until ``today`` while it lasts; the whole once it is over."""
    if arrived_on is None or today < arrived_on:
        return Decimal("0.00")
    return charge(pounds_per_week, arrived_on, min(left_on, today) if left_on else today)
