"""The stability watch: the council's placements that need looking at, each with all its reasons, and what officers did about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referrals.domain.agreement_due import due
from referrals.domain.placement import Placement, PlacementState, number_in_year
from referrals.domain.review_dates import missed_in_a_row, schedule
from referrals.domain.stability import Done, Facts, Flag, Lasting, Look, flags, new_since, place_in_list
from referrals.store import agreements, framework, placements
from referrals.store import settings as settings_store
from referrals.store import stability as store
from shared import clock, ids
from shared.cursors import Wanted, another_lists
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction


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
    reasons = await _reasons(transaction, await store.lasting(transaction))
    kept = {
        place_in_list(each, placement): placement
        for placement, each in reasons.items()
        if each and (not only_new or any(new_since(each, looks.get(placement))))
    }
    page = [kept[place] for place in sorted(kept) if after is None or place > after][: wanted.limit + 1]
    shown = await placements.several(transaction, page)
    names = await framework.provider_names(transaction, {each.provider for each in shown.values()})
    return [_watched(shown[each], names[shown[each].provider], reasons[each], looks.get(each)) for each in page]


async def one(transaction: Transaction, placement: UUID) -> tuple[Watched, Sequence[Look]]:
    """One placement of the council, flagged or not, and every look at it, newest first."""
    found = await placements.one(transaction, placement)
    looks = await store.looks_at(transaction, placement)
    reasons = await _reasons_of(transaction, found)
    name = await framework.provider_name(transaction, found.provider)
    return _watched(found, name, reasons, looks[0] if looks else None), looks


async def look(transaction: Transaction, placement: UUID, done: Done, by_date: date | None, *, subject: str) -> Watched:
    """Record that an officer looked at a flagged placement and what is done, with every reason as it stands now."""
    found = await placements.one(transaction, placement)
    reasons = await _reasons_of(transaction, found)
    if not reasons:
        words = "Nothing is flagged about this placement now, so there is nothing to mark as looked at."
        raise conflict(words, Reason("placement", "flagged", words))
    today = clock.today()
    if by_date is not None and by_date < today:
        raise invalid(Reason("by_date", "not_in_the_past", "Give the day by which it is done: today or later."))
    taken = Look(ids.new_id(), done, by_date, frozenset(flag.key for flag in reasons), subject, today)
    await store.add_look(transaction, placement, taken, at=clock.now())
    return _watched(found, await framework.provider_name(transaction, found.provider), reasons, taken)


def _watched(placement: Placement, name: str | None, reasons: tuple[Flag, ...], last: Look | None) -> Watched:
    return Watched(placement, name, reasons, new_since(reasons, last), last)


async def _reasons_of(transaction: Transaction, placement: Placement) -> tuple[Flag, ...]:
    """Why one placement needs looking at; one that has not begun or has ended never does."""
    if placement.state is not PlacementState.STARTED:
        return ()
    return (await _reasons(transaction, await store.lasting(transaction, placement.id)))[placement.id]


async def _reasons(transaction: Transaction, lasting: Sequence[Lasting]) -> dict[UUID, tuple[Flag, ...]]:
    """Why each of these needs looking at, in a fixed number of questions to the database however many they are."""
    today, rules = clock.today(), (await settings_store.current(transaction)).settings.placements
    everybody = {child for each in lasting for child in each.children}
    care = await store.periods_and_reviews(transaction)
    missed = {child: missed_in_a_row(schedule(*care[child], today)) for child in everybody if child in care}
    stays = await placements.stays_of_each(transaction, everybody)
    events, notices = await store.events_of(transaction, lasting), await agreements.notices_of(transaction, lasting)
    found = {}
    for each in lasting:
        facts = Facts(
            started_on=each.began_on,
            reviews_missed=[missed.get(child, ()) for child in each.children],
            numbers_in_year=[
                number_in_year(each.began_on, [stay for placement, stay in stays[child] if placement != each.id])
                for child in each.children
            ],
            events=events[each.id],
            notice=next((notice for notice in notices[each.id] if notice.withdrawn_at is None), None),
            due=due(each.began_on, rules, today) if each.lacks_agreement else None,
        )
        found[each.id] = flags(facts, rules, today)
    return found


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
