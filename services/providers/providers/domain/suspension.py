"""Suspending an agency: no new referrals, for a named reason, until an end or at least a review (domain §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.fault import Fault
from shared.contracts.providers import SuspensionReason


class SuspensionRule(StrEnum):
    """Why a suspension cannot be recorded or lifted as sent."""

    REVIEW_OR_END = "review_or_end"
    REVIEW_AFTER_START = "review_after_start"
    END_AFTER_START = "end_after_start"
    NOT_OVER_ALREADY = "not_over_already"
    ONE_AT_A_TIME = "one_at_a_time"
    LIFTED_ONCE = "lifted_once"


class LiftReason(StrEnum):
    """Why a suspension is lifted before its end."""

    JUDGED_GOOD_AGAIN = "judged_good_again"
    SAFEGUARDING_CLOSED = "safeguarding_closed"
    BREACH_PUT_RIGHT = "breach_put_right"
    AGENCY_READY_AGAIN = "agency_ready_again"
    RECORDED_BY_MISTAKE = "recorded_by_mistake"


@dataclass(frozen=True, slots=True)
class Terms:
    """Why and for how long. ``ends_on`` is the last day of it; without one it stands until it is lifted, and has a review date."""

    reason: SuspensionReason
    starts_on: date
    review_on: date | None
    ends_on: date | None

    def stands(self, day: date) -> bool:
        """Whether it is in force on this day, or will be."""
        return self.ends_on is None or day <= self.ends_on

    def in_force(self, day: date) -> bool:
        """Whether the agency takes no new referrals on this day; both ends inclusive."""
        return self.starts_on <= day and self.stands(day)


def suspension_faults(terms: Terms, *, today: date) -> tuple[Fault, ...]:
    """Every rule the suspension breaks: it has an end or a review date, both after its start, and is not over already."""
    faults = []
    if terms.review_on is None and terms.ends_on is None:
        message = "Give the day the suspension ends, or the day it will be reviewed: nobody is suspended without a date."
        faults.append(Fault("review_on", SuspensionRule.REVIEW_OR_END, message))
    if terms.review_on is not None and terms.review_on < terms.starts_on:
        faults.append(Fault("review_on", SuspensionRule.REVIEW_AFTER_START, "Give a review day that is not before the start."))
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        faults.append(Fault("ends_on", SuspensionRule.END_AFTER_START, "Give a last day that is not before the start."))
    elif terms.ends_on is not None and terms.ends_on < today:
        faults.append(Fault("ends_on", SuspensionRule.NOT_OVER_ALREADY, "The last day has passed, so nothing would be suspended."))
    return tuple(faults)
