"""Past returns as they are brought in."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from monitoring.actions.past_returns import MOST_AT_ONCE, Brought
from monitoring.domain.returns.lines import MOST_LINES
from monitoring.domain.returns.past import PastReturn
from monitoring.domain.returns.states import Key
from monitoring.schemas.returns import SentLine
from shared.contracts.words import AgencyUrn
from shared.written import Day

MOST_BYTES = 12_000_000
LARGER_BODIES = {"/past-returns": MOST_BYTES}


class PastReturnBody(BaseModel):
    """One return as it was made then."""

    model_config = ConfigDict(extra="forbid")

    form: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
    begins: Day = Field(description="the first day of its period")
    agency: AgencyUrn
    received_on: Day = Field(description="the day it was received, UK time: decides whether it was late")
    lines: list[SentLine] = Field(max_length=MOST_LINES)

    def of(self) -> PastReturn:
        """As the domain has it."""
        return PastReturn(Key(self.form, self.begins, self.agency), self.received_on, tuple(line.of() for line in self.lines))


class PastReturns(BaseModel):
    """Several at once: all are taken or none."""

    model_config = ConfigDict(extra="forbid")

    returns: list[PastReturnBody] = Field(min_length=1, max_length=MOST_AT_ONCE)


class BroughtReturns(BaseModel):
    """What came of it."""

    new: int
    known: int = Field(description="there already, and the same")

    @classmethod
    def of(cls, found: Brought) -> Self:
        """As done."""
        return cls(new=found.new, known=found.known)
