"""What an organisation asks of its feed."""

from __future__ import annotations

from collections.abc import Sequence

from matching.domain.notice import Notice
from matching.store import notices
from shared.refusals import Reason, RefusalKind, Refused, invalid
from shared.tenancy import Transaction


async def feed(
    transaction: Transaction, organisation: str, after: tuple[str, ...] | None, limit: int
) -> tuple[Sequence[Notice], int, bool]:
    """An organisation's notices after a cursor, oldest first; the number its next cursor stands for; whether there is more.

    Refused: a cursor that no feed gave, and one so old that notices after it have been cleared away.
    """
    state = await notices.number(transaction, organisation)
    begin = 0 if after is None else _number(after)
    if begin > state.numbered:
        raise _not_ours()
    if after is not None and begin < state.pruned:
        message = (
            "Notices after this cursor are so old that they are no longer kept, so some may be missing. "
            "Look at your open referrals and offers once, then begin again without a cursor."
        )
        raise Refused(RefusalKind.GONE, message, (Reason("after", "cursor_not_too_old", message),))
    found = await notices.after(transaction, organisation, begin, limit + 1)
    shown = found[:limit]
    return shown, shown[-1].number if shown else max(begin, state.pruned), len(found) > limit


def _number(cursor: tuple[str, ...]) -> int:
    if len(cursor) != 1 or not cursor[0].isascii() or not cursor[0].isdigit() or len(cursor[0]) > 15:
        raise _not_ours()
    return int(cursor[0])


def _not_ours() -> Refused:
    message = "The cursor is not one this feed gave. Begin again without it."
    return invalid(Reason("after", "cursor_from_a_page", message))
