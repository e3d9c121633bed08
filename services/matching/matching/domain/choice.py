"""Shortlisting and choosing: what may be chosen, what must be said, and when a coded reason is owed.

A suitable tier-one offer comes before any lower tier (domain §2): choosing past it needs a reason from a closed list, kept in
the decision record. The law's considerations (section 22C) are each answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from matching.domain.approval import OFFICES, ApprovalFor
from matching.domain.faults import Fault
from matching.domain.guard import Check, Question, blocked, owed
from matching.domain.offer import STANDING, OfferState
from matching.domain.panel_words import Departure
from matching.domain.ranking import Option

MOST_ON_SHORTLIST = 3
FEWEST_ON_SHORTLIST = 2


class ChoiceReason(StrEnum):
    """Why an offer was chosen past a suitable tier-one offer, or although it is not suitable as it stands."""

    NEARER_HOME = "nearer_home"
    SCHOOLING_UNBROKEN = "schooling_unbroken"
    SIBLINGS_TOGETHER = "siblings_together"
    MEETS_NEEDS_BETTER = "meets_needs_better"
    CULTURE_OR_FAITH = "culture_or_faith"
    FAMILY_TIME = "family_time"
    CHILDS_WISHES = "childs_wishes"
    KNOWN_CARER = "known_carer"
    RISK_IN_HIGHER_TIER_HOME = "risk_in_higher_tier_home"
    NOTHING_ELSE_IN_TIME = "nothing_else_in_time"


class ShortlistReason(StrEnum):
    """Why only one of several suitable offers is shortlisted."""

    CLEARLY_BEST_FIT = "clearly_best_fit"
    TIME_DOES_NOT_ALLOW = "time_does_not_allow"
    CHILDS_WISHES = "childs_wishes"
    KNOWN_CARER = "known_carer"
    OTHERS_RULED_OUT_IN_TALKS = "others_ruled_out_in_talks"


class Consideration(StrEnum):
    """What the law asks of the most appropriate placement (Children Act 1989, section 22C)."""

    NEAR_HOME = "near_home"
    SCHOOLING_UNBROKEN = "schooling_unbroken"
    SIBLINGS_TOGETHER = "siblings_together"
    DISABILITY_MET = "disability_met"
    INSIDE_AREA = "inside_area"


class Considered(StrEnum):
    """How the chosen home answers a consideration."""

    MET = "met"
    NOT_PRACTICABLE = "not_practicable"
    DOES_NOT_APPLY = "does_not_apply"


class Wishes(StrEnum):
    """What became of the child's wishes and feelings."""

    FOLLOWED = "followed"
    HEARD_NOT_FOLLOWED = "heard_not_followed"
    TOO_YOUNG_TO_SAY = "too_young_to_say"
    TO_BE_HEARD_AFTER = "to_be_heard_after_emergency"
    NOT_WILLING_TO_SAY = "not_willing_to_say"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the officer decides."""

    offer: UUID
    reason: ChoiceReason | None
    considerations: Mapping[Consideration, Considered]
    wishes: Wishes
    because: Mapping[Consideration, str] = field(default_factory=dict)
    """Why a consideration is answered as it is, in the officer's own short words."""
    departure: Departure | None = None
    """Why it does not follow what a panel decided."""


def passed_over(chosen: Option, options: Iterable[Option]) -> tuple[Option, ...]:
    """The suitable tier-one offers that choosing this one goes past; none when it is itself one."""
    if chosen.suitable and chosen.offer.tier == 1:
        return ()
    return tuple(option for option in options if option.suitable and option.offer.tier == 1 and option.offer.offer != chosen.offer.offer)


def faults_of_choice(
    choice: Choice, chosen: Option, options: Sequence[Option], approved: Collection[ApprovalFor] = ()
) -> tuple[Fault, ...]:
    """Every rule the choice breaks; empty when it may be made.

    Refused: an offer that no longer stands; one not on the shortlist where there is one; a consideration not answered; a
    missing coded reason; each check of the law that is blocked, and each that waits for an approval not among ``approved``.
    """
    return tuple(_faults(choice, chosen, options, approved))


def _faults(choice: Choice, chosen: Option, options: Sequence[Option], approved: Collection[ApprovalFor]) -> Iterable[Fault]:
    for consideration in Consideration:
        if consideration not in choice.considerations:
            words = consideration.replace("_", " ")
            message = f"Answer what the law asks you to consider: {words} ({consideration})."
            yield Fault("considerations", "each_consideration_answered", message)
    shortlist = [option for option in options if option.offer.state is OfferState.SHORTLISTED]
    if shortlist and chosen.offer.state is not OfferState.SHORTLISTED:
        message = "This offer is not on your shortlist. Put it there first, so that the comparison is on record."
        yield Fault("offer", "from_the_shortlist", message)
    yield from faults_of_guard(chosen.checks, field="offer")
    yield from _owed_faults(chosen.checks, approved)
    if choice.reason is None:
        passed = passed_over(chosen, options)
        for option in passed:
            message = f"This goes past a suitable tier-one offer (offer {option.offer.offer}). Give a reason_code from the list."
            yield Fault("reason_code", "reason_for_passing_tier_one", message)
        if not chosen.suitable and not passed:
            count = len(chosen.reasons)
            message = f"This home cannot take the referral as it stands ({count} reason{'s' if count > 1 else ''}). Give a reason_code."
            yield Fault("reason_code", "reason_for_unsuitable_offer", message)


_BLOCKED_RULES = {
    Question.USUAL_LIMIT: "within_usual_fostering_limit",
    Question.TERMS: "within_terms_of_approval",
    Question.SUSPENSION: "agency_not_suspended",
    Question.RATING: "rating_not_below_gate",
}


def faults_of_guard(checks: Iterable[Check], *, field: str) -> tuple[Fault, ...]:
    """Each check of the law that is blocked, with what would clear it; no approval does."""
    return tuple(
        Fault(field, _BLOCKED_RULES[check.question], f"{check.words} What would clear it: {check.clears}") for check in blocked(checks)
    )


def _owed_faults(checks: Iterable[Check], approved: Collection[ApprovalFor]) -> Iterable[Fault]:
    for check in owed(checks, approved):
        assert check.approval is not None
        officers = " or ".join(office.replace("_", " ") for office in OFFICES[check.approval])
        message = f"{check.words} Give the approval of the {officers} ({check.approval})."
        yield Fault("approvals", f"approval_for_{check.approval}", message)


def faults_of_shortlist(offers: Sequence[UUID], options: Sequence[Option], reason: ShortlistReason | None) -> tuple[Fault, ...]:
    """Two or three offers that still stand; one alone only when no second suitable one stands, or with a coded reason."""
    return tuple(_shortlist_faults(offers, options, reason))


def _shortlist_faults(offers: Sequence[UUID], options: Sequence[Option], reason: ShortlistReason | None) -> Iterable[Fault]:
    standing = {option.offer.offer for option in options if option.offer.state in STANDING}
    for position, offer in enumerate(offers):
        if offer in offers[:position]:
            yield Fault(f"offers.{position}", "each_offer_once", "This offer is on the shortlist twice.")
        elif offer not in standing:
            message = "This offer does not stand on this referral: it was withdrawn, released, or belongs to another referral."
            yield Fault(f"offers.{position}", "offer_stands", message)
    if len(offers) > MOST_ON_SHORTLIST:
        yield Fault("offers", "two_or_three", "A shortlist holds two or three offers; take some off.")
    suitable = sum(option.suitable for option in options if option.offer.state in STANDING)
    if len(offers) < FEWEST_ON_SHORTLIST <= suitable and reason is None:
        message = f"{suitable} suitable offers stand. Shortlist two or three, or give a reason_code for comparing only one."
        yield Fault("reason_code", "two_or_three", message)
