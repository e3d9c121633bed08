"""An offer of a home for a referral: its states, its answers, and the coded reasons of providers who say no."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from matching.domain.closing import is_late
from matching.domain.faults import Fault
from matching.domain.home import Home
from matching.domain.pricing import Pricing
from shared.contracts.words import Need, WhoseSide
from shared.uk_time import in_uk_words


class OfferState(StrEnum):
    """What has become of an offer."""

    MADE = "made"
    SHORTLISTED = "shortlisted"
    SELECTED = "selected"
    """Chosen; its bed is being asked for."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    """Chosen, but its bed could not be had."""
    RELEASED = "released"
    """Not chosen; its provider is told why."""
    WITHDRAWN = "withdrawn"


STANDING = frozenset({OfferState.MADE, OfferState.SHORTLISTED})
"""Offers their council may choose and their provider may change or withdraw."""

LIVE = STANDING | {OfferState.SELECTED, OfferState.CONFIRMED}
"""Offers that stand in the way of a second one with the same vacancy."""


class NeedNote(StrEnum):
    """What may be said beside a need that is met or not met: coded, because free text is where identity leaks."""

    IN_PLACE_NOW = "in_place_now"
    IN_PLACE_BY_START = "in_place_by_start"
    WITH_TRAINING = "with_training"
    WITH_EQUIPMENT = "with_equipment"
    WITH_COUNCIL_SUPPORT = "with_council_support"
    CANNOT_BE_MET = "cannot_be_met"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the home meets one need."""

    need: Need
    met: bool
    note: NeedNote | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider offers: which vacancy, at what price a week, from when, and its answer on each essential need."""

    vacancy: UUID
    pounds_per_week: Decimal
    available_on: date
    answers: tuple[Answer, ...]
    message: str | None = None
    pricing: Pricing = field(default_factory=Pricing)


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """The referral was amended and the offer no longer fits: what about, until when its agency may confirm it, and when it did."""

    asked_at: datetime
    confirm_by: datetime
    about: tuple[tuple[str, str | None], ...]
    """Each barrier, and which need or risk."""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer as it stands."""

    offer: UUID
    council: str
    referral: UUID
    reference: str
    lot: str
    provider: str
    tier: int | None
    household: UUID
    terms: Terms
    state: OfferState
    made_at: datetime
    changed_at: datetime
    version: int
    reason: str | None = None
    side: str | None = None
    words: tuple[str, ...] = ()
    """Why it ended, in words for its provider."""
    asked_again: AskedAgain | None = None
    must_be_regularised_by: date | None = None
    """Chosen outside the carer's terms of approval: the last day on which the placement may last so."""

    @property
    def unconfirmed(self) -> bool:
        """Whether its agency was asked about it again and has not confirmed it."""
        return self.asked_again is not None and self.asked_again.confirmed_at is None


class WithdrawalReason(StrEnum):
    """Why a provider takes an offer back."""

    HOUSEHOLD_NO_LONGER_AVAILABLE = "household_no_longer_available"
    CARER_CHANGED_THEIR_MIND = "carer_changed_their_mind"
    PLACED_ELSEWHERE = "bed_filled_by_another_council"
    NEEDS_CHANGED = "childs_needs_changed"
    COUNCIL_TOO_SLOW = "council_took_too_long"
    MADE_BY_MISTAKE = "made_by_mistake"


class DeclineReason(StrEnum):
    """Why a provider cannot offer for a referral."""

    NO_VACANCY = "no_vacancy"
    NO_MATCHING_CARER = "no_carer_matches_needs"
    TOO_FAR = "too_far"
    RISK_TOO_HIGH = "risk_cannot_be_held"
    OTHER_CHILDREN_AT_HOME = "would_not_suit_children_already_placed"
    TOO_LITTLE_NOTICE = "too_little_notice"
    TOO_LITTLE_INFORMATION = "too_little_information"
    SIBLINGS_TOGETHER = "cannot_take_siblings_together"


SIDE_OF: dict[WithdrawalReason | DeclineReason, WhoseSide] = {
    WithdrawalReason.HOUSEHOLD_NO_LONGER_AVAILABLE: WhoseSide.PROVIDER,
    WithdrawalReason.CARER_CHANGED_THEIR_MIND: WhoseSide.PROVIDER,
    WithdrawalReason.PLACED_ELSEWHERE: WhoseSide.NOBODY,
    WithdrawalReason.NEEDS_CHANGED: WhoseSide.CHILD,
    WithdrawalReason.COUNCIL_TOO_SLOW: WhoseSide.COUNCIL,
    WithdrawalReason.MADE_BY_MISTAKE: WhoseSide.PROVIDER,
    DeclineReason.NO_VACANCY: WhoseSide.PROVIDER,
    DeclineReason.NO_MATCHING_CARER: WhoseSide.PROVIDER,
    DeclineReason.TOO_FAR: WhoseSide.PROVIDER,
    DeclineReason.RISK_TOO_HIGH: WhoseSide.CHILD,
    DeclineReason.OTHER_CHILDREN_AT_HOME: WhoseSide.PROVIDER,
    DeclineReason.TOO_LITTLE_NOTICE: WhoseSide.COUNCIL,
    DeclineReason.TOO_LITTLE_INFORMATION: WhoseSide.COUNCIL,
    DeclineReason.SIBLINGS_TOGETHER: WhoseSide.PROVIDER,
}
"""Whose side each reason is on, so that demand, supply and process can be told apart."""


def faults_in_terms(terms: Terms, home: Home | None, *, provider: str, essential_needs: Collection[Need], today: date) -> tuple[Fault, ...]:
    """Every rule the terms break: own open vacancy, an honest date, each essential need answered once, none left out.

    ``home`` is the vacancy as published, None when matching knows none of that id. Unsuitable homes are not refused here:
    they are ranked last, with the reasons.
    """
    return tuple(_about_vacancy(terms, home, provider, today)) + tuple(_about_needs(terms.answers, essential_needs))


def _about_vacancy(terms: Terms, home: Home | None, provider: str, today: date) -> Iterable[Fault]:
    # Another provider's vacancy is answered as an unknown one: who has which home is not this caller's to learn here.
    if home is None or home.provider != provider:
        message = "This is not one of your published vacancies. Publish it first; if you just have, try again in a moment."
        yield Fault("vacancy", "own_published_vacancy", message)
    elif not home.is_open:
        yield Fault("vacancy", "vacancy_open", "This vacancy is closed. Open it again, or offer another one.")
    elif terms.available_on < home.available_from:
        message = f"The vacancy is free from {home.available_from:%d/%m/%Y}. Give that day or a later one, or change the vacancy."
        yield Fault("available_on", "not_before_vacancy_is_free", message)
    if terms.available_on < today:
        yield Fault("available_on", "not_in_the_past", "The day the home is available has passed. Give today or a later day.")


def _about_needs(answers: tuple[Answer, ...], essential: Collection[Need]) -> Iterable[Fault]:
    given = [answer.need for answer in answers]
    for need in sorted(set(essential) - set(given)):
        words = need.replace("_", " ")
        yield Fault("needs", "each_essential_need_answered", f"Say whether this essential need is met or not met: {words} ({need}).")
    for need in sorted({need for need in given if given.count(need) > 1}):
        yield Fault("needs", "each_need_answered_once", f"This need is answered more than once: {need.replace('_', ' ')} ({need}).")


def faults_of_moment(state: str, closes_at: datetime, now: datetime) -> tuple[Fault, ...]:
    """Whether an offer for the referral can be made or changed now; the refusal names the closing time to the minute."""
    if state == "withdrawn":
        return (Fault("referral", "referral_not_withdrawn", "The council has withdrawn this referral. Nothing more is needed from you."),)
    if state == "lapsed":
        message = "The council did not decide in time, so this referral takes no more offers. You are told if it opens again."
        return (Fault("referral", "referral_still_open", message),)
    if state == "placed":
        return (Fault("referral", "referral_still_open", "A home has been found for this referral, so it takes no more offers."),)
    if is_late(now, closes_at):
        message = f"Offers for this referral closed on {in_uk_words(closes_at)}. Ask the council if it will accept offers for longer."
        return (Fault("referral", "before_closing_time", message),)
    return ()
