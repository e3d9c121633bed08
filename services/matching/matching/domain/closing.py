"""Closing times in words that leave no doubt about the hour."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


def closing_words(closes_at: datetime) -> str:
    """The moment in UK local time: ``Friday 20 November 2026 at 17:00 (UK time)``; seconds only where there are any."""
    local = closes_at.astimezone(UK)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local:%A} {local.day} {local:%B %Y} at {clock} (UK time)"


def is_late(now: datetime, closes_at: datetime) -> bool:
    """Whether the closing time has passed; the closing moment itself is late."""
    return now >= closes_at
