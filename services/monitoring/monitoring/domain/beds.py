"""Beds as they stood at the end of a period: approved, vacant, filled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from monitoring.domain.counted import NOUGHT, Counted, Summary
from monitoring.domain.definition import ANY_WAY, BY_COUNCIL_AND_AGENCY, EVERYBODY, Definition, Direction, Unit
from monitoring.domain.facts import IN_HOUSE, PlacesCount, Records, VacancyChange, VacancyEvent, agency_of
from monitoring.domain.figure import Part, Tally
from monitoring.domain.period import Period

TERMS = (VacancyEvent.OPENED, VacancyEvent.CHANGED, VacancyEvent.CLOSED)


@dataclass(frozen=True, slots=True)
class _Vacancy:
    """A vacancy as it stood: what was free, what was held for a child on the way, what was lived in."""

    provider: str
    lots: tuple[str, ...]
    free: int
    held: int
    filled: int


def beds_vacant(records: Records, period: Period) -> tuple[Counted, ...]:
    """Beds free to be taken at the end of the period's last day, in vacancies still published; beside them those held."""
    return _beds(records, period, lambda vacancy: (vacancy.free, vacancy.held))


def beds_filled(records: Records, period: Period) -> tuple[Counted, ...]:
    """Beds taken through Hearth that a child lived in at the end of the period's last day."""
    return _beds(records, period, lambda vacancy: (vacancy.filled, 0))


def beds_approved(records: Records, period: Period) -> tuple[Counted, ...]:
    """Approved places of all recorded households, as each provider last told them by the period's last day."""
    return tuple(of_provider(told.provider, period.last, Decimal(told.approved_places)) for told in last_told(records, period).values())


def last_told(records: Records, period: Period) -> dict[str, PlacesCount]:
    """Each provider's last count of its places by the end of the period's last day."""
    latest: dict[str, PlacesCount] = {}
    closes = period.closes
    for told in records.places_counts:
        if told.counted_at < closes and (told.provider not in latest or _when(latest[told.provider]) < _when(told)):
            latest[told.provider] = told
    return latest


def _when(told: PlacesCount) -> tuple[datetime, int]:
    """Later counts stand; of one moment the higher version."""
    return (told.counted_at, told.version)


def of_provider(provider: str, on: date, numerator: Decimal, denominator: Decimal | None = None, lot: str | None = None) -> Counted:
    """A provider's own number: an agency's belongs to no council, a council's to its fostering service."""
    return _of(provider, "provider", provider, on, numerator, denominator, lot)


def _of(provider: str, kind: str, id: str, on: date, numerator: Decimal, denominator: Decimal | None, lot: str | None) -> Counted:
    agency = agency_of(provider)
    council = provider.removeprefix(IN_HOUSE) if agency is None else None
    return Counted(kind, id, on, numerator, denominator, council, agency, lot)


def _beds(records: Records, period: Period, beds: Callable[[_Vacancy], tuple[int, int]]) -> tuple[Counted, ...]:
    """Each vacancy with beds to count; a provider that has none has one row of nought, so that none is known from unknown."""
    rows: list[Counted] = []
    without: set[tuple[str, str | None]] = set()
    has_some: set[tuple[str, str | None]] = set()
    for id, vacancy in records.once(_standing, period):
        lots = "+".join(sorted(vacancy.lots)) or None
        counted, beside = beds(vacancy)
        if counted or beside:
            rows.append(_of(vacancy.provider, "vacancy", str(id), period.last, Decimal(counted), Decimal(beside), lots))
            has_some.add((vacancy.provider, lots))
        else:
            without.add((vacancy.provider, lots))
    rows += [of_provider(provider, period.last, NOUGHT, NOUGHT, lots) for provider, lots in sorted(without - has_some, key=str)]
    return tuple(rows)


def _standing(records: Records, period: Period) -> tuple[tuple[UUID, _Vacancy], ...]:
    """Every vacancy as it stood at the end of the period's last day: its whole history followed, so once for all figures about beds."""
    histories: dict[UUID, list[VacancyChange]] = {}
    closes = period.closes
    for change in records.vacancy_changes:
        if change.happened_at < closes:
            histories.setdefault(change.vacancy, []).append(change)
    return tuple((id, _as_it_stood(history)) for id, history in histories.items())


def _as_it_stood(history: Sequence[VacancyChange]) -> _Vacancy:
    """Follow one vacancy by its own versions, whatever order the news came in."""
    ordered = sorted(history, key=lambda change: (change.version, change.happened_at))
    terms = [change for change in ordered if change.event in TERMS]
    open_now = not terms or terms[-1].event is not VacancyEvent.CLOSED
    lots = next((change.lots for change in reversed(terms) if change.lots), ())
    told = [change.free_beds for change in ordered if change.free_beds is not None]
    return _Vacancy(ordered[0].provider, lots, told[-1] if told and open_now else 0, *_holds(ordered))


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


def _held(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    return (Part("held for a child not yet moved in", sum((tally.denominator for tally in tallies), NOUGHT)),)


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
        Summary.LATEST_TOTAL,
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
        Summary.LATEST_TOTAL,
        parts=_held,
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
        Summary.LATEST_TOTAL,
    ),
)
"""The KPIs counted here."""
