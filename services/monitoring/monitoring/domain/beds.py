"""Beds as they stood at the end of a period: approved, vacant, filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from monitoring.domain.definition import ANY_WAY, BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import PlacesCount, Records, VacancyChange, VacancyEvent
from monitoring.domain.figure import Figure, Part, count
from monitoring.domain.period import Period

TERMS = (VacancyEvent.OPENED, VacancyEvent.CHANGED, VacancyEvent.CLOSED)


@dataclass(frozen=True, slots=True)
class _Vacancy:
    """A vacancy as it stood: what was free, what was held for a child on the way, what was lived in."""

    lots: tuple[str, ...]
    free: int
    held: int
    filled: int


def beds_vacant(records: Records, period: Period) -> Figure:
    """Beds free to be taken at the end of the period's last day, in vacancies still published."""
    standing = _standing(records, period)
    free = sum(v.free for v in standing)
    held = sum(v.held for v in standing)
    found = count(free, parts=(Part("held for a child not yet moved in", Decimal(held)),))
    return Figure(found.value if standing else None, found.numerator, None, len(standing), found.parts)


def beds_filled(records: Records, period: Period) -> Figure:
    """Beds taken through Hearth that a child lived in at the end of the period's last day."""
    standing = _standing(records, period)
    filled = sum(v.filled for v in standing)
    return Figure(Decimal(filled) if standing else None, Decimal(filled), None, len(standing))


def beds_approved(records: Records, period: Period) -> Figure:
    """Approved places of all recorded households, as each provider last told them by the period's last day."""
    latest: dict[str, PlacesCount] = {}
    for told in records.places_counts:
        if told.counted_at < period.closes and (told.provider not in latest or _when(latest[told.provider]) < _when(told)):
            latest[told.provider] = told
    places = sum(told.approved_places for told in latest.values())
    return Figure(Decimal(places) if latest else None, Decimal(places), None, len(latest))


def _when(told: PlacesCount) -> tuple[datetime, int]:
    """Later counts stand; of one moment the higher version."""
    return (told.counted_at, told.version)


def _standing(records: Records, period: Period) -> list[_Vacancy]:
    histories: dict[UUID, list[VacancyChange]] = {}
    for change in records.vacancy_changes:
        if change.happened_at < period.closes:
            histories.setdefault(change.vacancy, []).append(change)
    vacancies = [_as_it_stood(history) for history in histories.values()]
    return [v for v in vacancies if records.lot is None or records.lot in v.lots]


def _as_it_stood(history: Sequence[VacancyChange]) -> _Vacancy:
    """Follow one vacancy by its own versions, whatever order the news came in."""
    ordered = sorted(history, key=lambda change: (change.version, change.happened_at))
    terms = [change for change in ordered if change.event in TERMS]
    open_now = not terms or terms[-1].event is not VacancyEvent.CLOSED
    lots = next((change.lots for change in reversed(terms) if change.lots), ())
    told = [change.free_beds for change in ordered if change.free_beds is not None]
    return _Vacancy(lots, told[-1] if told and open_now else 0, *_holds(ordered))


def _holds(ordered: Sequence[VacancyChange]) -> tuple[int, int]:
    """Beds held and beds filled. A hold goes one way, held, filled, freed, so its furthest step is what it is now."""
    beds: dict[UUID, int] = {}
    steps: dict[UUID, set[VacancyEvent]] = {}
    for change in ordered:
        if change.hold is not None:
            beds[change.hold] = change.beds or 0
            steps.setdefault(change.hold, set()).add(change.event)
    living = {hold: seen for hold, seen in steps.items() if VacancyEvent.FREED not in seen}
    filled = sum(beds[hold] for hold, seen in living.items() if VacancyEvent.FILLED in seen)
    return sum(beds[hold] for hold in living) - filled, filled


KPIS = (
    Definition(
        "beds_approved",
        "Approved places",
        "How many children may the recorded households take?",
        "approved places at the end of the period; for a council, its own fostering service's",
        None,
        Unit.NUMBER,
        Direction.HIGHER,
        EVERYBODY,
        BY_COUNCIL_AND_AGENCY,
        beds_approved,
    ),
    Definition(
        "beds_vacant",
        "Vacant beds",
        "How many beds could be taken?",
        "free beds of published vacancies at the end of the period; for a council, its own fostering service's",
        None,
        Unit.NUMBER,
        Direction.NEITHER,
        EVERYBODY,
        ANY_WAY,
        beds_vacant,
    ),
    Definition(
        "beds_filled",
        "Filled beds",
        "How many beds taken through Hearth are lived in?",
        "beds lived in at the end of the period; for a council, its own fostering service's",
        None,
        Unit.NUMBER,
        Direction.HIGHER,
        EVERYBODY,
        ANY_WAY,
        beds_filled,
    ),
)
"""The KPIs counted here."""
