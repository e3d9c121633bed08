"""Placements whose full agreement is missing: listed with the day it is due, asked for once before and once after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referrals.domain.agreement import Version, VersionState, state_of
from referrals.domain.agreement_due import Due, DueState, due, stages_reached
from referrals.domain.agreement_terms import Form, first_day
from referrals.domain.placement import Placement
from referrals.domain.placement_rules import PlacementRules
from referrals.store import agreements as store
from referrals.store import framework
from referrals.store import settings as settings_store
from referrals.store.agreements import Reminder
from referrals.store.paging import after_day
from shared import clock
from shared.cursors import Wanted
from shared.organisation import Organisation
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Missing:
    """A placement without a full agreement. ``form``: what both sides have signed so far; ``proposed``: one waits to be signed."""

    placement: Placement
    provider_name: str | None
    due: Due
    form: Form | None
    proposed: bool
    reminders: tuple[Reminder, ...]


async def missing(transaction: Transaction, wanted: Wanted, state: DueState | None) -> Sequence[Missing]:
    """The asking side's placements in this database without a full agreement, that begun longest ago first; one more than the page."""
    after, found = after_day(wanted), list[Missing]()
    while True:
        batch = await store.incomplete(transaction, after, wanted.limit + 1)
        found += [each for each in await _described(transaction, batch) if state in (None, each.due.state)]
        if len(batch) <= wanted.limit or len(found) > wanted.limit:
            return found[: wanted.limit + 1]
        after = (first_day(batch[-1]), batch[-1].id)


async def remind(transaction: Transaction, *, begun_since: date | None = None) -> Sequence[tuple[Placement, Reminder]]:
    """Record a reminder for each of the council's placements whose day for one has come, once a stage; those recorded just now.

    It may be asked for as often as one likes: the sweep does so, of placements ``begun_since`` a day; so may an officer, of all.
    """
    after = (begun_since, UUID(int=0)) if begun_since else None
    rules, now, today = (await settings_store.current(transaction)).settings.placements, clock.now(), clock.today()
    recorded = []
    for placement in await store.incomplete(transaction, after, None):
        found = due(first_day(placement), rules, today)
        for stage in stages_reached(found, today):
            reminder = Reminder(found.due_on, stage, now)
            if await store.add_reminder(transaction, placement, reminder):
                recorded.append((placement, reminder))
    return recorded


async def _described(transaction: Transaction, batch: Sequence[Placement]) -> list[Missing]:
    versions = await store.versions_of(transaction, batch)
    reminders = await store.reminders_of(transaction, batch)
    names = await framework.provider_names(transaction, {each.provider for each in batch})
    rules: dict[str, PlacementRules] = {}
    for council in {each.council for each in batch}:
        # How many days is the council's own setting; its agency reads it as what the agreement is held to.
        async with transaction.acting_as(Organisation.parse(council)):
            rules[council] = (await settings_store.current(transaction)).settings.placements
    today = clock.today()
    return [
        Missing(
            placement=each,
            provider_name=names[each.provider],
            due=due(first_day(each), rules[each.council], today),
            form=_signed_form(versions[each.id]),
            proposed=_is_open(versions[each.id]),
            reminders=tuple(reminders[each.id]),
        )
        for each in batch
    ]


def _signed_form(versions: Sequence[Version]) -> Form | None:
    return next((version.terms.form for version in reversed(versions) if version.in_force), None)


def _is_open(versions: Sequence[Version]) -> bool:
    return bool(versions) and state_of(versions[-1], versions[-1].number) is VersionState.PROPOSED


def page_key(missing: Missing) -> tuple[str, str]:
    """Where a page continues: by the placement's first day and its id."""
    return first_day(missing.placement).isoformat(), str(missing.placement.id)
