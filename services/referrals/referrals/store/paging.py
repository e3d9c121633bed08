"""Where a page of a list goes on: the cursor's parts as the database compares them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shared.cursors import Wanted, another_lists
from shared.written import EARLIEST, LATEST

_HIGHEST = 2**31 - 1


def after_day(wanted: Wanted) -> tuple[date, UUID] | None:
    """The day and id of the last row seen; None for the first page; refused when the cursor is another list's."""
    if wanted.after is None:
        return None
    try:
        day, last = wanted.after
        found = date.fromisoformat(day), UUID(last)
    except ValueError as error:
        raise another_lists() from error
    if not EARLIEST <= found[0] <= LATEST:
        raise another_lists()
    return found


def after_version(wanted: Wanted) -> int | None:
    """The version of the last row seen; None for the first page; refused when the cursor is another list's."""
    if wanted.after is None:
        return None
    try:
        (version,) = (int(part) for part in wanted.after)
    except ValueError as error:
        raise another_lists() from error
    if not 0 <= version <= _HIGHEST:
        raise another_lists()
    return version
