"""A complex needs panel: people of named roles who decide together which offer a child takes and who pays what share.

Everything a panel has come to follows from its votes and the moment it is looked at: a panel whose closing time has passed is closed,
whether or not anything has written that down. Nothing stays open for good: what the members cannot decide is the chair's to decide, and
an officer may dissolve a panel with a coded reason, which is kept in the decision record. Source: Bournemouth, domain §3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from matching.domain.closing import is_late
from matching.domain.funding_split import Split
from matching.domain.panel_words import Deciding, ExtensionReason, PanelRole, VoteKind, VoteReason


@dataclass(frozen=True, slots=True)
class Member:
    """One seat: for whom it speaks, which office holds it, and the sign-in subject that may vote."""

    member: UUID
    role: PanelRole
    office: str
    subject: str
    chair: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer as it stood when it was put to the panel; ``terms`` are plain values, to be held against the offer later."""

    offer: UUID
    provider: str
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the officer proposes, to be consented or objected to."""

    offer: UUID
    split: Split


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many must have voted, and which roles must be among them."""

    members: int
    roles: frozenset[PanelRole]


@dataclass(frozen=True, slots=True)
class Vote:
    """What one member says; ``version`` counts how often it was said anew."""

    member: UUID
    kind: VoteKind
    offer: UUID | None
    split: Split | None
    reason: VoteReason
    words: str
    voted_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, given by the chair after a closing without quorum."""

    number: int
    from_at: datetime
    to_at: datetime
    reason: ExtensionReason
    extended_by: str
    extended_at: datetime


class How(StrEnum):
    """How a panel came to its end."""

    AGREED = "agreed"
    CHAIR_DECIDED = "chair_decided"
    DISSOLVED = "dissolved"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a panel decided. ``offer`` is None where it decided for none of those offered, or was dissolved."""

    how: How
    offer: UUID | None
    split: Split | None
    decided_at: datetime
    decided_by: str | None = None
    reason: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel with all that was said in it. ``recorded`` is its outcome once that is written down."""

    council: str
    panel: UUID
    referral: UUID
    asked: tuple[Asked, ...]
    proposal: Proposal | None
    deciding: Deciding
    quorum: Quorum
    chair_without_quorum: bool
    members: tuple[Member, ...]
    opened_at: datetime
    opened_by: str
    closes_at: datetime
    all_voted_at: datetime | None = None
    votes: tuple[Vote, ...] = ()
    extensions: tuple[Extension, ...] = ()
    recorded: Outcome | None = None
    version: int = 1
    referral_over: bool = False
    """Whether the referral was placed, withdrawn or lapsed."""

    @property
    def chair(self) -> Member:
        """The one member who decides what the others cannot."""
        return next(member for member in self.members if member.chair)

    def member_of(self, subject: str) -> Member | None:
        """The seat of whoever signed in, None when they have none."""
        return next((member for member in self.members if member.subject == subject), None)

    def vote_of(self, member: UUID) -> Vote | None:
        """What a member says as it now stands."""
        return next((vote for vote in self.votes if vote.member == member), None)

    @property
    def waiting_for(self) -> tuple[Member, ...]:
        """The members who have not voted."""
        return tuple(member for member in self.members if self.vote_of(member.member) is None)


class PanelState(StrEnum):
    """How a panel stands at a moment."""

    OPEN = "open"
    WITH_CHAIR = "with_chair"
    DECIDED = "decided"
    DISSOLVED = "dissolved"
    LAPSED = "lapsed"
    """The referral was placed, withdrawn or lapsed before the panel decided: there is nothing left to decide."""


class Unsettled(StrEnum):
    """Why a closed panel is with its chair."""

    NO_QUORUM = "no_quorum"
    NOT_AGREED_ON_OFFER = "not_agreed_on_offer"
    NOT_AGREED_ON_SPLIT = "not_agreed_on_split"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a panel has come to: its state, when it closed, why it is with the chair, and what was decided."""

    state: PanelState
    closed_at: datetime | None = None
    unsettled: Unsettled | None = None
    outcome: Outcome | None = None


def standing(panel: Panel, now: datetime) -> Standing:
    """How the panel stands at ``now``.

    Closed: at its closing time, or once all have voted. Decided: when those who voted reach the quorum and agree, from the moment it
    closed. Else with the chair. What is written down counts before all else; a panel whose referral is over decides nothing more.
    """
    found = _standing(panel, now)
    return Standing(PanelState.LAPSED) if panel.referral_over and found.outcome is None else found


def _standing(panel: Panel, now: datetime) -> Standing:
    if panel.recorded is not None:
        ended = PanelState.DISSOLVED if panel.recorded.how is How.DISSOLVED else PanelState.DECIDED
        return Standing(ended, min(panel.recorded.decided_at, _closing(panel)), None, panel.recorded)
    closed_at = _closing(panel)
    if not is_late(now, closed_at):
        return Standing(PanelState.OPEN)
    if not has_quorum(panel):
        return Standing(PanelState.WITH_CHAIR, closed_at, Unsettled.NO_QUORUM)
    agreed = _agreed(panel)
    if isinstance(agreed, Unsettled):
        return Standing(PanelState.WITH_CHAIR, closed_at, agreed)
    offer, split = agreed
    return Standing(PanelState.DECIDED, closed_at, None, Outcome(How.AGREED, offer, split, closed_at))


def _closing(panel: Panel) -> datetime:
    return panel.closes_at if panel.all_voted_at is None else min(panel.all_voted_at, panel.closes_at)


def has_quorum(panel: Panel) -> bool:
    """Whether enough have voted, and every role that must be heard is among them."""
    voted = {vote.member for vote in panel.votes}
    roles = {member.role for member in panel.members if member.member in voted}
    return len(voted) >= panel.quorum.members and panel.quorum.roles <= roles


_Said = tuple[str, UUID | None]


def _said(vote: Vote, panel: Panel) -> _Said:
    if vote.kind is VoteKind.CONSENT and panel.proposal is not None:
        return VoteKind.FOR_OFFER, panel.proposal.offer
    return vote.kind, vote.offer


def split_of(vote: Vote, panel: Panel) -> Split | None:
    """The split a vote stands for: its own, else the proposed one; None for a vote that takes no offer."""
    if vote.kind not in (VoteKind.FOR_OFFER, VoteKind.CONSENT):
        return None
    return vote.split or (panel.proposal.split if panel.proposal else None)


def _agreed(panel: Panel) -> tuple[UUID | None, Split | None] | Unsettled:
    said = _enough([_said(vote, panel) for vote in panel.votes], panel.deciding)
    if said is None or said[0] == VoteKind.OBJECT:
        return Unsettled.NOT_AGREED_ON_OFFER
    if said[0] == VoteKind.NONE_OF_THESE:
        return None, None
    split = _enough([split_of(vote, panel) for vote in panel.votes if _said(vote, panel) == said], panel.deciding)
    return Unsettled.NOT_AGREED_ON_SPLIT if split is None else (said[1], split)


def _enough(values: Sequence[Any], deciding: Deciding) -> Any:
    """The value that all hold, or more than half of them; None when there is none."""
    [(value, count)] = Counter(values).most_common(1)
    needed = len(values) if deciding is Deciding.BY_CONSENT else len(values) // 2 + 1
    return value if count >= needed else None
