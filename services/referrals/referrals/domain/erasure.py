"""When a child's record may be erased, and when the council need no longer keep it.

Sources: UK GDPR articles 5(1)(e) and 17; the Care Planning, Placement and Case Review (England) Regulations 2010, regulation 50: the case
record of a child who was looked after is kept until the seventy-fifth anniversary of its birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.refusals import Reason

LOOKED_AFTER_KEPT_YEARS = 75
"""From birth, by regulation 50; a council may keep longer, never shorter."""

_LEAP_DAY = (2, 29)


class Ground(StrEnum):
    """Why a record is erased: the council's retention is over, or one of the grounds of article 17(1)."""

    RETENTION_OVER = "retention_over"
    KEPT_ELSEWHERE = "kept_elsewhere"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION_UPHELD = "objection_upheld"
    PROCESSED_UNLAWFULLY = "processed_unlawfully"
    LEGAL_OBLIGATION = "legal_obligation"
    RECORDED_IN_ERROR = "recorded_in_error"


class HoldReason(StrEnum):
    """Why a record is kept whoever asks for its erasure."""

    COURT_PROCEEDINGS = "court_proceedings"
    INQUIRY = "inquiry"
    POLICE_INVESTIGATION = "police_investigation"
    COMPLAINT = "complaint"
    SUBJECT_ACCESS_REQUEST = "subject_access_request"


class ErasureState(StrEnum):
    """How far an erasure has come."""

    ASKED = "asked"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Obstacle(StrEnum):
    """What stands in the way of an erasure."""

    OPEN_REFERRAL = "open_referral"
    CURRENT_PLACEMENT = "current_placement"
    LOOKED_AFTER = "looked_after"
    LEGAL_HOLD = "legal_hold"
    RETENTION_NOT_OVER = "retention_not_over"


_WORDS = {
    Obstacle.OPEN_REFERRAL: "A home is being sought for the child. Withdraw the referral first, or wait until it is placed.",
    Obstacle.CURRENT_PLACEMENT: "The child lives in a placement, or is to move into one. Record first that it ended or was cancelled.",
    Obstacle.LOOKED_AFTER: "The record says that the child is looked after. Record first when and why that ceased.",
    Obstacle.LEGAL_HOLD: "The record is under a legal hold. Whoever set it must lift it first.",
}


@dataclass(frozen=True)
class Standing:
    """What is known of a child's record that an erasure depends on. ``last_day``: of the last thing recorded about it."""

    date_of_birth: date
    last_day: date
    ever_looked_after: bool = False
    open_referral: bool = False
    current_placement: bool = False
    looked_after: bool = False
    on_hold: bool = False


def obstacles(standing: Standing) -> tuple[Reason, ...]:
    """All that stands in the way of erasing the record whatever the ground, each in words."""
    found = (
        (standing.open_referral, Obstacle.OPEN_REFERRAL),
        (standing.current_placement, Obstacle.CURRENT_PLACEMENT),
        (standing.looked_after, Obstacle.LOOKED_AFTER),
        (standing.on_hold, Obstacle.LEGAL_HOLD),
    )
    return tuple(Reason("child", each, _WORDS[each]) for there, each in found if there)


def due_on(standing: Standing, retention_years: int) -> date:
    """The first day on which the council need no longer keep the record.

    The council's retention, in whole years, after the last thing recorded; of a child that was ever looked after, not before the
    seventy-fifth anniversary of its birth. Of 29 February the anniversary in other years is 1 March.
    """
    after = _anniversary(standing.last_day, retention_years)
    return max(after, _anniversary(standing.date_of_birth, LOOKED_AFTER_KEPT_YEARS)) if standing.ever_looked_after else after


def retention_broken(standing: Standing, retention_years: int, today: date) -> tuple[Reason, ...]:
    """Whether the ground *retention over* is true by today."""
    due = due_on(standing, retention_years)
    if due <= today:
        return ()
    words = f"The record is to be kept until {due.day} {due:%B %Y}. If there is another ground to erase it sooner, give that one."
    return (Reason("ground", Obstacle.RETENTION_NOT_OVER, words),)


def _anniversary(day: date, years: int) -> date:
    if (day.month, day.day) == _LEAP_DAY:
        year = day.year + years
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return date(year, 2, 29) if leap else date(year, 3, 1)
    return day.replace(year=day.year + years)
