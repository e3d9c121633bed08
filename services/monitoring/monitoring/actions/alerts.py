"""Alerts as people see them: acknowledged, acted on and closed by people, each step with who, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from monitoring.domain.alert import Alert, State, Step, StepTaken, may_take, next_state, readers_of
from monitoring.domain.looked import Looked, last_ended, looked
from monitoring.domain.short_words import faults_of_words
from monitoring.store import alerts, due, watching
from shared import clock
from shared.organisation import CONSORTIUM, Organisation
from shared.refusals import Reason, conflict, invalid, not_allowed, not_found
from shared.tenancy import Transaction


async def page(
    transaction: Transaction,
    *,
    states: Sequence[State],
    kpi: str | None,
    scope: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Alert]:
    """The caller's alerts, the last raised first: one more than ``limit``, so that the caller knows if there are more."""
    return await alerts.page(transaction, states=states, kpi=kpi, scope=scope, after=after, limit=limit + 1)


async def how_far(transaction: Transaction) -> Looked:
    """How far alerts have looked, in the database that the caller reads."""
    today = clock.today()
    # As the consortium, whose the mark is: which months have been looked at tells nothing of anybody.
    async with transaction.acting_as(CONSORTIUM):
        mark, span = await alerts.mark_of_looking(transaction), await watching.span(transaction)
        waiting = span is not None and await due.any_due(transaction, span[0], last_ended(today))
    return looked(mark, span[0] if span else None, today=today, waiting=waiting)


async def one(transaction: Transaction, alert: UUID) -> Alert:
    """One alert with its history; refused when there is none, or when it is another's."""
    found = await alerts.one(transaction, alert)
    if found is None:
        raise not_found("alert")
    return found


async def take(
    transaction: Transaction, alert: UUID, step: Step, *, by: str, reason: str, words: str, words_needed: bool, person: str | None = None
) -> Alert:
    """Take a step: acknowledge (naming who takes it on), act, or close with a reason.

    Refused, with every reason: another's alert (404); closing by others than the consortium (403); a step out of its order (409); words
    too long, missing where they are needed, or that identify somebody.
    """
    asking = transaction.organisation
    await one(transaction, alert)
    if not may_take(step, asking):
        raise not_allowed("The consortium's project manager closes an alert. Say what you did about it, and it can be closed.")
    now = clock.now()
    faults = faults_of_words("words", words, today=clock.today(), needed=words_needed)
    if person is not None:
        faults += faults_of_words("person", person, today=clock.today())
    if faults:
        raise invalid(*faults)
    # By right of seeing it: each reader's row of one alert tells the same history. The consortium's is held first, always.
    async with transaction.acting_as(CONSORTIUM):
        held = await alerts.hold(transaction, alert)
    assert held is not None
    state = next_state(held.state, step)
    if isinstance(state, Reason):
        raise conflict(state.message, state)
    taken = StepTaken(len(held.steps) + 1, step, now, str(asking), by, reason, words.strip())
    for reader in readers_of(held.found):
        async with transaction.acting_as(Organisation.parse(reader)):
            await alerts.add_step(transaction, alert, taken, state, person=person)
    return await one(transaction, alert)
