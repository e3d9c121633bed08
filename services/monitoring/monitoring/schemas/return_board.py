"""The chasing board, chasers, differences, and when returns are due, as they are shown and set."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from monitoring.actions.return_board import BoardLine
from monitoring.actions.returns import Seen
from monitoring.domain.returns.chasing import Chaser, DueSettings
from monitoring.domain.returns.differences import Difference
from monitoring.domain.returns.lines import LineReason
from monitoring.domain.returns.rules.given import labelled
from monitoring.domain.returns.states import State
from monitoring.store.return_chasers import Recorded
from shared.written import Whole


class SentChaser(BaseModel):
    """One chaser of one return."""

    form: str
    begins: date
    agency: str
    chaser: Chaser
    chased_for: date = Field(description="the day it was due to be sent")
    chased_at: datetime

    @classmethod
    def of(cls, found: Recorded) -> Self:
        """As kept."""
        key, chased = found.key, found.chased
        return cls(form=key.form, begins=key.begins, agency=key.agency, chaser=chased.chaser, chased_for=chased.day, chased_at=found.at)


class BoardRow(BaseModel):
    """Where one return stands."""

    form: str
    begins: date
    ends: date
    agency: str
    agency_name: str
    state: State
    draft: bool
    due_on: date
    days_late: int
    received_on: date | None
    accepted_version: int
    brought_in: bool
    chased: list[SentChaser]

    @classmethod
    def of(cls, line: BoardLine) -> Self:
        """From the board."""
        head = line.head
        return cls(
            form=head.key.form,
            begins=head.key.begins,
            ends=head.ends,
            agency=head.key.agency,
            agency_name=line.agency_name,
            state=line.state,
            draft=head.drafted_at is not None,
            due_on=head.due_on,
            days_late=line.days_late,
            received_on=head.received_on,
            accepted_version=head.accepted,
            brought_in=head.brought_in,
            chased=[SentChaser.of(each) for each in line.chased],
        )


class DifferenceLine(BaseModel):
    """One line that agency and records both tell. ``by``: how much more the agency says than the records do now."""

    name: str
    label: str
    said: Decimal
    held_then: Decimal | None = Field(description="what Hearth held when the return was accepted")
    held_now: Decimal | None = Field(description="what the reader's own records in Hearth hold now")
    by: Decimal | None
    differs: bool
    reason: LineReason | None
    words: str

    @classmethod
    def of(cls, found: Difference, seen: Seen) -> Self:
        """From the comparison."""
        asked = seen.form.field_named(found.cell.field)
        return cls(
            name=found.cell.name,
            label=labelled(asked, found.cell.part, seen.councils) if asked else found.cell.name,
            said=found.said,
            held_then=found.held_then,
            held_now=found.held_now,
            by=found.by,
            differs=found.differs,
            reason=found.reason,
            words=found.words,
        )


class Differences(BaseModel):
    """An accepted return beside the records, line by line."""

    form: str
    begins: date
    agency: str
    accepted_version: int
    differing: int
    items: list[DifferenceLine]

    @classmethod
    def of(cls, seen: Seen, found: tuple[Difference, ...]) -> Self:
        """From the comparison."""
        key = seen.head.key
        return cls(
            form=key.form,
            begins=key.begins,
            agency=key.agency,
            accepted_version=seen.head.accepted,
            differing=sum(each.differs for each in found),
            items=[DifferenceLine.of(each, seen) for each in found],
        )


class DueBody(BaseModel):
    """When returns of a form are due and chased: in days after the period's last day, before the due day, and between chasers after it."""

    model_config = ConfigDict(extra="forbid")

    due_after_days: Whole = Field(ge=1, le=120)
    chase_before_days: Whole = Field(ge=0, le=60)
    chase_every_days: Whole = Field(ge=1, le=60)

    def of(self) -> DueSettings:
        """As the domain has it."""
        return DueSettings(self.due_after_days, self.chase_before_days, self.chase_every_days)


class DueShown(DueBody):
    """When returns of a form are due and chased; version 0 is as the form itself says."""

    version: int

    @classmethod
    def showing(cls, found: DueSettings, version: int) -> Self:
        """As kept."""
        return cls(
            due_after_days=found.due_after_days,
            chase_before_days=found.chase_before_days,
            chase_every_days=found.chase_every_days,
            version=version,
        )
