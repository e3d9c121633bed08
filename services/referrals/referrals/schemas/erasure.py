"""Bodies about erasing what identifies a child, and about what keeps it from being erased."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.actions.erasure import Done, Due
from referrals.domain.erasure import ErasureState, Ground, HoldReason
from referrals.schemas.body import Body, Line
from referrals.store.erasures import Erasure, Hold

STILL_TO_DO = (
    "Backups of the tables of keys (data_keys, search_keys) from before today can still open it: destroy them, or rotate the council's key "
    "(POST /settings/key-rotation with a new key first in the key file) and destroy the old key. docs/erasure.md has the commands."
)


class AskErasure(Body):
    """Why a child's record is to be erased."""

    ground: Ground


class AskDestruction(Body):
    """That all which names the council's children is to be destroyed, and why; ``council`` is its own ONS code, written out."""

    council: Line
    ground: Ground


class ConfirmDestruction(Body):
    """The second person's confirmation, with the council's ONS code written out."""

    council: Line


class ErasureBody(BaseModel):
    """An erasure: asked for by one person, done or withdrawn by another."""

    id: UUID
    child: UUID | None = Field(description="none: all that names the council's children")
    ground: Ground
    state: ErasureState
    asked_by: str
    asked_at: datetime
    settled_by: str | None
    settled_at: datetime | None

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        """As shown."""
        return cls.model_validate({name: getattr(erasure, name) for name in cls.model_fields})


class ErasureDone(BaseModel):
    """What an erasure did, and what is still to be done outside the service for backups of the keys."""

    erasure: ErasureBody
    children_erased: int
    keys_destroyed: int
    still_to_do: str

    @classmethod
    def of(cls, done: Done) -> Self:
        """As shown."""
        return cls(
            erasure=ErasureBody.of(done.erasure),
            children_erased=done.children,
            keys_destroyed=done.keys_destroyed,
            still_to_do=STILL_TO_DO,
        )


class ErasedAgain(BaseModel):
    """How many children's records a backup had brought back and were erased again."""

    children_erased: int


class NewHold(Body):
    """Why a child's record must be kept."""

    reason: HoldReason


class HoldBody(BaseModel):
    """A legal hold in force."""

    id: UUID
    reason: HoldReason
    set_by: str
    set_at: datetime

    @classmethod
    def of(cls, hold: Hold) -> Self:
        """As shown."""
        return cls.model_validate({name: getattr(hold, name) for name in cls.model_fields})


class InTheWay(BaseModel):
    """One thing that stands in the way of an erasure."""

    rule: str
    message: str


class DueBody(BaseModel):
    """A record, by its number, that the council need no longer keep."""

    child: UUID
    due_on: date
    in_the_way: list[InTheWay]

    @classmethod
    def of(cls, due: Due) -> Self:
        """As shown."""
        found = [InTheWay(rule=each.rule, message=each.message) for each in due.obstacles]
        return cls(child=due.child, due_on=due.due_on, in_the_way=found)


class DueForErasure(BaseModel):
    """The records whose retention is over, longest first. Nothing is erased before two people ask for it and confirm it."""

    items: list[DueBody]
