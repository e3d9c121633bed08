"""Bodies about exact miles to the households offered on a referral."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.schemas.body import Body
from referrals.store.distances import Distance


class HouseholdNamed(Body):
    """A household offered on the referral."""

    household: UUID


class MeasureDistances(Body):
    """The households to measure to."""

    households: tuple[HouseholdNamed, ...] = Field(min_length=1, max_length=200)

    def ids(self) -> list[UUID]:
        """Each household once, in the order given."""
        return list(dict.fromkeys(each.household for each in self.households))


class DistanceBody(BaseModel):
    """Miles to one household."""

    household: UUID
    miles: Decimal = Field(description="straight line to 0.1, from the farthest of the children's homes; 999.9 when unknown")
    measured_at: datetime

    @classmethod
    def of(cls, distance: Distance) -> Self:
        """The distance as shown."""
        return cls(household=distance.household, miles=distance.miles, measured_at=distance.measured_at)


class Distances(BaseModel):
    """Measured distances, nearest first."""

    items: list[DistanceBody]
