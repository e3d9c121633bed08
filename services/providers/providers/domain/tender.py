"""A tender round: when bids may come in, and what may be done after closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from providers.domain.fault import Fault
from providers.domain.lot import LotTerms


class RoundStage(StrEnum):
    """How far a round has come. ``awaiting_closing``: the closing time has passed and the bids have not been opened yet."""

    NOT_YET_OPEN = "not_yet_open"
    OPEN = "open"
    AWAITING_CLOSING = "awaiting_closing"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    PUBLISHED = "published"


class RoundRule(StrEnum):
    """Why a round's times cannot stand, or why something cannot be done in its present stage."""

    CLOSES_AFTER_OPENING = "closes_after_opening"
    CLOSES_IN_FUTURE = "closes_in_future"
    NOT_YET_OPEN = "not_yet_open"
    BID_LATE = "bid_late"
    STILL_SEALED = "still_sealed"
    ALREADY_CLOSED = "already_closed"
    NOT_CLOSED = "not_closed"
    NOT_EVALUATED = "not_evaluated"
    ALREADY_PUBLISHED = "already_published"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Round:
    """One tender of one lot. Times are aware instants; ``terms`` are the lot's as they stood when the round began.

    ``seed`` is drawn when the round is closed, after the last bid and before anybody has read one.
    """

    id: UUID
    reference: str
    framework: str
    lot: str
    terms: LotTerms
    opens_at: datetime
    closes_at: datetime
    version: int = 1
    seed: str | None = None
    closed_at: datetime | None = None
    evaluated_at: datetime | None = None
    published_at: datetime | None = None


def stage(of: Round, *, now: datetime) -> RoundStage:
    """How far the round has come by ``now``. Bids are in time from the opening instant up to, not at, the closing instant."""
    if of.published_at is not None:
        return RoundStage.PUBLISHED
    if of.evaluated_at is not None:
        return RoundStage.EVALUATED
    if of.closed_at is not None:
        return RoundStage.CLOSED
    if now >= of.closes_at:
        return RoundStage.AWAITING_CLOSING
    return RoundStage.OPEN if now >= of.opens_at else RoundStage.NOT_YET_OPEN


def time_faults(*, opens_at: datetime, closes_at: datetime, now: datetime) -> tuple[Fault, ...]:
    """A round closes after it opens, and in the future: every reason why these times cannot stand."""
    faults = []
    if closes_at <= opens_at:
        faults.append(Fault("closes_at", RoundRule.CLOSES_AFTER_OPENING, "Give a closing time later than the opening time."))
    if closes_at <= now:
        faults.append(Fault("closes_at", RoundRule.CLOSES_IN_FUTURE, "Give a closing time that is still to come, or nobody can bid."))
    return tuple(faults)
