"""A placement: one provider's home agreed for the children of one referral, until they leave it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from referrals.domain.reasons import CancellationReason
from referrals.domain.ssda903 import good_code, refusal_words, return_year, year_start
from shared.contracts.referrals import WithinTwentyMiles
from shared.contracts.words import PlaceChangeReason, PlacementKind
from shared.refusals import Reason


class PlacementState(StrEnum):
    """How far a placement has come."""

    AGREED = "agreed"
    STARTED = "started"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Ending:
    """How a placement ended. Planned only if the ending and its timing were in the child's plan.

    ``reason`` is SSDA903 REASON_PLACE_CHANGE, ``episode_ceased`` the REC code when the child also left care.
    """

    ended_on: date
    planned: bool
    reason: PlaceChangeReason
    episode_ceased: str | None = None


@dataclass(frozen=True)
class Placement:
    """A placement at one version. ``council`` and ``provider`` are full organisations (``council:E06000045``, ``agency:SC012345``).

    ``pounds_per_week`` is for all its children together. ``offer`` is the agency's offer, ``match`` the in-house match: one of the two.
    """

    id: UUID
    council: str
    provider: str
    referral: UUID
    reference: str
    offer: UUID | None
    match: UUID | None
    vacancy: UUID
    household: UUID
    hold: UUID
    lot: str
    kind: PlacementKind
    place: str
    children: int
    ages: tuple[int, ...]
    tier: int | None
    pounds_per_week: Decimal
    starts_on: date
    within_20_miles: WithinTwentyMiles
    agreed_at: datetime
    state: PlacementState
    version: int
    started_on: date | None = None
    ending: Ending | None = None
    cancellation_reason: CancellationReason | None = None


def start_broken_rules(placement: Placement, started_on: date, earlier_than_agreed: bool, today: date) -> tuple[Reason, ...]:
    """Why a placement cannot have started that day: not in the future, and before the agreed day only if that is said in so many words."""
    return tuple(_start(placement, started_on, earlier_than_agreed, today))


def _start(placement: Placement, started_on: date, earlier_than_agreed: bool, today: date) -> Iterator[Reason]:
    if started_on > today:
        yield Reason("started_on", "not_in_the_future", "Record the start on the day the child moves in, not before.")
    if started_on < placement.starts_on and not earlier_than_agreed:
        yield Reason(
            "started_on", "not_before_agreed", "This is before the agreed start. If the child did move in early, set earlier_than_agreed."
        )


def ending_broken_rules(placement: Placement, ending: Ending, today: date) -> tuple[Reason, ...]:
    """Why a placement cannot have ended so: not before its start, not in the future, and a REC code of the return year."""
    return tuple(_ending(placement, ending, today))


def _ending(placement: Placement, ending: Ending, today: date) -> Iterator[Reason]:
    if placement.started_on and ending.ended_on < placement.started_on:
        yield Reason("ended_on", "not_before_start", "A placement cannot end before it started.")
    if ending.ended_on > today:
        yield Reason("ended_on", "not_in_the_future", "Record the ending on the day the child leaves, not before.")
    if ending.episode_ceased is not None and not good_code("REC", ending.episode_ceased, ending.ended_on):
        yield Reason("episode_ceased", "ssda903_code", refusal_words("REC", ending.ended_on))


@dataclass(frozen=True)
class Stay:
    """One earlier placement of a child: first day, and the day it left; None while it lasts."""

    started_on: date
    ended_on: date | None


def number_in_year(started_on: date, earlier: Iterable[Stay]) -> int:
    """The how-manyeth placement this is for the child in the return year (1 April to 31 March) it started in; 1 for the first.

    An earlier stay counts if the child slept in it on a night of that year before this one began: one that was going on
    over 1 April counts, one left on 1 April does not, because the day of leaving is not a day of the stay.
    """
    begins = year_start(return_year(started_on))
    return 1 + sum(1 for stay in earlier if stay.started_on <= started_on and (stay.ended_on is None or stay.ended_on > begins))


_NEXT = {
    PlacementState.AGREED: "This placement has not started: record its start, or cancel it.",
    PlacementState.STARTED: "This placement has started: record how it ended.",
    PlacementState.ENDED: "This placement has ended. If the child needs another home, make a new referral.",
    PlacementState.CANCELLED: "This placement was cancelled. If a home is needed, make a new referral naming the first as re_referral_of.",
}

NEEDED = {"start": PlacementState.AGREED, "ending": PlacementState.STARTED, "cancellation": PlacementState.AGREED}


def refusal(act: str, state: PlacementState) -> str | None:
    """Why this (start, ending or cancellation) cannot be recorded now, and what can; None when it can."""
    return None if NEEDED[act] is state else _NEXT[state]
