"""Parking a household after a decline: not available for a set time, with the class of its reason shown, and then again by itself.

How long each reason lasts when nothing is said, and at most, is a rule of the house (no source was read). The reason itself may say
something of the carers' lives and stays with their provider; everybody else sees its class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from providers.domain.fault import Fault


class ParkReason(StrEnum):
    """Why a household is parked."""

    CARERS_DECLINED = "carers_declined"
    CARERS_RESTING = "carers_resting"
    CARER_UNWELL = "carer_unwell"
    FAMILY_EVENT = "family_event"
    CHILD_SETTLING_IN = "child_settling_in"
    WORK_ON_THE_HOME = "work_on_the_home"
    UNDER_REVIEW = "under_review"


class ParkClass(StrEnum):
    """What everybody may see of the reason."""

    CARERS = "carers"
    HOME = "home"
    AGENCY = "agency"


class ParkedAfter(StrEnum):
    """What it was parked after."""

    DECLINED_REFERRAL = "declined_referral"
    WITHDRAWN_OFFER = "withdrawn_offer"


@dataclass(frozen=True, slots=True)
class Span:
    """How many days a reason parks for when nothing is said, and at most."""

    days: int
    most: int
    shown_as: ParkClass


SPANS: Mapping[ParkReason, Span] = {
    ParkReason.CARERS_DECLINED: Span(7, 28, ParkClass.CARERS),
    ParkReason.CARERS_RESTING: Span(14, 42, ParkClass.CARERS),
    ParkReason.CARER_UNWELL: Span(14, 90, ParkClass.CARERS),
    ParkReason.FAMILY_EVENT: Span(7, 28, ParkClass.CARERS),
    ParkReason.CHILD_SETTLING_IN: Span(28, 56, ParkClass.HOME),
    ParkReason.WORK_ON_THE_HOME: Span(28, 90, ParkClass.HOME),
    ParkReason.UNDER_REVIEW: Span(28, 90, ParkClass.AGENCY),
}


@dataclass(frozen=True, slots=True)
class Park:
    """A household not available until a day; on that day it is again, whether or not anything notes it."""

    id: UUID
    household: UUID
    reason: ParkReason
    after: ParkedAfter
    parked_at: datetime
    parked_by: str
    until: date
    ended_at: datetime | None = None

    @property
    def shown_as(self) -> ParkClass:
        """What everybody may see of the reason."""
        return SPANS[self.reason].shown_as

    def runs(self, today: date) -> bool:
        """Whether the household is parked on this day."""
        return self.ended_at is None and today < self.until


class ParkRule(StrEnum):
    """What a park must keep to."""

    LATER_THAN_TODAY = "later_than_today"
    NOT_BEYOND_MOST = "not_beyond_the_most"
    ONE_AT_A_TIME = "one_park_at_a_time"


def available_again(reason: ParkReason, today: date) -> date:
    """The day it ends when none is given."""
    return today + timedelta(days=SPANS[reason].days)


def park_faults(reason: ParkReason, until: date, running: Park | None, today: date) -> tuple[Fault, ...]:
    """Every rule a park would break: it ends after today, not later than its reason allows, and one runs at a time."""
    return tuple(_faults(reason, until, running, today))


def _faults(reason: ParkReason, until: date, running: Park | None, today: date) -> Iterable[Fault]:
    if until <= today:
        yield Fault("until", ParkRule.LATER_THAN_TODAY, "Give the day on which the home is available again: tomorrow or a later day.")
    if until > today + timedelta(days=SPANS[reason].most):
        message = f"For this reason a home is parked for {SPANS[reason].most} days at most. Give an earlier day."
        yield Fault("until", ParkRule.NOT_BEYOND_MOST, message)
    if running is not None and running.runs(today):
        yield Fault("household", ParkRule.ONE_AT_A_TIME, "This household is parked already. End that park first, or wait until it ends.")
