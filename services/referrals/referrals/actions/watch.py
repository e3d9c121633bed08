"""The stability watch: the council's placements that need looking at, each with all its reasons, and what officers did about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referrals.domain.agreement_due import due
from referrals.domain.agreement_terms import first_day
from referrals.domain.placement import Placement, PlacementState, number_in_year
from referrals.domain.review_dates import missed_in_a_row, schedule
from referrals.domain.stability import Done, Facts, Flag, Look, flags, new_since, place_in_list
from referrals.store import agreements, framework, placements
from referrals.store import settings as settings_store
from referrals.store import stability as store
from shared import clock, ids
from shared.cursors import Wanted, another_lists
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction

LONGEST_LIST = 5000
"""More placements than any council has."""


@dataclass(frozen=True)
class Watched:
    """A placement that lasts, its reasons (each with whether it came after an officer last looked), and that last look."""

    placement: Placement
    provider_name: str | None
    flags: tuple[Flag, ...]
    new: tuple[bool, ...]
    last: Look | None

    @property
    def key(self) -> tuple[int, date, UUID]:
        """Where it stands in the list."""
        return place_in_list(self.flags, self.placement.id)


async def flagged(transaction: Transaction, wanted: Wanted, *, only_new: bool) -> Sequence[Watched]:
    """The council's placements with at least one reason, by number of reasons and then by the oldest; one more than the page."""
    after = _after(wanted)
    looks = await store.last_looks(transaction)
    found = [each for each in await _watched(transaction, await store.lasting(transaction), looks) if each.flags]
    kept = [each for each in found if not only_new or any(each.new)]
    return [each for each in sorted(kept, key=lambda each: each.key) if after is None or each.key > after][: wanted.limit + 1]


async def one(transaction: Transaction, placement: UUID) -> tuple[Watched, Sequence[Look]]:
    """One placement of the council, flagged or not, and every look at it, newest first."""
    found = await placements.one(transaction, placement)
    looks = await store.looks_at(transaction, placement)
    watched = await _watched(transaction, [found], {placement: looks[0]} if looks else {})
    return watched[0], looks


async def look(transaction: Transaction, placement: UUID, done: Done, by_date: date | None, *, subject: str) -> Watched:
    """Record that an officer looked at a flagged placement and what is done, with every reason as it stands now."""
    found = await placements.one(transaction, placement)
    [watched] = await _watched(transaction, [found], {})
    if not watched.flags:
        words = "Nothing is flagged about this placement now, so there is nothing to mark as looked at."
        raise conflict(words, Reason("placement", "flagged", words))
    today = clock.today()
    if by_date is not None and by_date < today:
        raise invalid(Reason("by_date", "not_in_the_past", "Give the day by which it is done: today or later."))
    taken = Look(ids.new_id(), done, by_date, frozenset(flag.key for flag in watched.flags), subject, today)
    await store.add_look(transaction, placement, taken, at=clock.now())
    return Watched(found, watched.provider_name, watched.flags, new_since(watched.flags, taken), taken)


async def _watched(transaction: Transaction, found: Sequence[Placement], looks: dict[UUID, Look]) -> list[Watched]:
    """These placements with their reasons, in a fixed number of questions to the database however many they are."""
    today, rules = clock.today(), (await settings_store.current(transaction)).settings.placements
    named = await store.children_of_each(transaction, found)
    everybody = {child for children in named.values() for child in children}
    care = await store.periods_and_reviews(transaction)
    missed = {child: missed_in_a_row(schedule(*care[child], today)) for child in everybody if child in care}
    stays = await placements.stays_of_each(transaction, everybody)
    events, notices = await store.events_of(transaction, found), await agreements.notices_of(transaction, found)
    incomplete = {placement.id for placement in await agreements.incomplete(transaction, None, LONGEST_LIST)}
    names = {provider: await framework.provider_name(transaction, provider) for provider in {each.provider for each in found}}
    watched = []
    for each in found:
        begun = first_day(each)
        facts = Facts(
            started_on=begun,
            reviews_missed=[missed.get(child, ()) for child in named[each.id]],
            numbers_in_year=[
                number_in_year(begun, [stay for placement, stay in stays[child] if placement != each.id]) for child in named[each.id]
            ],
            events=events[each.id],
            notice=next((notice for notice in notices[each.id] if notice.withdrawn_at is None), None),
            due=due(begun, rules, today) if each.id in incomplete else None,
        )
        reasons = flags(facts, rules, today) if each.state is PlacementState.STARTED else ()
        last = looks.get(each.id)
        watched.append(Watched(each, names[each.provider], reasons, new_since(reasons, last), last))
    return watched


def _after(wanted: Wanted) -> tuple[int, date, UUID] | None:
    if wanted.after is None:
        return None
    try:
        count, since, placement = wanted.after
        return int(count), date.fromisoformat(since), UUID(placement)
    except ValueError as error:
        raise another_lists() from error


def page_key(each: Watched) -> tuple[str, str, str]:
    """Where a page continues: by number of reasons, the oldest of them, and the placement."""
    count, since, placement = each.key
    return str(count), since.isoformat(), str(placement)
