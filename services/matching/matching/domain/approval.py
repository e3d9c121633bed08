"""Approvals by a named officer: what for, in which office, why, and since when. Kept as given; nobody changes or removes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from matching.domain.faults import Fault


class ApprovalFor(StrEnum):
    """What a named officer approves."""

    OUT_OF_AREA = "out_of_area"
    OVER_20_MILES = "over_20_miles"
    OUTSIDE_TERMS = "outside_terms_emergency"
    RATING_FALLEN = "rating_changed"
    ALL_SIBLINGS = "all_siblings"
    """The newcomers are brothers and sisters of every fostered child there."""
    LIMIT_KEPT = "limit_kept"
    """The officer has asked how many fostered children live there, and the usual limit is kept."""


class Office(StrEnum):
    """In which office an officer approves."""

    NOMINATED_OFFICER = "nominated_officer"
    DIRECTOR = "director_of_childrens_services"
    COMMISSIONING_LEAD = "commissioning_lead"


_SENIOR = (Office.NOMINATED_OFFICER, Office.DIRECTOR)

OFFICES: dict[ApprovalFor, tuple[Office, ...]] = {
    ApprovalFor.OUT_OF_AREA: _SENIOR,
    ApprovalFor.OVER_20_MILES: _SENIOR,
    ApprovalFor.OUTSIDE_TERMS: _SENIOR,
    ApprovalFor.ALL_SIBLINGS: _SENIOR,
    ApprovalFor.LIMIT_KEPT: _SENIOR,
    ApprovalFor.RATING_FALLEN: (*_SENIOR, Office.COMMISSIONING_LEAD),
}
"""Who may approve what."""


class ApprovalReason(StrEnum):
    """Why an officer approves: coded, because free text is where identity leaks."""

    NO_SUITABLE_HOME_NEARER = "no_suitable_home_nearer"
    SIBLINGS_TOGETHER = "siblings_together"
    FAMILY_OR_FRIENDS_NEARBY = "family_or_friends_nearby"
    SPECIALIST_NEED = "specialist_need"
    SAFER_AWAY = "safer_away"
    SCHOOLING_UNBROKEN = "schooling_unbroken"
    CHILDS_WISHES = "childs_wishes"
    NOTHING_ELSE_IN_TIME = "nothing_else_in_time"
    FACTS_CONFIRMED_WITH_PROVIDER = "facts_confirmed_with_provider"
    PROVIDER_HAS_PUT_IT_RIGHT = "provider_has_put_it_right"


@dataclass(frozen=True, slots=True)
class NewApproval:
    """What an officer approves, as it is to be recorded. ``officer``: name and post; ``approved_on``: the day it was given."""

    approved_for: ApprovalFor
    officer: str
    office: Office
    reason: ApprovalReason
    approved_on: date


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval on record, for one offer of one household; ``recorded_by``: who was signed in."""

    approval: UUID
    referral: UUID
    offer: UUID
    household: UUID
    given: NewApproval
    recorded_by: str
    recorded_at: datetime


def faults_in_approvals(given: Iterable[NewApproval], *, sent_on: date, today: date, field: str = "approvals.{}") -> tuple[Fault, ...]:
    """Every rule the approvals break: an office that may approve this, a day since the referral was sent and not in the future."""
    return tuple(fault for place, one in enumerate(given) for fault in _faults(one, field.format(place), sent_on, today))


def _faults(one: NewApproval, field: str, sent_on: date, today: date) -> Iterable[Fault]:
    dot = f"{field}." if field else ""
    if one.office not in OFFICES[one.approved_for]:
        allowed = " or ".join(office.replace("_", " ") for office in OFFICES[one.approved_for])
        message = f"This is for the {allowed} to approve. Ask that officer, then record the approval."
        yield Fault(f"{dot}office", "office_may_approve", message)
    if one.approved_on > today:
        yield Fault(f"{dot}approved_on", "not_in_the_future", "Give the day it was approved; it cannot be in the future.")
    if one.approved_on < sent_on:
        message = "Give the day it was approved; it cannot be before the referral was sent."
        yield Fault(f"{dot}approved_on", "not_before_referral", message)


def counting(approvals: Iterable[Approval], offer: UUID, household: UUID) -> tuple[Approval, ...]:
    """The approvals that count for this offer as it stands: given for it, and for the home it now offers."""
    return tuple(each for each in approvals if each.offer == offer and each.household == household)
