"""Vacancies: what a provider publishes, and how many beds it may promise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from providers.domain.fault import Fault

Key = TypeVar("Key")


class VacancyStatus(StrEnum):
    """Whether a vacancy is offered."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a provider takes a vacancy off the list."""

    FILLED_ELSEWHERE = "filled_elsewhere"
    CARER_UNAVAILABLE = "carer_unavailable"
    CARER_RESTING = "carer_resting"
    CARER_LEFT = "carer_left"
    APPROVAL_CHANGED = "approval_changed"
    PUBLISHED_BY_MISTAKE = "published_by_mistake"


class VacancyRule(StrEnum):
    """Why a vacancy cannot be published as sent."""

    HOUSEHOLD_UNKNOWN = "household_unknown"
    LOT_UNKNOWN = "lot_unknown"
    MORE_BEDS_THAN_FREE = "more_beds_than_free"
    HOUSEHOLD_FIXED = "household_fixed"
    REFERENCE_TWICE = "reference_twice"
    STALE_VERSION = "stale_version"


class Outcome(StrEnum):
    """What became of one vacancy that was sent."""

    OPENED = "opened"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A vacancy as a provider sends it, under its own reference. ``household`` is the provider's reference of the household."""

    reference: str
    household: str
    lots: tuple[str, ...]
    free_beds: int
    available_from: date


@dataclass(frozen=True, slots=True)
class Published:
    """A vacancy as it stands. ``asked`` is what the provider sent last; ``free_beds`` is what holds have left of it."""

    id: UUID
    household: UUID
    asked: Wanted
    free_beds: int
    status: VacancyStatus
    version: int


@dataclass(frozen=True, slots=True)
class Beds:
    """A household's beds: ``places`` approved, ``in_use`` held or filled (by whichever of its vacancies).

    ``fostered``: taken by children whom its provider says it fosters there besides.
    """

    household: UUID
    places: int
    in_use: int
    fostered: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one vacancy that was sent."""

    wanted: Wanted
    outcome: Outcome
    standing: Published | None = None
    household: UUID | None = None
    faults: tuple[Fault, ...] = ()


def plans(
    wanted: Sequence[Wanted],
    *,
    households: Mapping[str, Beds],
    standing: Mapping[str, Published],
    lots: Collection[str],
) -> tuple[Plan, ...]:
    """Decide for each vacancy sent, in order: opened, changed, unchanged, or refused with every reason.

    ``households`` are the provider's own, by its reference; ``standing`` its vacancies by reference, among them every open
    one of those households. A row that repeats exactly what was sent last changes nothing, even when a bed of it was taken
    meanwhile: a nightly upload never puts a taken bed back on the list. The beds free over all open vacancies of a
    household, and those held or filled, are never more than its approved places; an earlier row counts for a later one.
    """
    free: dict[UUID, dict[str, int]] = {}
    for reference, each in standing.items():
        if each.status is VacancyStatus.OPEN:
            free.setdefault(each.household, {})[reference] = each.free_beds
    seen: set[str] = set()
    planned = []
    for want in wanted:
        plan = _plan(want, households, standing.get(want.reference), lots, free, repeated=want.reference in seen)
        seen.add(want.reference)
        if plan.outcome in (Outcome.OPENED, Outcome.CHANGED) and plan.household is not None:
            free.setdefault(plan.household, {})[want.reference] = want.free_beds
        planned.append(plan)
    return tuple(planned)


def _plan(
    want: Wanted,
    households: Mapping[str, Beds],
    standing: Published | None,
    lots: Collection[str],
    free: Mapping[UUID, Mapping[str, int]],
    *,
    repeated: bool,
) -> Plan:
    if repeated:
        message = "This reference appears earlier in the same upload; only the first was taken."
        return Plan(want, Outcome.REFUSED, standing, faults=(Fault("reference", VacancyRule.REFERENCE_TWICE, message),))
    is_open = standing is not None and standing.status is VacancyStatus.OPEN
    if is_open and standing is not None and standing.asked == want:
        return Plan(want, Outcome.UNCHANGED, standing, standing.household)
    beds = households.get(want.household)
    faults = [*_lot_faults(want, lots), *_household_faults(want, beds, standing)]
    if beds is not None:
        elsewhere = sum(count for reference, count in free.get(beds.household, {}).items() if reference != want.reference)
        faults.extend(_bed_faults(want, beds, elsewhere))
    if faults or beds is None:
        return Plan(want, Outcome.REFUSED, standing, faults=tuple(faults))
    return Plan(want, Outcome.CHANGED if is_open else Outcome.OPENED, standing, beds.household)


def _lot_faults(want: Wanted, lots: Collection[str]) -> list[Fault]:
    return [
        Fault(f"lots.{place}", VacancyRule.LOT_UNKNOWN, "The framework has no such lot; see GET /lots for those it has.")
        for place, lot in enumerate(want.lots)
        if lot not in lots
    ]


def _household_faults(want: Wanted, beds: Beds | None, standing: Published | None) -> list[Fault]:
    if beds is None:
        message = "You have no household under this reference; record it first with PUT /households."
        return [Fault("household", VacancyRule.HOUSEHOLD_UNKNOWN, message)]
    if standing is not None and standing.household != beds.household:
        message = "A vacancy stays with its household; publish another one under a new reference."
        return [Fault("household", VacancyRule.HOUSEHOLD_FIXED, message)]
    return []


def _bed_faults(want: Wanted, beds: Beds, elsewhere: int) -> list[Fault]:
    left = max(0, beds.places - beds.in_use - beds.fostered - elsewhere)
    if want.free_beds <= left:
        return []
    others = f", {beds.fostered} fostered children live there besides" if beds.fostered else ""
    message = (
        f"This household can offer {left} more: it is approved for {beds.places}, {beds.in_use} are held or filled and"
        f" {elsewhere} are on offer in its other vacancies{others}."
    )
    return [Fault("free_beds", VacancyRule.MORE_BEDS_THAN_FREE, message)]
