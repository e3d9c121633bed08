"""Vacancies and approved places: what each step adds to the history of beds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from monitoring.domain.facts import VacancyChange, VacancyEvent
from monitoring.handlers.readers import as_each_reader, council_reader
from monitoring.store import learning
from shared.contracts.providers import (
    PlacesCounted,
    VacancyChanged,
    VacancyClosed,
    VacancyFilled,
    VacancyFreed,
    VacancyHeld,
    VacancyOpened,
    VacancyRefused,
)
from shared.delivery import Heard
from shared.tenancy import Transaction


async def on_vacancy_opened(transaction: Transaction, heard: Heard[VacancyOpened]) -> None:
    """Beds were published."""
    facts = heard.event.facts
    await _vacancy_step(transaction, heard, facts.vacancy, facts.provider, VacancyEvent.OPENED, lots=facts.lots, free_beds=facts.free_beds)


async def on_vacancy_changed(transaction: Transaction, heard: Heard[VacancyChanged]) -> None:
    """A vacancy's terms or beds changed."""
    facts = heard.event.facts
    await _vacancy_step(transaction, heard, facts.vacancy, facts.provider, VacancyEvent.CHANGED, lots=facts.lots, free_beds=facts.free_beds)


async def on_vacancy_closed(transaction: Transaction, heard: Heard[VacancyClosed]) -> None:
    """Beds are no longer offered."""
    await _vacancy_step(transaction, heard, heard.event.vacancy, heard.event.provider, VacancyEvent.CLOSED)


async def on_vacancy_held(transaction: Transaction, heard: Heard[VacancyHeld]) -> None:
    """A bed was asked for and taken."""
    said = heard.event
    await _vacancy_step(
        transaction, heard, said.vacancy, said.provider, VacancyEvent.HELD, hold=said.hold, beds=said.beds, free_beds=said.free_beds
    )
    await _bed_request(transaction, heard, said, granted=True)


async def on_vacancy_refused(transaction: Transaction, heard: Heard[VacancyRefused]) -> None:
    """A bed was asked for and already gone."""
    await _bed_request(transaction, heard, heard.event, granted=False)


async def on_vacancy_filled(transaction: Transaction, heard: Heard[VacancyFilled]) -> None:
    """The child moved in."""
    said = heard.event
    await _vacancy_step(
        transaction, heard, said.vacancy, said.provider, VacancyEvent.FILLED, hold=said.hold, beds=said.beds, free_beds=said.free_beds
    )


async def on_vacancy_freed(transaction: Transaction, heard: Heard[VacancyFreed]) -> None:
    """A bed came free again."""
    said = heard.event
    await _vacancy_step(
        transaction, heard, said.vacancy, said.provider, VacancyEvent.FREED, hold=said.hold, beds=said.beds, free_beds=said.free_beds
    )


async def on_places_counted(transaction: Transaction, heard: Heard[PlacesCounted]) -> None:
    """A provider told its approved places."""
    said = heard.event

    async def write() -> None:
        await learning.add_places_count(
            transaction,
            provider=said.provider,
            version=heard.envelope.version,
            counted_at=heard.envelope.time,
            households=said.households,
            approved_places=said.approved_places,
        )

    await as_each_reader(transaction, write, said.provider)


async def _vacancy_step(
    transaction: Transaction,
    heard: Heard[Any],
    vacancy: UUID,
    provider: str,
    event: VacancyEvent,
    *,
    lots: tuple[str, ...] = (),
    free_beds: int | None = None,
    hold: UUID | None = None,
    beds: int | None = None,
) -> None:
    envelope = heard.envelope
    change = VacancyChange(vacancy, envelope.version, provider, event, envelope.time, lots, free_beds, hold, beds)
    await as_each_reader(transaction, lambda: learning.add_vacancy_change(transaction, envelope.id, change), provider)


async def _bed_request(transaction: Transaction, heard: Heard[Any], said: VacancyHeld | VacancyRefused, *, granted: bool) -> None:
    async def write() -> None:
        await learning.add_bed_request(
            transaction,
            heard.envelope.id,
            council=said.council,
            provider=said.provider,
            granted=granted,
            answered_at=heard.envelope.time,
        )

    await as_each_reader(transaction, write, council_reader(said.council), said.provider)
