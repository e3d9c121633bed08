"""The only place that reads the clock. Everything else is told the time."""

from datetime import UTC, date, datetime

from shared.uk_time import UK, in_uk_words

__all__ = ["UK", "in_uk_words", "now", "today"]


def now() -> datetime:
    """This moment, in UTC, aware."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in the United Kingdom: at half past midnight in summer it is already tomorrow there."""
    return now().astimezone(UK).date()
