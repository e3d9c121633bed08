"""How long between two moments, in hours or days, as figures keep it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
KEPT_DIGITS = Decimal("1E-15")


def between(start: datetime, end: datetime, unit: timedelta) -> Decimal:
    """How many units between; an answer cannot come before its question, so never below nought.

    Clocks of two services may differ by a moment: without the floor such a pair would shorten a median.
    """
    waited = max((end - start) // MICROSECOND, 0)
    return (Decimal(waited) / (unit // MICROSECOND)).quantize(KEPT_DIGITS)
