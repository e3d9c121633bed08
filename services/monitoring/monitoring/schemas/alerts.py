"""Alerts as they are shown, and what people say to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from monitoring.domain.alert import ActionKind, Alert, Cause, ClosingReason, State, Step, agency_of, council_of
from monitoring.domain.looked import Looked
from monitoring.domain.period import end_of_month
from monitoring.domain.short_words import MOST, NEVER_A_CHILD
from monitoring.domain.special_cause import Reading, Way
from shared.cursors import Page

_LONGEST = 4 * MOST
"""Longer is refused unread; between the two it is refused with the rule's name."""


class NewAcknowledgement(BaseModel):
    """Somebody takes the alert on."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field(
        min_length=1, max_length=100, description="who takes it on: an office or a name of the staff", examples=["Contracts officer"]
    )
    words: str = Field(default="", max_length=_LONGEST, description=NEVER_A_CHILD)


class NewAction(BaseModel):
    """What was done about it."""

    model_config = ConfigDict(extra="forbid")

    kind: ActionKind
    words: str = Field(max_length=_LONGEST, description=NEVER_A_CHILD)


class NewClosing(BaseModel):
    """Why it is closed."""

    model_config = ConfigDict(extra="forbid")

    reason: ClosingReason
    words: str = Field(default="", max_length=_LONGEST, description=NEVER_A_CHILD)


class AlertStep(BaseModel):
    """One step of its history."""

    number: int
    step: Step
    at: datetime
    organisation: str
    by: str
    reason: str
    words: str


class AlertLine(BaseModel):
    """An alert in a list: what changed, since when, how unlikely, whose it is and how far people are with it."""

    id: UUID
    state: State
    kpi: str
    council: str | None
    agency: str | None
    cause: Cause
    way: Way
    reading: Reading
    since: date
    until: date
    how_unlikely: float | None = Field(description="the chance of the signal if nothing had changed; null where no chance is involved")
    words: str
    owner: str
    person: str
    raised_at: datetime
    records: str | None = Field(description="where the records behind it are read")

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """As kept."""
        return cls(**_line(alert))


class LookedShown(BaseModel):
    """How far alerts have looked: a month that was not looked at yet is not a quiet one."""

    through: date | None = Field(description="the last day of the last month looked at; null before any was")
    at: datetime | None = Field(description="when they last looked; null before the first look")
    months_to_look: int = Field(description="ended months still to look at; sweeps look at six at most, one after the other")
    waiting_for_counts: bool = Field(description="ended months wait to be counted (again); alerts look on after that")

    @classmethod
    def of(cls, looked: Looked) -> Self:
        """As it is told."""
        through = None if looked.through is None else end_of_month(looked.through)
        return cls(through=through, at=looked.at, months_to_look=looked.to_look, waiting_for_counts=looked.waiting)


class AlertPage(Page[AlertLine]):
    """One page of the list, with how far alerts have looked."""

    looked: LookedShown


class AlertShown(AlertLine):
    """One alert with the numbers behind its words, its history, and the former alert of the same series."""

    figures: dict[str, Any]
    former: UUID | None
    history: list[AlertStep]

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """As kept."""
        steps = [
            AlertStep(number=s.number, step=s.step, at=s.at, organisation=s.organisation, by=s.by, reason=s.reason, words=s.words)
            for s in alert.steps
        ]
        return cls(**_line(alert), figures=alert.found.figures, former=alert.former, history=steps)


def records_address(alert: Alert) -> str | None:
    """The drill-down to the records of the months the alert is about; None where it is about no KPI."""
    found = alert.found
    if found.cause in (Cause.OFSTED_DOWNGRADE, Cause.LATE_RETURNS):
        return None
    after = date(found.last.year + found.last.month // 12, found.last.month % 12 + 1, 1)
    last = date.fromordinal(after.toordinal() - 1)
    whose = "".join(f"&{name}={code}" for name, code in (("council", council_of(found.scope)), ("agency", agency_of(found.scope))) if code)
    return f"/kpis/{found.kpi}/records?from={found.first.replace(day=1)}&to={last}{whose}"


def _line(alert: Alert) -> dict[str, Any]:
    found = alert.found
    return {
        "id": alert.id,
        "state": alert.state,
        "kpi": found.kpi,
        "council": council_of(found.scope),
        "agency": agency_of(found.scope),
        "cause": found.cause,
        "way": found.way,
        "reading": found.reading,
        "since": found.first,
        "until": found.last,
        "how_unlikely": found.chance,
        "words": found.words,
        "owner": alert.owner,
        "person": alert.person,
        "raised_at": alert.raised_at,
        "records": records_address(alert),
    }
