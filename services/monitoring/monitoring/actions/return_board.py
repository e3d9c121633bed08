"""The chasing board: where every return stands; and when returns are due, which the project manager sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitoring.actions.return_questions import due_settings
from monitoring.domain.forms.catalogue import FORMS, newest
from monitoring.domain.forms.form import Form
from monitoring.domain.returns.chasing import DueSettings
from monitoring.domain.returns.owed import owed
from monitoring.domain.returns.states import Head, State
from monitoring.store import reference, return_chasers, return_heads, return_settings, return_versions
from monitoring.store.return_chasers import Recorded
from shared import clock
from shared.organisation import Kind
from shared.refusals import RefusalKind, Refused, not_found
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One return's standing, the agency's name, and the chasers it had."""

    head: Head
    state: State
    agency_name: str
    days_late: int
    chased: Sequence[Recorded]


async def board(
    transaction: Transaction, *, form: str | None = None, begins: date | None = None, agency: str | None = None, state: State | None = None
) -> list[BoardLine]:
    """Every return the reader may know of, the newest period first: the consortium all, an agency its own, a council what it has a part of.

    What is owed and was not opened yet stands there too. Nobody sees what is drafted but the agency.
    """
    today = clock.today()
    names = await reference.agency_names(transaction)
    if transaction.organisation.kind is Kind.COUNCIL:
        heads = await return_versions.heads(transaction, form=form, begins=begins, agency=agency)
    else:
        heads = await return_heads.of_reader(transaction, form=form, begins=begins, agency=agency)
        heads += [head for head in await _unopened(transaction, heads, names, today) if _wanted(head, form, begins, agency)]
    chased = await return_chasers.of_reader(transaction, form=form, begins=begins)
    lines = [
        BoardLine(head, head.state(today), names.get(head.key.agency, head.key.agency), head.days_late(today), chased.get(head.key, ()))
        for head in heads
    ]
    found = [line for line in lines if state is None or line.state is state]
    return sorted(found, key=lambda line: (-line.head.key.begins.toordinal(), line.head.key.form, line.head.key.agency))


async def chasers(transaction: Transaction, *, after: tuple[datetime, str, str, date] | None, limit: int) -> list[Recorded]:
    """Chasers the reader may see, the newest first: one more than ``limit``."""
    return await return_chasers.latest_first(transaction, after=after, limit=limit + 1)


async def settings_of(transaction: Transaction, form: str) -> tuple[DueSettings, int]:
    """When a form is due and chased, and the version of that (0: as the form itself says)."""
    found = newest(form)
    if found is None:
        raise not_found("form")
    return await return_settings.of_form(transaction, form) or (found.due, 0)


async def set_due(transaction: Transaction, form: str, wanted: DueSettings, expect: Callable[[int], None]) -> int:
    """Set when returns of a form are due and chased, from the next one opened on; a day already named stays. The new version."""
    _, version = await settings_of(transaction, form)
    expect(version)
    if not await return_settings.change(transaction, form, wanted, version):
        raise Refused(RefusalKind.STALE, "Somebody set this at the same moment. Read it again and send your change with the new ETag.")
    return version + 1


async def _unopened(transaction: Transaction, heads: Sequence[Head], names: dict[str, str], today: date) -> list[Head]:
    """What is owed and not opened yet, of all agencies the reader may speak of: its own for an agency."""
    asking = transaction.organisation
    agencies = [asking.code] if asking.kind is Kind.AGENCY else list(names)
    opened, found = {head.key for head in heads}, list[Head]()
    for form in _newest():
        found += owed(form, await due_settings(transaction, form), agencies, opened, today)
    return found


def _newest() -> list[Form]:
    return [form for form in FORMS if form is newest(form.code)]


def _wanted(head: Head, form: str | None, begins: date | None, agency: str | None) -> bool:
    key = head.key
    return (form in (None, key.form)) and (begins in (None, key.begins)) and (agency in (None, key.agency))
