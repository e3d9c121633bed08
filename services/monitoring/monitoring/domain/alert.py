"""An alert: what changed, since when, how unlikely that is without a change, and what people did about it.

Raised by the software, once for each signal; acknowledged, acted on and closed by people, each step with who, when and why. A closed alert
stays closed: a new signal of the same series is a new alert that names the former.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from monitoring.domain.catalogue import KPIS
from monitoring.domain.definition import Reader
from monitoring.domain.special_cause import Reading, Way
from shared.organisation import CONSORTIUM, Kind, Organisation
from shared.refusals import Reason

WHOLE = str(CONSORTIUM)
"""The scope of a series of all councils and agencies together."""


class Cause(StrEnum):
    """What raised it."""

    OUTSIDE = "outside_limits"
    RUN = "run_on_one_side"
    TREND = "trend"
    CHANGED_SHARE = "changed_share"
    CHANGED_LEVEL = "changed_level"
    OFSTED_DOWNGRADE = "ofsted_downgrade"
    LATE_RETURNS = "late_returns"


class State(StrEnum):
    """How far people are with it."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED_ON = "acted_on"
    CLOSED = "closed"


class Step(StrEnum):
    """What somebody did."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    CLOSED = "closed"


class ClosingReason(StrEnum):
    """Why an alert is closed."""

    BACK_TO_ORDINARY = "back_to_ordinary"
    ACTION_WORKED = "action_worked"
    EXPLAINED = "explained"
    NEW_LEVEL = "new_level"
    """The figure keeps its new level: recalculate its limits by a decision."""
    RECORDS_CORRECTED = "records_corrected"
    CHANCE = "chance"


class ActionKind(StrEnum):
    """What was done about it."""

    ASKED_THE_AGENCY = "asked_the_agency"
    ASKED_THE_COUNCIL = "asked_the_council"
    MEETING_PLANNED = "meeting_planned"
    VISIT_PLANNED = "visit_planned"
    RECORDS_CHECKED = "records_checked"
    PLAN_AGREED = "plan_agreed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Found:
    """A signal as an alert keeps it. ``kpi`` is a KPI's name, or of what else the alert is; ``scope`` whose series."""

    kpi: str
    scope: str
    cause: Cause
    way: Way
    reading: Reading
    first: date
    last: date
    chance: float | None
    words: str
    figures: dict[str, Any] = field(default_factory=dict)
    """The numbers behind the words, as they stood."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step: who, when, why."""

    number: int
    step: Step
    at: datetime
    organisation: str
    by: str
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert with its history, the first step first."""

    id: UUID
    found: Found
    state: State
    raised_at: datetime
    owner: str
    """Who answers for the figure, in words."""
    person: str
    """Who took it on; empty until it is acknowledged."""
    former: UUID | None
    steps: tuple[StepTaken, ...] = ()


def readers_of(found: Found) -> tuple[str, ...]:
    """Whose an alert is to see: the consortium's, and the council's or agency's whose series it is, if it may see the figure itself."""
    kind, _, code = found.scope.partition(":")
    definition = KPIS.get(found.kpi)
    if not code or (definition is not None and Reader(kind) not in definition.seen_by):
        return (WHOLE,)
    return (WHOLE, found.scope)


def next_state(state: State, step: Step) -> State | Reason:
    """Where a step leads; a reason where it may not be taken now. Acted on comes after acknowledged, closed after either."""
    match step, state:
        case Step.ACKNOWLEDGED, State.OPEN:
            return State.ACKNOWLEDGED
        case Step.ACTED, State.ACKNOWLEDGED | State.ACTED_ON:
            return State.ACTED_ON
        case Step.CLOSED, State.ACKNOWLEDGED | State.ACTED_ON:
            return State.CLOSED
        case _, State.CLOSED:
            return Reason("alert", "not_closed", "This alert is closed. If the signal comes again, it will be a new alert.")
        case Step.ACKNOWLEDGED, _:
            return Reason("alert", "still_open", "This alert has been acknowledged already. Look at its history for who took it on.")
        case _:
            return Reason("alert", "acknowledged_first", "Acknowledge the alert first, so that others see who has taken it on.")


def may_take(step: Step, organisation: Organisation) -> bool:
    """Whoever sees an alert may acknowledge it and say what was done; only the consortium closes one."""
    return step is not Step.CLOSED or organisation.kind is Kind.CONSORTIUM


def agency_of(scope: str) -> str | None:
    """The agency whose series it is, if it is one's."""
    return scope.removeprefix("agency:") if scope.startswith("agency:") else None


def council_of(scope: str) -> str | None:
    """The council whose series it is, if it is one's."""
    return scope.removeprefix("council:") if scope.startswith("council:") else None
