"""Short holds as councils and the consortium see and set them."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from matching.domain import home_hold as domain
from matching.domain.home_hold import HoldEnd, HoldView
from shared.uk_time import in_uk_words
from shared.written import Whole


class NewHold(BaseModel):
    """Which shortlisted offer's home to hold."""

    model_config = ConfigDict(extra="forbid")

    offer: UUID


class HomeHold(BaseModel):
    """Your hold on a home: until when nobody else can choose it, and what became of it."""

    hold: UUID
    referral: UUID
    offer: UUID
    vacancy: UUID
    beds: int
    taken_at: AwareDatetime
    expires_at: AwareDatetime
    expires_at_words: str
    running: bool
    ended_at: AwareDatetime | None
    end_reason: HoldEnd | None

    @classmethod
    def of(cls, hold: domain.HomeHold, *, running: bool) -> Self:
        """As it is shown; one past its moment has expired, noted or not."""
        expired = not running and hold.ended_at is None
        return cls(
            hold=hold.hold,
            referral=hold.referral,
            offer=hold.offer,
            vacancy=hold.vacancy,
            beds=hold.beds,
            taken_at=hold.taken_at,
            expires_at=hold.expires_at,
            expires_at_words=in_uk_words(hold.expires_at),
            running=running,
            ended_at=hold.expires_at if expired else hold.ended_at,
            end_reason=HoldEnd.EXPIRED if expired else hold.end,
        )


class HomeSeen(BaseModel):
    """How an option's home stands with you: numbers and moments, never which other council or child."""

    state: HoldView
    until: AwareDatetime | None
    until_words: str | None
    offered_for_others: Annotated[int, Field(description="how many other referrals this home is offered for")]
    free_again_since: Annotated[AwareDatetime | None, Field(description="when the last hold ended without a choice, the same for all")]

    @classmethod
    def of(cls, seen: domain.HomeSeen) -> Self:
        """As it is shown."""
        return cls(
            state=seen.view,
            until=seen.until,
            until_words=None if seen.until is None else in_uk_words(seen.until),
            offered_for_others=seen.offered_for_others,
            free_again_since=seen.free_again_since,
        )


class HoldLengths(BaseModel):
    """How long a council may hold a home, by the urgency of its referral. ``version`` is the ETag, 0 for the defaults."""

    emergency_minutes: int
    same_day_minutes: int
    planned_working_days: int
    long_term_working_days: int
    longest_days: int
    version: int

    @classmethod
    def of(cls, lengths: domain.HoldLengths) -> Self:
        """As it is shown, with the maximum that no setting exceeds."""
        return cls(
            emergency_minutes=lengths.emergency_minutes,
            same_day_minutes=lengths.same_day_minutes,
            planned_working_days=lengths.planned_working_days,
            long_term_working_days=lengths.long_term_working_days,
            longest_days=domain.LONGEST.days,
            version=lengths.version,
        )


class NewHoldLengths(BaseModel):
    """How long holds taken from now on last."""

    model_config = ConfigDict(extra="forbid")

    emergency_minutes: Whole
    same_day_minutes: Whole
    planned_working_days: Whole
    long_term_working_days: Whole

    def lengths(self) -> domain.HoldLengths:
        """As the domain holds it."""
        return domain.HoldLengths(self.emergency_minutes, self.same_day_minutes, self.planned_working_days, self.long_term_working_days)
