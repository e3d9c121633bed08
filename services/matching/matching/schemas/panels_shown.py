"""A panel as its members and the council's officers are shown it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from matching.actions.panels import Seen
from matching.domain.funding_split import Funder, Split, pounds_of
from matching.domain.offer import OfferState
from matching.domain.panel import How, Outcome, Panel, PanelState, Standing, Unsettled, Vote, split_of
from matching.domain.panel_reminders import Reminder, late_members, reminder_times
from matching.domain.panel_rules import changed_since_asked
from matching.domain.panel_words import Deciding, PanelRole, VoteKind, VoteReason
from matching.domain.ranking import Option
from matching.schemas.judged import ReasonAgainst, code
from matching.schemas.requests import NeedAnswer
from shared.uk_time import in_uk_words

_UNSETTLED_WORDS = {
    Unsettled.NO_QUORUM: "Too few have voted, or a role that must be heard has not. The chair gives more time, or decides where it may.",
    Unsettled.NOT_AGREED_ON_OFFER: "Those who voted do not agree on an offer. The chair decides.",
    Unsettled.NOT_AGREED_ON_SPLIT: "Those who voted agree on an offer and not on who pays what. The chair decides.",
}


class Share(BaseModel):
    """What one funder pays; the pounds of all add up to the weekly fee to the penny."""

    funder: Funder
    per_cent: Decimal
    pounds_per_week: Decimal | None

    @classmethod
    def all_of(cls, split: Split | None, fee: Decimal | None) -> list[Self] | None:
        """A split as it is shown; None where there is none. Without pounds where the fee is not known any more."""
        if split is None:
            return None
        pounds = dict(pounds_of(split, fee)) if fee is not None else {}
        return [cls(funder=funder, per_cent=per_cent, pounds_per_week=pounds.get(funder)) for funder, per_cent in split.shares]


class AskedOffer(BaseModel):
    """An offer the panel is asked about, as it was put to it and as it stands."""

    offer: UUID
    provider: str
    provider_name: str | None
    pounds_per_week_when_asked: Decimal
    pounds_per_week: Decimal | None
    available_on: date | None
    state: OfferState
    changed_since_asked: bool
    tier: int | None
    suitable: bool | None
    reasons: list[ReasonAgainst]
    needs: list[NeedAnswer]
    fit: Decimal | None
    about_miles: Decimal | None


class VoteShown(BaseModel):
    """What a member says, as it now stands."""

    vote: VoteKind
    offer: UUID | None
    split: list[Share] | None
    reason: VoteReason
    words: str
    voted_at: AwareDatetime
    version: int


class ReminderShown(BaseModel):
    """A reminder that was given."""

    reminder: Reminder
    reminded_at: AwareDatetime


class MemberShown(BaseModel):
    """A seat, its vote, and the reminders given to it. ``subject`` is shown to the council's officers, who named it."""

    member: UUID
    role: PanelRole
    office: str
    subject: str
    chair: bool
    vote: VoteShown | None
    late: bool
    reminded: list[ReminderShown]
    reminded_at: AwareDatetime | None


class ExtensionShown(BaseModel):
    """More time that was given."""

    from_at: AwareDatetime
    to_at: AwareDatetime
    reason: str
    extended_by: str
    extended_at: AwareDatetime


class OutcomeShown(BaseModel):
    """What was decided; ``offer`` null: none of those offered."""

    how: How
    offer: UUID | None
    split: list[Share] | None
    reason: str | None
    words: str | None
    decided_by: str | None
    decided_at: AwareDatetime


class ReminderTime(BaseModel):
    """When those who have not voted are reminded."""

    reminder: Reminder
    at: AwareDatetime


class PanelShown(BaseModel):
    """A panel as it stands now. ``version`` of your own vote is what a change of it names in If-Match."""

    panel: UUID
    referral: UUID
    reference: str
    state: PanelState
    deciding: Deciding
    closes_at: AwareDatetime
    closes_at_words: str
    closed_at: AwareDatetime | None
    words: str
    unsettled: Unsettled | None
    chair_may_decide_without_quorum: bool
    quorum_members: int
    quorum_roles: list[PanelRole]
    voted: int
    asked: list[AskedOffer]
    proposed_offer: UUID | None
    proposed_split: list[Share] | None
    members: list[MemberShown]
    reminders: list[ReminderTime]
    extensions: list[ExtensionShown]
    outcome: OutcomeShown | None
    opened_at: AwareDatetime
    opened_by: str

    @classmethod
    def of(cls, seen: Seen, names: Mapping[str, str]) -> Self:
        """As it is shown."""
        panel, stands = seen.panel, seen.standing
        options = {option.offer.offer: option for option in seen.judged.options}
        fees = {one.offer: Decimal(one.terms["pounds_per_week"]) for one in panel.asked}
        proposed = panel.proposal
        late = late_members(panel, seen.now)
        return cls(
            panel=panel.panel,
            referral=panel.referral,
            reference=seen.judged.referral.reference,
            state=stands.state,
            deciding=panel.deciding,
            closes_at=panel.closes_at,
            closes_at_words=in_uk_words(panel.closes_at),
            closed_at=stands.closed_at,
            words=_words(panel, stands),
            unsettled=stands.unsettled,
            chair_may_decide_without_quorum=panel.chair_without_quorum,
            quorum_members=panel.quorum.members,
            quorum_roles=sorted(panel.quorum.roles),
            voted=len(panel.votes),
            asked=_asked(seen, options, names),
            proposed_offer=proposed.offer if proposed else None,
            proposed_split=Share.all_of(proposed.split, fees.get(proposed.offer)) if proposed else None,
            members=[
                MemberShown(
                    member=member.member,
                    role=member.role,
                    office=member.office,
                    subject=member.subject,
                    chair=member.chair,
                    vote=_vote(panel, panel.vote_of(member.member), fees),
                    late=member in late,
                    reminded=[ReminderShown(reminder=what, reminded_at=at) for who, what, at in seen.reminded if who == member.member],
                    reminded_at=max((at for who, _, at in seen.reminded if who == member.member), default=None),
                )
                for member in panel.members
            ],
            reminders=[ReminderTime(reminder=reminder, at=at) for reminder, at in reminder_times(panel)],
            extensions=[
                ExtensionShown(
                    from_at=one.from_at, to_at=one.to_at, reason=one.reason, extended_by=one.extended_by, extended_at=one.extended_at
                )
                for one in panel.extensions
            ],
            outcome=_outcome(stands.outcome, fees),
            opened_at=panel.opened_at,
            opened_by=panel.opened_by,
        )


def _asked(seen: Seen, options: Mapping[UUID, Option], names: Mapping[str, str]) -> list[AskedOffer]:
    ended = {offer.offer: offer.state for offer in seen.judged.ended}
    shown = []
    for one in seen.panel.asked:
        option = options.get(one.offer)
        shown.append(
            AskedOffer(
                offer=one.offer,
                provider=code(one.provider),
                provider_name=names.get(one.provider),
                pounds_per_week_when_asked=Decimal(one.terms["pounds_per_week"]),
                pounds_per_week=option.offer.terms.pounds_per_week if option else None,
                available_on=option.offer.terms.available_on if option else None,
                state=option.offer.state if option else ended[one.offer],
                changed_since_asked=option is not None and changed_since_asked(seen.panel, option),
                tier=option.offer.tier if option else None,
                suitable=option.suitable if option else None,
                reasons=[ReasonAgainst.of(reason) for reason in option.reasons] if option else [],
                needs=[NeedAnswer(need=answer.need, met=answer.met, note=answer.note) for answer in option.offer.terms.answers]
                if option
                else [],
                fit=option.fit.score if option else None,
                about_miles=option.miles if option else None,
            )
        )
    return shown


def _vote(panel: Panel, vote: Vote | None, fees: Mapping[UUID, Decimal]) -> VoteShown | None:
    if vote is None:
        return None
    offer = panel.proposal.offer if vote.kind is VoteKind.CONSENT and panel.proposal else vote.offer
    return VoteShown(
        vote=vote.kind,
        offer=offer,
        split=Share.all_of(split_of(vote, panel), fees.get(offer) if offer else None),
        reason=vote.reason,
        words=vote.words,
        voted_at=vote.voted_at,
        version=vote.version,
    )


def _outcome(outcome: Outcome | None, fees: Mapping[UUID, Decimal]) -> OutcomeShown | None:
    if outcome is None:
        return None
    return OutcomeShown(
        how=outcome.how,
        offer=outcome.offer,
        split=Share.all_of(outcome.split, fees.get(outcome.offer) if outcome.offer else None),
        reason=outcome.reason,
        words=outcome.words,
        decided_by=outcome.decided_by,
        decided_at=outcome.decided_at,
    )


def _words(panel: Panel, stands: Standing) -> str:
    match stands.state:
        case PanelState.OPEN:
            waiting = ", ".join(member.office for member in panel.waiting_for)
            return f"Votes may be given and changed until {in_uk_words(panel.closes_at)}. Waiting for: {waiting}."
        case PanelState.WITH_CHAIR:
            assert stands.unsettled is not None
            return _UNSETTLED_WORDS[stands.unsettled]
        case PanelState.DISSOLVED:
            return "The panel was dissolved before it decided."
        case PanelState.LAPSED:
            return "The referral was placed, withdrawn or lapsed before the panel decided."
        case PanelState.DECIDED:
            return "The panel has decided. A choice follows it, or says why not."
