"""Whether it is too late. How a closing time is shown is ``shared.uk_time.in_uk_words``, the one place for all services."""

from __future__ import annotations

from datetime import datetime


def is_late(now: datetime, closes_at: datetime) -> bool:
    """Whether the closing time has passed; the closing moment itself is late."""
    return now >= closes_at
