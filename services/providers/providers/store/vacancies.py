"""Vacancies: written by their provider, read by everybody without an address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.household import SharedFacts
from providers.domain.vacancy import CloseReason, Published, VacancyStatus, Wanted
from providers.tables import vacancies
from shared.one_of import one_of
from shared.tenancy import Transaction

_FACTS: TypeAdapter[SharedFacts] = TypeAdapter(SharedFacts)


@dataclass(frozen=True, slots=True)
class RecordedVacancy:
    """A vacancy as it stands, with what may be seen of its household. ``asked_beds`` is what the provider last sent."""

    id: UUID
    provider: str
    reference: str
    household: UUID
    household_reference: str
    lots: tuple[str, ...]
    asked_beds: int
    free_beds: int
    available_from: date
    status: VacancyStatus
    close_reason: CloseReason | None
    facts: SharedFacts
    opened_at: datetime
    changed_at: datetime
    version: int

    @property
    def as_published(self) -> Published:
        """The vacancy as the rules ask for it."""
        asked = Wanted(self.reference, self.household_reference, self.lots, self.asked_beds, self.available_from)
        return Published(self.id, self.household, asked, self.free_beds, self.status, self.version)


def _recorded(row: Row[tuple[object, ...]]) -> RecordedVacancy:
    return RecordedVacancy(
        id=row.id,
        provider=row.provider,
        reference=row.reference,
        household=row.household,
        household_reference=row.household_reference,
        lots=tuple(row.lots),
        asked_beds=row.asked_beds,
        free_beds=row.free_beds,
        available_from=row.available_from,
        status=VacancyStatus(row.status),
        close_reason=None if row.close_reason is None else CloseReason(row.close_reason),
        facts=_FACTS.validate_python(row.household_facts),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        version=row.version,
    )


async def find(transaction: Transaction, reference: str) -> RecordedVacancy | None:
    """One of the asking provider's vacancies by its reference, or None."""
    statement = select(vacancies).where(vacancies.c.provider == str(transaction.organisation), vacancies.c.reference == reference)
    row = (await transaction.execute(statement)).one_or_none()
    return _recorded(row) if row else None


async def standing(transaction: Transaction, references: Collection[str], households: Collection[UUID]) -> dict[str, RecordedVacancy]:
    """The asking provider's vacancies under these references or of these households, by reference.

    Their rows stay locked until the transaction ends, so that no hold takes a bed between looking and writing.
    """
    statement = (
        select(vacancies)
        .where(
            vacancies.c.provider == str(transaction.organisation),
            or_(one_of(vacancies.c.reference, sorted(references)), one_of(vacancies.c.household, sorted(households))),
        )
        .order_by(vacancies.c.id)
        .with_for_update(key_share=True)
    )
    return {row.reference: _recorded(row) for row in await transaction.execute(statement)}


async def own(
    transaction: Transaction, *, status: VacancyStatus | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[RecordedVacancy]:
    """The asking provider's vacancies, oldest first, from after ``after``."""
    statement = select(vacancies).where(vacancies.c.provider == str(transaction.organisation))
    if status is not None:
        statement = statement.where(vacancies.c.status == status)
    return await _page(transaction, statement, after, limit)


async def all_open(transaction: Transaction, *, after: tuple[datetime, UUID] | None, limit: int) -> list[RecordedVacancy]:
    """Every provider's open vacancies, oldest first, from after ``after``."""
    return await _page(transaction, select(vacancies).where(vacancies.c.status == "open"), after, limit)


async def _page(transaction: Transaction, statement: Select[Any], after: tuple[datetime, UUID] | None, limit: int) -> list[RecordedVacancy]:
    if after is not None:
        statement = statement.where(tuple_(vacancies.c.opened_at, vacancies.c.id) > tuple_(*after))
    rows = await transaction.execute(statement.order_by(vacancies.c.opened_at, vacancies.c.id).limit(limit))
    return [_recorded(row) for row in rows]


async def save(transaction: Transaction, changed: Sequence[RecordedVacancy]) -> None:
    """Write these vacancies as they are, new ones and old, in one statement sent once for each row."""
    if not changed:
        return
    rows = [
        {
            "id": each.id,
            "provider": each.provider,
            "reference": each.reference,
            "household": each.household,
            "household_reference": each.household_reference,
            "lots": list(each.lots),
            "asked_beds": each.asked_beds,
            "free_beds": each.free_beds,
            "available_from": each.available_from,
            "status": each.status,
            "close_reason": each.close_reason,
            "household_facts": _FACTS.dump_python(each.facts, mode="json"),
            "opened_at": each.opened_at,
            "changed_at": each.changed_at,
            "version": each.version,
        }
        for each in changed
    ]
    statement = insert(vacancies)
    kept = ("id", "provider", "reference", "household", "household_reference")
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in kept}
    await transaction.execute(statement.on_conflict_do_update(index_elements=["id"], set_=replaced), rows)


async def reword(transaction: Transaction, household: UUID, facts: SharedFacts, *, at: datetime) -> list[RecordedVacancy]:
    """Give a household's open vacancies its new facts; those that now read otherwise."""
    statement = (
        update(vacancies)
        .where(vacancies.c.household == household, vacancies.c.status == "open")
        .values(household_facts=_FACTS.dump_python(facts, mode="json"), version=vacancies.c.version + 1, changed_at=at)
        .returning(vacancies)
    )
    return [_recorded(row) for row in await transaction.execute(statement)]
