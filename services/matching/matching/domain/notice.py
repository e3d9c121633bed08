"""What an agency or a council is told of, and where it reads the rest.

A notice is thin: what happened, to which referral or offer, when, and where to read it. Nothing of a child leaves by it, however
far it is carried; what the reader may see is decided when it is read, under the reader's own rights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from matching.domain.offer import Offer
from shared.organisation import Kind


class NoticeType(StrEnum):
    """What happened."""

    OPPORTUNITY_SENT = "opportunity.sent"
    OPPORTUNITY_AMENDED = "opportunity.amended"
    OPPORTUNITY_WITHDRAWN = "opportunity.withdrawn"
    OPPORTUNITY_CLOSED = "opportunity.closed"
    OPPORTUNITY_DECLINED = "opportunity.declined"
    OFFER_MADE = "offer.made"
    OFFER_CHANGED = "offer.changed"
    OFFER_WITHDRAWN = "offer.withdrawn"
    OFFER_SHORTLISTED = "offer.shortlisted"
    OFFER_SELECTED = "offer.selected"
    OFFER_CONFIRMED = "offer.confirmed"
    OFFER_REFUSED = "offer.refused"
    OFFER_RELEASED = "offer.released"
    OFFER_CONFIRMATION_NEEDED = "offer.confirmation_needed"
    CHOICE_CONFIRMED = "choice.confirmed"
    CHOICE_REFUSED = "choice.refused"
    OFFER_LAPSED = "offer.lapsed"
    HOME_FREE_AGAIN = "home.free_again"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    PANEL_REMINDER = "panel.reminder"
    PLACEMENT_AGREED = "placement.agreed"
    PLACEMENT_STARTED = "placement.started"
    PLACEMENT_ENDED = "placement.ended"
    PLACEMENT_CANCELLED = "placement.cancelled"
    WEBHOOK_STOPPED = "webhook.stopped"
    WEBHOOK_TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class About:
    """Who is told, where the rest is read (``service`` and ``path`` there), and what it means in words."""

    to: tuple[Kind, ...]
    path: str
    meaning: str
    service: str = "matching"


_AGENCY, _COUNCIL, _BOTH = (Kind.AGENCY,), (Kind.COUNCIL,), (Kind.AGENCY, Kind.COUNCIL)
_OPPORTUNITY, _OFFER, _OPTIONS, _CHOICE = (
    "/opportunities/{referral}",
    "/offers/{offer}",
    "/referrals/{referral}/options",
    "/referrals/{referral}/choice",
)
_PLACEMENT, _PANEL, _WEBHOOK = "/placements/{subject}", "/panels/{subject}", "/webhooks/{subject}"

ABOUT: Final[Mapping[NoticeType, About]] = MappingProxyType(
    {
        NoticeType.OPPORTUNITY_SENT: About(_AGENCY, _OPPORTUNITY, "A council sent you a referral; you may offer until it closes."),
        NoticeType.OPPORTUNITY_AMENDED: About(_AGENCY, _OPPORTUNITY, "The council changed what the referral says, or when it closes."),
        NoticeType.OPPORTUNITY_WITHDRAWN: About(_AGENCY, _OPPORTUNITY, "The council took the referral back."),
        NoticeType.OPPORTUNITY_CLOSED: About(
            _AGENCY, _OPPORTUNITY, "The referral takes no more offers: a home was agreed, or its time is over."
        ),
        NoticeType.OPPORTUNITY_DECLINED: About(_COUNCIL, _OPTIONS, "An agency said no to your referral, with a coded reason."),
        NoticeType.OFFER_MADE: About(_COUNCIL, _OPTIONS, "An agency offered a home for your referral."),
        NoticeType.OFFER_CHANGED: About(_COUNCIL, _OPTIONS, "An agency changed the terms of its offer."),
        NoticeType.OFFER_WITHDRAWN: About(_COUNCIL, _OPTIONS, "An agency took its offer back."),
        NoticeType.OFFER_SHORTLISTED: About(_AGENCY, _OFFER, "Your offer is on the council's shortlist."),
        NoticeType.OFFER_SELECTED: About(_AGENCY, _OFFER, "The council chose your offer; the bed is being asked for."),
        NoticeType.OFFER_CONFIRMED: About(_AGENCY, _OFFER, "The bed is held for the child: your offer is the one."),
        NoticeType.OFFER_REFUSED: About(_AGENCY, _OFFER, "The council chose your offer, but its bed could not be had."),
        NoticeType.OFFER_RELEASED: About(_AGENCY, _OFFER, "Your offer was not chosen; the reason is in it."),
        NoticeType.OFFER_CONFIRMATION_NEEDED: About(
            _AGENCY, _OFFER, "The referral changed: confirm that your offer still stands, or take it back."
        ),
        NoticeType.CHOICE_CONFIRMED: About(_COUNCIL, _CHOICE, "The bed of the home you chose is held."),
        NoticeType.CHOICE_REFUSED: About(_COUNCIL, _CHOICE, "The bed of the home you chose was gone; your other options stand."),
        NoticeType.OFFER_LAPSED: About(_AGENCY, _OFFER, "You did not confirm in time that your offer still stands, so it has lapsed."),
        NoticeType.HOME_FREE_AGAIN: About(
            _COUNCIL, _OPTIONS, "A home you have an offer of was held for another council; the hold ended without a choice."
        ),
        NoticeType.QUESTION_ASKED: About(_COUNCIL, _OPTIONS, "An agency asked a question about your referral."),
        NoticeType.QUESTION_ANSWERED: About(
            _AGENCY, _OPPORTUNITY, "A question about the referral was answered, for everybody it was sent to."
        ),
        NoticeType.PANEL_REMINDER: About(_COUNCIL, _PANEL, "The panel on your referral still waits for members."),
        NoticeType.PLACEMENT_AGREED: About(_BOTH, _PLACEMENT, "A placement was agreed.", "referrals"),
        NoticeType.PLACEMENT_STARTED: About(_BOTH, _PLACEMENT, "The child moved in.", "referrals"),
        NoticeType.PLACEMENT_ENDED: About(_BOTH, _PLACEMENT, "The child moved out.", "referrals"),
        NoticeType.PLACEMENT_CANCELLED: About(_BOTH, _PLACEMENT, "An agreed placement will not begin.", "referrals"),
        NoticeType.WEBHOOK_STOPPED: About(_BOTH, _WEBHOOK, "One of your webhooks was stopped; what it says there is why."),
        NoticeType.WEBHOOK_TEST: About(_BOTH, _WEBHOOK, "You asked for a test of your webhook."),
    }
)
"""Every notice there is. docs/webhooks.md prints this table; a test compares the two."""


def types_for(kind: Kind) -> frozenset[NoticeType]:
    """What an organisation of this kind can be told."""
    return frozenset(type for type, about in ABOUT.items() if kind in about.to)


@dataclass(frozen=True, slots=True)
class News:
    """One organisation to be told of one thing. ``subject`` is the placement, webhook or panel, where it is neither offer nor referral."""

    to: str
    type: NoticeType
    council: str | None = None
    referral: UUID | None = None
    reference: str | None = None
    offer: UUID | None = None
    subject: UUID | None = None


def of_offer(type: NoticeType, offer: Offer) -> News:
    """What happened to an offer, told to the side that did not do it."""
    to = offer.provider if Kind.AGENCY in ABOUT[type].to else offer.council
    council = offer.council.removeprefix("council:")
    return News(to, type, council=council, referral=offer.referral, reference=offer.reference, offer=offer.offer)


@dataclass(frozen=True, slots=True)
class Notice:
    """What one organisation was told, as its feed and its webhooks give it; ``number`` is its place in the feed.

    ``traceparent`` is the span it was told in, while tracing is on; nobody outside is given it.
    """

    number: int
    notice: UUID
    type: NoticeType
    happened_at: datetime
    council: str | None
    referral: UUID | None
    reference: str | None
    offer: UUID | None
    subject: UUID | None
    traceparent: str | None = None

    @property
    def service(self) -> str:
        """Which service has the rest."""
        return ABOUT[self.type].service

    @property
    def path(self) -> str:
        """Where the rest is read there."""
        return ABOUT[self.type].path.format(referral=self.referral, offer=self.offer, subject=self.subject)
