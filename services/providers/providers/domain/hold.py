"""Holds on beds: asked for by a council's choice, filled when the child moves in, freed when the bed is free again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from providers.domain.household import Household
from providers.domain.limit import Coming, within_approval, within_usual_limit
from providers.domain.vacancy import VacancyStatus


class HoldState(StrEnum):
    """Where a hold has come: a held bed is filled, a held or filled one is freed; nothing leads back."""

    HELD = "held"
    FILLED = "filled"
    FREED = "freed"


class HoldLapse(StrEnum):
    """Why a held bed was freed though nobody let it go: it waited for a stay that did not come."""

    NO_PLACEMENT = "no_placement_agreed"
    NEVER_STARTED = "never_started"


AGREED_WITHIN = timedelta(days=7)
"""How long a held bed waits for its placement to be agreed; it takes seconds when every service runs."""

STARTED_WITHIN = timedelta(days=28)
"""How long after its agreed first day a stay may begin before its bed is free for others."""


class RefusedHold(StrEnum):
    """Why a bed could not be taken."""

    VACANCY_UNKNOWN = "vacancy_unknown"
    VACANCY_CLOSED = "vacancy_closed"
    BED_TAKEN = "bed_taken"
    TOO_FEW_BEDS = "too_few_beds"
    AGENCY_SUSPENDED = "agency_suspended"
    APPROVED_NUMBER = "more_than_approved_number"
    USUAL_LIMIT = "usual_fostering_limit"


@dataclass(frozen=True, slots=True)
class BedsLeft:
    """What is left of a vacancy at the moment a hold on it failed."""

    vacancy: UUID
    status: VacancyStatus
    free_beds: int


def law_reasons(household: Household, in_use: int, coming: Coming) -> tuple[RefusedHold, ...]:
    """Every rule about numbers that would be broken if the children moved in beside those who live there."""
    reasons = []
    if not within_approval(household, in_use, coming):
        reasons.append(RefusedHold.APPROVED_NUMBER)
    if not within_usual_limit(household, in_use, coming):
        reasons.append(RefusedHold.USUAL_LIMIT)
    return tuple(reasons)


def refusal_reasons(left: BedsLeft | None, *, beds: int) -> tuple[RefusedHold, ...]:
    """Every reason why ``beds`` beds could not be taken. None stands for a vacancy that this provider does not have."""
    if left is None:
        return (RefusedHold.VACANCY_UNKNOWN,)
    reasons = []
    if left.status is VacancyStatus.CLOSED:
        reasons.append(RefusedHold.VACANCY_CLOSED)
    elif left.free_beds == 0:
        reasons.append(RefusedHold.BED_TAKEN)
    elif left.free_beds < beds:
        reasons.append(RefusedHold.TOO_FEW_BEDS)
    # Freed between the failed update and this look: the choice was still lost, and the council may choose again.
    return tuple(reasons) or (RefusedHold.BED_TAKEN,)
