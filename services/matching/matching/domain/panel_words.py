"""The closed word lists of a complex needs panel: who speaks for whom, what members say and why, and how a panel ends otherwise."""

from __future__ import annotations

from enum import StrEnum


class PanelRole(StrEnum):
    """For whom a member speaks."""

    EDUCATION = "education"
    HEALTH = "health"
    SOCIAL_CARE = "social_care"
    COMMISSIONING = "commissioning"
    OTHER = "other"


class Deciding(StrEnum):
    """How a panel agrees."""

    BY_CONSENT = "by_consent"
    """All who vote say the same, of the offer and of the split."""
    BY_VOTES = "by_votes"
    """More than half of those who vote say the same of the offer, and more than half of these of the split."""


class VoteKind(StrEnum):
    """What a member says."""

    FOR_OFFER = "for_offer"
    NONE_OF_THESE = "none_of_these"
    CONSENT = "consent"
    """To what the officer proposes."""
    OBJECT = "object"
    """Against what is proposed, or against deciding on what is asked as it stands."""


class VoteReason(StrEnum):
    """Why a member votes so."""

    MEETS_NEEDS = "meets_needs"
    NEED_NOT_MET = "need_not_met"
    HEALTH_CARE_IN_PLACE = "health_care_in_place"
    EDUCATION_UNBROKEN = "education_unbroken"
    NEAR_FAMILY = "near_family"
    SIBLINGS_TOGETHER = "siblings_together"
    CHILDS_WISHES = "childs_wishes"
    RISK_NOT_HELD = "risk_not_held"
    TOO_FAR = "too_far"
    FUNDING_NOT_AGREED = "funding_not_agreed"
    TOO_LITTLE_INFORMATION = "too_little_information"
    BEST_OF_THOSE_OFFERED = "best_of_those_offered"


class ChairReason(StrEnum):
    """Why the chair decides as it does."""

    VIEW_OF_MOST = "view_of_most"
    NEEDS_OUTWEIGH = "needs_outweigh"
    RISK_OUTWEIGHS = "risk_outweighs"
    LEGAL_ADVICE = "legal_advice"
    NO_TIME_LEFT = "no_time_left"
    FUNDING_BY_POLICY = "funding_by_policy"


class ExtensionReason(StrEnum):
    """Why the chair gives a panel more time."""

    MEMBERS_AWAY = "members_away"
    INFORMATION_AWAITED = "information_awaited"
    ROLE_NOT_HEARD = "role_not_heard"


class DissolutionReason(StrEnum):
    """Why an officer ends a panel without a decision."""

    CONVENED_BY_MISTAKE = "convened_by_mistake"
    NEEDS_NO_LONGER_COMPLEX = "needs_no_longer_complex"
    OFFERS_ENDED = "offers_ended"
    MEMBERS_CHANGED = "members_changed"
    CHILD_CANNOT_WAIT = "child_cannot_wait"


class Departure(StrEnum):
    """Why a choice does not follow the panel's decision."""

    OFFER_GONE = "offer_gone"
    BED_REFUSED = "bed_refused"
    TERMS_CHANGED_SINCE = "terms_changed_since"
    NEW_RISK_KNOWN = "new_risk_known"
    COURT_DIRECTED = "court_directed"
    CHILDS_WISHES = "childs_wishes"
    CHILD_CANNOT_WAIT = "child_cannot_wait"
