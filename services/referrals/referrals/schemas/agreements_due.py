"""Bodies about placements whose full agreement is missing, and about its reminders."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.actions.agreements_due import Missing
from referrals.domain.agreement_due import Stage
from referrals.domain.agreement_terms import Form
from referrals.domain.placement import Placement
from referrals.schemas.agreements import DueBody, ReminderBody
from referrals.store.agreements import Reminder


class MissingBody(BaseModel):
    """A placement whose full agreement is missing."""

    placement: UUID
    reference: str
    council: str
    provider: str
    provider_name: str | None
    state: str
    first_day: date
    form: Form | None = Field(description="what both sides have signed so far")
    proposed: bool = Field(description="a version waits to be signed")
    due: DueBody
    reminders: list[ReminderBody]

    @classmethod
    def of(cls, missing: Missing) -> Self:
        """As shown today."""
        placement = missing.placement
        return cls(
            placement=placement.id,
            reference=placement.reference,
            council=placement.council,
            provider=placement.provider,
            provider_name=missing.provider_name,
            state=placement.state,
            first_day=placement.started_on or placement.starts_on,
            form=missing.form,
            proposed=missing.proposed,
            due=DueBody.of(missing.due),
            reminders=[ReminderBody.of(reminder) for reminder in missing.reminders],
        )


class RemindedBody(BaseModel):
    """A reminder recorded just now."""

    placement: UUID
    provider: str
    due_on: date
    stage: Stage


class RemindersBody(BaseModel):
    """The reminders recorded just now; those of earlier times are not among them."""

    reminders: list[RemindedBody]

    @classmethod
    def of(cls, recorded: list[tuple[Placement, Reminder]]) -> Self:
        """As shown."""
        return cls(
            reminders=[
                RemindedBody(placement=placement.id, provider=placement.provider, due_on=reminder.due_on, stage=reminder.stage)
                for placement, reminder in recorded
            ]
        )
