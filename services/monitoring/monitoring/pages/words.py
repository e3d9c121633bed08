"""Dates, moments and numbers as people in England write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from shared.uk_time import UK

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(given: date) -> str:
    """``22 November 2026``."""
    return f"{given.day} {_MONTHS[given.month - 1]} {given.year}"


def month(given: date) -> str:
    """``November 2026``."""
    return f"{_MONTHS[given.month - 1]} {given.year}"


def moment(given: datetime) -> str:
    """``22 November 2026 at 4:05pm``, UK time."""
    local = given.astimezone(UK)
    hour = local.hour % 12 or 12
    return f"{day(local.date())} at {hour}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"


def number(given: Decimal | int | float) -> str:
    """With commas, and no more places than it has."""
    exact = given if isinstance(given, Decimal) else Decimal(str(given))
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if "." in text and exact == exact.to_integral_value() else text


def plural(count: int, one: str, several: str = "") -> str:
    """``1 placement``, ``12 placements``."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def of_code(code: str) -> str:
    """A code as words: ``new_level`` is *New level*."""
    return code.replace("_", " ").capitalize()
