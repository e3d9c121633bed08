"""UK local time, and a moment in words that leave no doubt about its hour. Pure: nothing here reads the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


def in_uk_words(moment: datetime) -> str:
    """A moment as people read it: UK local time first, UTC beside it, so that no hour is ambiguous; seconds only where there are any.

    >>> in_uk_words(datetime(2026, 7, 1, 11, 0, tzinfo=UTC))
    'Wednesday 1 July 2026 at 12:00 BST (11:00 UTC)'
    """
    local, utc = moment.astimezone(UK), moment.astimezone(UTC)
    hour = "%H:%M:%S" if local.second else "%H:%M"
    same_day = local.date() == utc.date()
    utc_words = f"{utc.strftime(hour)} UTC" if same_day else f"{utc.day} {utc:%B} {utc.strftime(hour)} UTC"
    return f"{local:%A} {local.day} {local:%B %Y} at {local.strftime(hour)} {local:%Z} ({utc_words})"
