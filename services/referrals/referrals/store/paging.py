"""Where a page of a list goes on: the cursor's parts as the database compares them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shared.cursors import Wanted
from shared.refusals import Reason, Refused, invalid

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_HIGHEST = 2**31 - 1


def after_moment(wanted: Wanted) -> tuple[datetime, UUID] | None:
    """The moment and id of the last row seen; None for the first page; refused when the cursor is another list's."""
    if wanted.after is None:
        return None
    try:
        moment, last = wanted.after
        found = datetime.fromisoformat(moment), UUID(last)
    except ValueError as error:
        raise _another_lists() from error
    if found[0].tzinfo is None or not _FIRST_YEAR < found[0].year < _LAST_YEAR:
        raise _another_lists()
    return found


def after_day(wanted: Wanted) -> tuple[date, UUID] | None:
    """The day and id of the last row seen; None for the first page; refused when the cursor is another list's."""
    if wanted.after is None:
        return None
    try:
        day, last = wanted.after
        found = date.fromisoformat(day), UUID(last)
    except ValueError as error:
        raise _another_lists() from error
    if not _FIRST_YEAR < found[0].year < _LAST_YEAR:
        raise _another_lists()
    return found


def after_version(wanted: Wanted) -> int | None:
    """The version of the last row seen; None for the first page; refused when the cursor is another list's."""
    if wanted.after is None:
        return None
    try:
        (version,) = (int(part) for part in wanted.after)
    except ValueError as error:
        raise _another_lists() from error
    if not 0 <= version <= _HIGHEST:
        raise _another_lists()
    return version


def _another_lists() -> Refused:
    return invalid(Reason("cursor", "cursor_from_a_page", "The cursor is not one this list gave. Begin again without it."))
