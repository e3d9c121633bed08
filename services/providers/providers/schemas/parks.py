"""Bodies of parked homes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from providers.domain.park import Park as ParkValue
from providers.domain.park import ParkClass, ParkedAfter, ParkReason
from providers.schemas.fields import Body, Reply
from shared.written import Day


class ParkBody(Body):
    """Why a household is parked, after what, and the day on which it is available again."""

    reason: ParkReason
    after: ParkedAfter
    until: Annotated[Day | None, Field(description="the day it is available again; left out, the reason's usual span")] = None


class Park(Reply):
    """A park of one of your households. Others see ``shown_as`` and ``until`` alone."""

    id: UUID
    household: UUID
    reason: ParkReason
    shown_as: ParkClass
    after: ParkedAfter
    parked_at: datetime
    until: date
    ended_at: datetime | None

    @classmethod
    def of(cls, park: ParkValue) -> Self:
        """From the domain's value."""
        return cls.model_validate(park, from_attributes=True)
