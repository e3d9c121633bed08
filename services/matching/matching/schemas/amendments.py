"""What changed after sending, and offers that are asked about again, as providers and councils see both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from matching.actions.offers import Changed
from matching.domain.offer import Answer
from matching.domain.offer import AskedAgain as Domain
from matching.domain.suitability import Barrier
from matching.schemas.requests import NeedAnswer
from matching.store.amendments import KeptChange
from shared.uk_time import in_uk_words
from shared.written import Day


class FieldChange(BaseModel):
    """One field of the referral as it was and as it is."""

    field: str
    before: Any
    after: Any


class Amendment(BaseModel):
    """One amendment; ``changes`` is null once the referral is closed, when only the names of the fields are kept."""

    changed_at: AwareDatetime
    changed_at_words: str
    fields: list[str]
    changes: list[FieldChange] | None


class Amendments(BaseModel):
    """Everything the council changed since the referral was sent to you, the last first."""

    referral: UUID
    items: list[Amendment]

    @classmethod
    def of(cls, referral: UUID, kept: Sequence[KeptChange]) -> Self:
        """As it is shown."""
        items = [
            Amendment(
                changed_at=one.changed_at,
                changed_at_words=in_uk_words(one.changed_at),
                fields=list(one.fields),
                changes=None
                if one.changes is None
                else [FieldChange(field=change.field, before=change.before, after=change.after) for change in one.changes],
            )
            for one in kept
        ]
        return cls(referral=referral, items=items)


class About(BaseModel):
    """What an offer met that it did not meet before the amendment."""

    reason: Barrier
    which: str | None


class AskedAgain(BaseModel):
    """The referral was amended and the offer no longer fits: its agency confirms it or takes it back until ``confirm_by``."""

    asked_at: AwareDatetime
    confirm_by: AwareDatetime
    confirm_by_words: str
    about: list[About]
    confirmed_at: AwareDatetime | None

    @classmethod
    def of(cls, asked: Domain | None) -> Self | None:
        """As it is shown; None when the agency was never asked."""
        if asked is None:
            return None
        return cls(
            asked_at=asked.asked_at,
            confirm_by=asked.confirm_by,
            confirm_by_words=in_uk_words(asked.confirm_by),
            about=[About(reason=Barrier(barrier), which=which) for barrier, which in asked.about],
            confirmed_at=asked.confirmed_at,
        )


class NewConfirmation(BaseModel):
    """That the offer stands after the amendment; give the day or all answers anew where they have changed."""

    model_config = ConfigDict(extra="forbid")

    available_on: Day | None = None
    needs: Annotated[list[NeedAnswer] | None, Field(max_length=60)] = None

    def changed(self) -> Changed:
        """As the action takes it."""
        answers = None if self.needs is None else tuple(Answer(one.need, one.met, one.note) for one in self.needs)
        return Changed(self.available_on, answers)
