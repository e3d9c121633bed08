"""What time does to returns: those of a period that ended are opened for every agency, and whoever is late is chased."""

from __future__ import annotations

from datetime import date

from monitoring.actions.return_questions import due_settings
from monitoring.domain.forms.catalogue import FORMS, newest
from monitoring.domain.forms.form import Form
from monitoring.domain.returns.chasing import Chased, chaser_due
from monitoring.domain.returns.owed import owed
from monitoring.domain.returns.states import Head, Key
from monitoring.store import reference, return_chasers, return_heads
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases, Transaction


async def sweep(databases: Databases) -> int:
    """Open what is owed and chase what is late, once each, however many sweeps run at a time; how many things were written."""
    async with tenancy.transaction(databases, CONSORTIUM) as transaction:
        return await chase(transaction, today=clock.today())


async def chase(transaction: Transaction, *, today: date) -> int:
    """Of every form: open the returns owed, and write down the chasers due. For the consortium's own transaction.

    Nothing that must be true depends on when it runs, but for one thing: an agency owes the return of a period if it is recorded by the
    day that is due.
    """
    written = 0
    for code in dict.fromkeys(form.code for form in FORMS):
        form = newest(code)
        assert form is not None
        written += await _chase(transaction, form, today)
    return written


async def _chase(transaction: Transaction, form: Form, today: date) -> int:
    settings = await due_settings(transaction, form)
    heads = await return_heads.of_reader(transaction, form=form.code)
    agencies = await reference.agencies(transaction)
    fresh = list(owed(form, settings, agencies, {head.key for head in heads}, today))
    due: list[tuple[Key, Chased]] = []
    for head in (*fresh, *heads):
        chased = chaser_due(head.due_on, settings, today) if head.received_on is None else None
        if chased is not None:
            due.append((head.key, chased))
    now = clock.now()
    # By right of the framework: its project manager asks every agency for its returns, and the agency reads what it was asked.
    for agency in sorted({head.key.agency for head in fresh} | {key.agency for key, _ in due}):
        async with transaction.acting_as(Organisation.agency(agency)):
            await return_heads.open_many(transaction, _of(fresh, agency), now)
            await return_chasers.record(transaction, [each for each in due if each[0].agency == agency], now)
    return len(await return_heads.open_many(transaction, fresh, now)) + await return_chasers.record(transaction, due, now)


def _of(heads: list[Head], agency: str) -> list[Head]:
    return [head for head in heads if head.key.agency == agency]
