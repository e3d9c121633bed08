"""What is asked of panels, and what a council's people are shown of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from matching.actions.convening import Convening, NewSeat
from matching.domain.funding_split import Funder, Split
from matching.domain.message import LONGEST
from matching.domain.panel import Proposal
from matching.domain.panel_words import ChairReason, Deciding, DissolutionReason, ExtensionReason, PanelRole, VoteKind, VoteReason
from shared.contracts.words import Urgency
from shared.written import Moment, Whole, YesOrNo

PerCent = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]
Shares = Annotated[dict[Funder, PerCent], Field(min_length=1, description="per cent by funder, adding up to exactly 100")]
Words = Annotated[str, Field(min_length=3, max_length=LONGEST, description="In short, and nothing about a person: no names or numbers.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


def split_of(shares: dict[Funder, Decimal] | None) -> Split | None:
    """As the domain holds it."""
    return None if shares is None else Split.of(shares)


class Seat(_Body):
    """One member: for whom it speaks, the office that holds the seat, and whose sign-in may vote."""

    role: PanelRole
    office: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z &,'()/-]{1,79}$", description="the office, as in: virtual school head")]
    subject: Annotated[str, Field(min_length=1, max_length=255, description="the person's sub at your sign-in service")]
    chair: YesOrNo = False


class NewProposal(_Body):
    """What you propose to the panel."""

    offer: UUID
    split: Shares

    def proposal(self) -> Proposal:
        """As the domain holds it."""
        return Proposal(self.offer, Split.of(self.split))


class NewQuorum(_Body):
    """How many must vote, and which roles among them. Left out: more than half, or as many as the roles named."""

    members: Annotated[Whole | None, Field(ge=1, le=20)] = None
    roles: Annotated[list[PanelRole], Field(max_length=5)] = []


class NewPanel(_Body):
    """A panel on one of your referrals. Without ``closes_at`` it sits as long as your council set for the referral's urgency."""

    offers: Annotated[list[UUID], Field(min_length=1, max_length=20)]
    proposal: NewProposal | None = None
    deciding: Deciding = Deciding.BY_CONSENT
    members: Annotated[list[Seat], Field(min_length=1, max_length=20)]
    quorum: NewQuorum = NewQuorum()
    closes_at: Moment | None = None
    chair_may_decide_without_quorum: Annotated[
        bool | None, Field(description="left out: only for an emergency and a same-day referral")
    ] = None

    def convening(self) -> Convening:
        """As the action takes it."""
        return Convening(
            offers=self.offers,
            proposal=self.proposal.proposal() if self.proposal else None,
            deciding=self.deciding,
            seats=[NewSeat(seat.role, seat.office, seat.subject, seat.chair) for seat in self.members],
            quorum_members=self.quorum.members,
            quorum_roles=frozenset(self.quorum.roles),
            closes_at=self.closes_at,
            chair_without_quorum=self.chair_may_decide_without_quorum,
        )


class NewVote(_Body):
    """What you say. For an offer with your split of the fee; ``consent`` is to offer and split as proposed, or to another split."""

    vote: VoteKind
    offer: UUID | None = None
    split: Shares | None = None
    reason: VoteReason
    words: Words

    def said(self) -> tuple[VoteKind, UUID | None, Split | None, VoteReason, str]:
        """As the action takes it."""
        return self.vote, self.offer, split_of(self.split), self.reason, self.words


class NewChairDecision(_Body):
    """What you decide as the chair: an offer and its split, or none of those offered."""

    offer: UUID | None
    split: Shares | None = None
    reason: ChairReason
    words: Words

    def decision(self) -> tuple[UUID | None, Split | None, ChairReason, str]:
        """As the action takes it."""
        return self.offer, split_of(self.split), self.reason, self.words


class NewExtension(_Body):
    """Until when the panel has more time, and why."""

    closes_at: Moment
    reason: ExtensionReason


class NewDissolution(_Body):
    """Why the panel ends without a decision."""

    reason: DissolutionReason


class PanelHours(_Body):
    """How long panels sit by the referral's urgency, in hours on the clock."""

    emergency: Annotated[Whole, Field(ge=1, le=24)]
    same_day: Annotated[Whole, Field(ge=1, le=24)]
    planned: Annotated[Whole, Field(ge=1, le=720)]
    long_term: Annotated[Whole, Field(ge=1, le=720)]

    def by_urgency(self) -> dict[Urgency, int]:
        """As the domain holds it."""
        return {Urgency(name): hours for name, hours in self.model_dump().items()}

    @classmethod
    def of(cls, hours: dict[Urgency, int]) -> Self:
        """As it is shown."""
        return cls(**{str(urgency): count for urgency, count in hours.items()})
