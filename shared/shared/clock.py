"""The only place that reads the clock. Everything else is told the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


def now() -> datetime:
    """This moment, in UTC, aware."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in the United Kingdom: at half past midnight in summer it is already tomorrow there."""
    return now().astimezone(UK).date()


def in_uk_words(moment: datetime) -> str:
    """A moment as people read it, UK local time first and UTC beside it, so that no hour is ambiguous.

    >>> in_uk_words(datetime(2026, 7, 1, 11, 0, tzinfo=UTC))
    'Wednesday 1 July 2026 at 12:00 BST (11:00 UTC)'
    """
    local, utc = moment.astimezone(UK), moment.astimezone(UTC)
    same_day = local.date() == utc.date()
    utc_words = f"{utc:%H:%M} UTC" if same_day else f"{utc.day} {utc:%B %H:%M} UTC"
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M %Z} ({utc_words})"
