"""Where a list goes on: a moment and an id, as its cursor carries them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.cursors import Wanted
from shared.refusals import Reason, invalid


def moment_and_id(page: Wanted) -> tuple[datetime, UUID] | None:
    """The last row already seen; None for the first page, refused when the cursor is of another list."""
    if page.after is None:
        return None
    try:
        moment, identifier = page.after
        seen = datetime.fromisoformat(moment)
        if seen.tzinfo is None:
            raise ValueError("a moment without its zone")
        return seen, UUID(identifier)
    except ValueError as error:
        message = "The cursor is not one this list gave. Begin again without it."
        raise invalid(Reason("cursor", "cursor_from_a_page", message)) from error
