"""The individual placement agreement: what council and agency agree about one placement, in versions that both sign.

A version is what one side proposes and never changes. Each side signs what the version says, by its content's hash; when both have, it is
in force from its own effective date, and stays so until a later version, signed by both, takes over from its effective date. So a
variation leaves what came before as it was. A version that was not signed by both is declined with a coded reason, or replaced by the
next one that either side proposes. The child is named nowhere: only the referral's reference and the ages when agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from referrals.domain.agreement_terms import Terms, first_day
from referrals.domain.placement import Placement, PlacementState
from shared.refusals import Reason


class Act(StrEnum):
    """What a side did with a version."""

    SIGNED = "signed"
    DECLINED = "declined"


class DeclineReason(StrEnum):
    """Why a side does not sign a version."""

    FEE_NOT_AS_OFFERED = "fee_not_as_offered"
    LINES_NOT_AGREED = "lines_not_agreed"
    DATES_NOT_AGREED = "dates_not_agreed"
    NOTICE_NOT_AGREED = "notice_not_agreed"
    DOCUMENTS_NOT_RECEIVED = "documents_not_received"
    APPROVAL_MISSING = "approval_missing"
    ENTERED_IN_ERROR = "entered_in_error"


@dataclass(frozen=True)
class Deed:
    """An act with who did it, for which organisation, when, and on which content."""

    author: str
    act: Act
    content_hash: str
    by: str
    at: datetime
    reason: DeclineReason | None = None


@dataclass(frozen=True)
class Version:
    """One version as proposed, and what was done with it, oldest first."""

    number: int
    terms: Terms
    content_hash: str
    author: str
    by: str
    at: datetime
    deeds: tuple[Deed, ...] = ()

    def signed_by(self, side: str) -> bool:
        """Whether this organisation has signed it."""
        return any(deed.author == side and deed.act is Act.SIGNED for deed in self.deeds)

    @property
    def in_force(self) -> bool:
        """Signed by both sides. Nobody signs twice, so two signatures are two sides."""
        return len({deed.author for deed in self.deeds if deed.act is Act.SIGNED}) == 2

    @property
    def signed_at(self) -> datetime | None:
        """When the second side signed."""
        return max(deed.at for deed in self.deeds) if self.in_force else None


class VersionState(StrEnum):
    """How far a version has come."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    REPLACED = "replaced"


def state_of(version: Version, newest: int) -> VersionState:
    """In force once both signed, whatever came later; else declined; else replaced when a newer was proposed; else open to be signed."""
    if version.in_force:
        return VersionState.IN_FORCE
    if any(deed.act is Act.DECLINED for deed in version.deeds):
        return VersionState.DECLINED
    return VersionState.REPLACED if version.number < newest else VersionState.PROPOSED


_NOT_OPEN = {
    VersionState.IN_FORCE: "Both sides have signed this version: it is in force. To change it, propose a variation.",
    VersionState.DECLINED: "This version was declined. Propose another, and sign that.",
    VersionState.REPLACED: "Another version was proposed after this one. Read the agreement again, and sign or decline the newest.",
}


def signing_broken_rules(version: Version, newest: int, side: str, content_hash: str) -> tuple[Reason, ...]:
    """Why this side cannot sign this version: it is not open, it says something else than what was read, or the side has signed."""
    found = list(declining_broken_rules(version, newest))
    if content_hash != version.content_hash:
        words = "What you read is not what this version says: give the content_hash of the version as you read it."
        found.append(Reason("content_hash", "same_content", words))
    if version.signed_by(side):
        found.append(Reason("number", "signed_once", "Your side has signed this version already; it waits for the other."))
    return tuple(found)


def declining_broken_rules(version: Version, newest: int) -> tuple[Reason, ...]:
    """Why nobody can decline this version: it is not open any more."""
    state = state_of(version, newest)
    return (Reason("number", "open", _NOT_OPEN[state]),) if state in _NOT_OPEN else ()


def refusal(placement: Placement) -> str | None:
    """Why no agreement can be made about a placement, in words; None when it can."""
    if placement.provider == placement.council:
        return "This child lives with your council's own carer: there is no second party to agree with."
    if placement.state is PlacementState.CANCELLED:
        return "This placement was cancelled, so there is nothing to agree."
    return None


def in_force_on(versions: Sequence[Version], night: date) -> Version | None:
    """The version that holds for a night: of those both signed whose effective date has come, the newest."""
    holding = [version for version in versions if version.in_force and version.terms.effective_from <= night]
    return max(holding, key=lambda version: version.number, default=None)


class NoticeReason(StrEnum):
    """Why a side gives notice."""

    CARE_PLAN_CHANGED = "care_plan_changed"
    RETURNING_HOME = "returning_home"
    MOVING_TO_PERMANENCE = "moving_to_permanence"
    NEEDS_NOT_MET = "needs_not_met"
    CARER_CANNOT_GO_ON = "carer_cannot_go_on"
    CARER_LEAVES_THE_AGENCY = "carer_leaves_the_agency"
    CHILD_ASKS_TO_MOVE = "child_asks_to_move"
    STANDARD_OF_CARE = "standard_of_care"
    RISK_TO_OTHERS = "risk_to_others"


@dataclass(frozen=True)
class Notice:
    """Notice given by one side. The agreement ends on ``ends_on``; the last night charged is the one before."""

    id: UUID
    author: str
    given_on: date
    ends_on: date
    reason: NoticeReason
    by: str
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def last_night(self) -> date:
        """The last night charged, unless the child leaves sooner or stays longer."""
        return self.ends_on - timedelta(1)


def notice_days(versions: Sequence[Version], given_on: date, by_setting: int) -> int:
    """The notice of the version in force on the day it is given; without one, the council's own setting."""
    version = in_force_on(versions, given_on)
    return version.terms.notice_days if version else by_setting


def notice_broken_rules(placement: Placement, standing: Notice | None, given_on: date, today: date) -> tuple[Reason, ...]:
    """Why notice cannot have been given that day: one stands already, the day is to come, or lies before the placement was agreed."""
    found = []
    if standing is not None:
        found.append(Reason("given_on", "one_notice", "Notice was given already. Whoever gave it may withdraw it first."))
    if given_on > today:
        found.append(Reason("given_on", "not_in_the_future", "Record notice on the day it is given, not before."))
    if given_on < min(placement.agreed_at.date(), first_day(placement)):
        found.append(Reason("given_on", "not_before_agreed", "Notice cannot have been given before the placement was agreed."))
    return tuple(found)
