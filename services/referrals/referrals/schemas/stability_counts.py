"""Bodies about stability 2: two numbers of a council on a day."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from referrals.domain.long_term_stability import StabilityCount
from referrals.schemas.body import Body
from shared.written import Day


class CountStability(Body):
    """On which day to count."""

    as_of: Day = Field(description="the day counted, for the national statistics 31 March")


class StabilityCountBody(BaseModel):
    """Stability 2: children under 16 looked after for two and a half years or more, and those of them who stayed."""

    as_of: date
    looked_after_long: int = Field(description="children under 16 looked after for two and a half years or more")
    same_placement: int = Field(description="of those, in the same placement for two years or more")
    words: str

    @classmethod
    def of(cls, found: StabilityCount) -> Self:
        """As people read it."""
        words = (
            f"{found.same_placement} of {found.looked_after_long} children looked after for two and a half years or more have lived in the "
            "same placement for two years or more."
            if found.looked_after_long
            else "No children to count: none under 16 had been looked after for two and a half years on this day, as far as is recorded."
        )
        return cls(as_of=found.as_of, looked_after_long=found.looked_after_long, same_placement=found.same_placement, words=words)
