"""Lists a page at a time: an opaque cursor says where the next page begins, so that new rows never shift what was read."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from shared.refusals import Reason, Refused, invalid
from shared.written import in_our_time, is_kept

Item = TypeVar("Item")


@dataclass(frozen=True)
class Wanted:
    """Which page is asked for: ``after`` is the key of the last row already seen, ``limit`` how many rows."""

    after: tuple[str, ...] | None
    limit: int


class Page(BaseModel, Generic[Item]):
    """One page of a list. Ask again with ``cursor`` set to ``next_cursor`` until that is null."""

    items: list[Item]
    next_cursor: str | None


def encode(key: Sequence[str]) -> str:
    """A cursor from the last row's key."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[str, ...]:
    """The key inside a cursor; refused when it was not made here."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or not key or not all(isinstance(part, str) and is_kept(part) for part in key):
        raise another_lists()
    return tuple(key)


def moment_of(text: str) -> datetime:
    """A moment as a cursor has it; ValueError for what no row has."""
    found = datetime.fromisoformat(text)
    if not in_our_time(found):
        raise ValueError("no moment of any row")
    return found


def another_lists(words: str = "The cursor is not one this list gave. Begin again without it.") -> Refused:
    """The refusal of a cursor that this list did not give."""
    return invalid(Reason("cursor", "cursor_from_a_page", words))


def after_moment(wanted: Wanted) -> tuple[datetime, UUID] | None:
    """The moment and id of the last row seen; None for the first page; refused when the cursor is another list's."""
    if wanted.after is None:
        return None
    try:
        moment, last = wanted.after
        return moment_of(moment), UUID(last)
    except ValueError as error:
        raise another_lists() from error


# Asynchronous although it awaits nothing: FastAPI sends a plain function to a thread, and two hops cost more than the work.
async def _wanted(
    cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before; leave out for the first")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="rows on a page")] = 50,
) -> Wanted:
    return Wanted(decode(cursor) if cursor else None, limit)


PageRequest = Annotated[Wanted, Depends(_wanted)]
"""Parameter type of a list route: reads ``cursor`` and ``limit``."""


def cut(rows: Sequence[Item], limit: int, key: Callable[[Item], Sequence[str]]) -> tuple[Sequence[Item], str | None]:
    """Of ``limit + 1`` rows fetched, those of this page and the cursor of the next, if there is one."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode(key(rows[limit - 1]))


def page(rows: Sequence[Item], limit: int, key: Callable[[Item], Sequence[str]]) -> dict[str, object]:
    """The page as a route returns it, from ``limit + 1`` rows fetched."""
    kept, next_cursor = cut(rows, limit, key)
    return {"items": list(kept), "next_cursor": next_cursor}
