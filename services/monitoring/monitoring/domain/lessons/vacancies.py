"""Vacancies and approved places: what each step adds to the history of beds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from monitoring.domain.facts import VacancyEvent
from monitoring.domain.lessons.lesson import Lesson, Subject, council_reader, for_each
from shared.contracts import Envelope
from shared.contracts.providers import (
    PlacesCounted,
    VacancyChanged,
    VacancyClosed,
    VacancyFacts,
    VacancyFilled,
    VacancyFreed,
    VacancyHeld,
    VacancyOpened,
    VacancyRefused,
)


def vacancy_opened(said: VacancyOpened, envelope: Envelope) -> tuple[Lesson, ...]:
    """Beds were published."""
    return _terms(said.facts, envelope, VacancyEvent.OPENED)


def vacancy_changed(said: VacancyChanged, envelope: Envelope) -> tuple[Lesson, ...]:
    """A vacancy's terms or beds changed."""
    return _terms(said.facts, envelope, VacancyEvent.CHANGED)


def vacancy_closed(said: VacancyClosed, envelope: Envelope) -> tuple[Lesson, ...]:
    """Beds are no longer offered."""
    return _step(envelope, said.vacancy, said.provider, VacancyEvent.CLOSED)


def vacancy_held(said: VacancyHeld, envelope: Envelope) -> tuple[Lesson, ...]:
    """A bed was asked for and taken."""
    return (*_hold(said, envelope, VacancyEvent.HELD), *_bed_request(said, envelope, granted=True))


def vacancy_refused(said: VacancyRefused, envelope: Envelope) -> tuple[Lesson, ...]:
    """A bed was asked for and already gone."""
    return _bed_request(said, envelope, granted=False)


def vacancy_filled(said: VacancyFilled, envelope: Envelope) -> tuple[Lesson, ...]:
    """The child moved in."""
    return _hold(said, envelope, VacancyEvent.FILLED)


def vacancy_freed(said: VacancyFreed, envelope: Envelope) -> tuple[Lesson, ...]:
    """A bed came free again."""
    return _hold(said, envelope, VacancyEvent.FREED)


def places_counted(said: PlacesCounted, envelope: Envelope) -> tuple[Lesson, ...]:
    """A provider told its approved places. Its moment is part of what names a count: a past that is brought in numbers its own."""
    return for_each(
        (said.provider,),
        Subject.PLACES_COUNT,
        key={"provider": said.provider, "version": envelope.version, "counted_at": envelope.time},
        version=envelope.version,
        facts={"households": said.households, "approved_places": said.approved_places},
    )


def _terms(facts: VacancyFacts, envelope: Envelope, event: VacancyEvent) -> tuple[Lesson, ...]:
    terms = {"district": facts.district, "from_age": facts.from_age, "to_age": facts.to_age}
    return _step(envelope, facts.vacancy, facts.provider, event, lots=facts.lots, free_beds=facts.free_beds, terms=terms)


def _hold(said: VacancyHeld | VacancyFilled | VacancyFreed, envelope: Envelope, event: VacancyEvent) -> tuple[Lesson, ...]:
    return _step(envelope, said.vacancy, said.provider, event, hold=said.hold, beds=said.beds, free_beds=said.free_beds)


def _step(
    envelope: Envelope,
    vacancy: UUID,
    provider: str,
    event: VacancyEvent,
    *,
    lots: tuple[str, ...] = (),
    free_beds: int | None = None,
    hold: UUID | None = None,
    beds: int | None = None,
    terms: Mapping[str, Any] | None = None,
) -> tuple[Lesson, ...]:
    """One step of a vacancy's history; the event's id keeps it from being added twice. ``terms``: where it is and for which ages."""
    facts = {
        "vacancy": vacancy,
        "version": envelope.version,
        "provider": provider,
        "event": event,
        "happened_at": envelope.time,
        "lots": list(lots),
        "free_beds": free_beds,
        "hold": hold,
        "beds": beds,
        **(terms or {"district": None, "from_age": None, "to_age": None}),
    }
    return for_each((provider,), Subject.VACANCY_CHANGE, key={"id": envelope.id}, version=envelope.version, facts=facts)


def _bed_request(said: VacancyHeld | VacancyRefused, envelope: Envelope, *, granted: bool) -> tuple[Lesson, ...]:
    """One answer to a council's asking for a bed."""
    readers = (council_reader(said.council), said.provider)
    facts: dict[str, Any] = {"council": said.council, "provider": said.provider, "granted": granted, "answered_at": envelope.time}
    facts |= {"hold": said.hold, "lives_in": said.lives_in} if isinstance(said, VacancyHeld) else {"hold": None, "lives_in": None}
    return for_each(readers, Subject.BED_REQUEST, key={"id": envelope.id}, version=envelope.version, facts=facts)
