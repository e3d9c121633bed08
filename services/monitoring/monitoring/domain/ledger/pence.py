"""Money of the ledger in whole pence, and the charge of a stay.

A night is a seventh of a weekly price and seldom whole pence. The charge from arrival to any day is rounded once, half up; a part of a
stay is the charge to its end less the charge to its beginning. So every charge is whole pence and parts add up to the whole, and an
effect, which is the difference of two charges, is whole pence too: there is no remainder to be spread over anything.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

NIGHTS_IN_A_WEEK = 7


def pence(pounds: Decimal) -> int:
    """Pounds with at most two decimal places as whole pence."""
    return int(pounds.scaleb(2))


def pounds(of_pence: int) -> Decimal:
    """Whole pence as pounds with two decimal places."""
    return Decimal(of_pence).scaleb(-2)


def charged(weekly: int | Fraction, before: int, until: int) -> int:
    """Pence for the nights of a stay after the first ``before`` up to ``until``, at a weekly price in pence."""
    over, under = weekly.numerator, weekly.denominator * NIGHTS_IN_A_WEEK
    return half_up(over * until, under) - half_up(over * before, under)


def half_up(over: int, under: int) -> int:
    """A quotient to the nearest whole number, a half upwards. ``under`` is above nought."""
    return (2 * over + under) // (2 * under)
