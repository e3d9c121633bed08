"""Open referrals that could be joined up with another council's: found by their marks, kept for each council of its own alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text, update

from matching.domain.lookalikes import Coincidence
from matching.domain.referral import Referral, ReferralState
from matching.store.referrals import kept_view
from matching.tables import lookalike_marks, lookalikes, referrals
from shared.one_of import one_of
from shared.tenancy import Transaction

MOST_JUDGED = 100
"""Of each other council the newest so many that share a mark are judged: what hearing one broadcast costs stays bounded."""

_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('open referrals held against each other', 0))")
_MARK = text("""
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('open referrals held against each other', 0))),
gone AS (DELETE FROM lookalike_marks WHERE council = :council AND referral = :referral AND mark <> ALL (CAST(:marks AS text[])))
INSERT INTO lookalike_marks (council, mark, referral) SELECT :council, unnest(CAST(:marks AS text[])), :referral FROM turn
ON CONFLICT DO NOTHING
""")
_SEARCH = text("SELECT council, referral, view FROM open_referrals_marked(CAST(:marks AS text[]), :most)")
_KEEP = text("""
SELECT keep_lookalikes(CAST(:councils AS text[]), CAST(:referrals AS uuid[]), CAST(:pairs AS uuid[]), CAST(:coinciding AS text[]), :now)
""")


async def in_turn(transaction: Transaction) -> None:
    """Until the transaction ends nobody else looks for lookalikes: of two referrals sent in one moment, the second finds the first."""
    await transaction.execute(_IN_TURN)


async def is_open(transaction: Transaction, council: str, referral: UUID) -> bool:
    """Whether providers may answer it, as far as matching has heard."""
    state = await transaction.scalar(select(referrals.c.state).where(referrals.c.council == council, referrals.c.referral == referral))
    return state in (ReferralState.OPEN, ReferralState.CHOOSING)


async def mark(transaction: Transaction, council: str, referral: UUID, marks: Iterable[str]) -> None:
    """Put these marks in place of those the referral had, in turn, as ``in_turn`` says."""
    await transaction.execute(_MARK, {"council": council, "referral": referral, "marks": sorted(marks)})


async def unmark(transaction: Transaction, council: str, referral: UUID) -> None:
    """The referral is found no more."""
    mine = (lookalike_marks.c.council == council, lookalike_marks.c.referral == referral)
    await transaction.execute(delete(lookalike_marks).where(*mine))


async def others_open(transaction: Transaction, marks: Iterable[str]) -> list[tuple[str, Referral]]:
    """Open referrals of the other councils with any of these marks, each with its council. For a handler alone: no reply shows them."""
    rows = await transaction.execute(_SEARCH, {"marks": sorted(marks), "most": MOST_JUDGED})
    return [(row.council, kept_view(row.view)) for row in rows]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two referrals that could be joined up, from the side of one of them: ``council`` and ``referral`` are the other's."""

    council: str
    referral: UUID
    pair: UUID
    coinciding: frozenset[Coincidence]


async def keep(transaction: Transaction, council: str, referral: UUID, found: Sequence[Pair], now: datetime) -> None:
    """Tell each council of each pair what of its own referral coincides; first found stays first found.

    Each row is written in the name of the council it is for, and says nothing of the other.
    """
    rows = [row for one in found for row in ((council, referral, one), (one.council, one.referral, one))]
    await transaction.execute(
        _KEEP,
        {
            "councils": [whose for whose, _, _ in rows],
            "referrals": [of for _, of, _ in rows],
            "pairs": [one.pair for _, _, one in rows],
            "coinciding": [",".join(sorted(one.coinciding)) for _, _, one in rows],
            "now": now,
        },
    )


async def open_pairs(transaction: Transaction, council: str, referral: UUID) -> list[UUID]:
    """The pairs that a referral of the council is one of, while both are open."""
    mine = (lookalikes.c.council == council, lookalikes.c.referral == referral, lookalikes.c.closed_at.is_(None))
    return list((await transaction.execute(select(lookalikes.c.pair).where(*mine))).scalars())


async def close(transaction: Transaction, council: str, pairs: Sequence[UUID], now: datetime) -> None:
    """The council's rows of these pairs say nothing any more."""
    mine = (lookalikes.c.council == council, one_of(lookalikes.c.pair, pairs), lookalikes.c.closed_at.is_(None))
    await transaction.execute(update(lookalikes).where(*mine).values(closed_at=now))


@dataclass(frozen=True, slots=True)
class Lookalike:
    """What of a council's own referral coincides with some other council's open one, and since when that is known."""

    coinciding: frozenset[Coincidence]
    found_at: datetime


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> list[Lookalike]:
    """What stands of a council's own referral."""
    mine = (lookalikes.c.council == council, lookalikes.c.referral == referral, lookalikes.c.closed_at.is_(None))
    rows = await transaction.execute(select(lookalikes.c.coinciding, lookalikes.c.found_at).where(*mine).order_by(lookalikes.c.pair))
    return [Lookalike(frozenset(Coincidence(each) for each in row.coinciding), row.found_at) for row in rows]
