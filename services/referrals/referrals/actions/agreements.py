"""The individual placement agreement: drafted, proposed, signed by both sides or declined, priced, ended by notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from referrals.actions import said_of_placements as said
from referrals.domain import agreement as rules
from referrals.domain.agreement import Act, DeclineReason, Deed, Notice, NoticeReason, Version, in_force_on
from referrals.domain.agreement_cost import Cost, cost, expected_end, week_of
from referrals.domain.agreement_due import Due, complete, due
from referrals.domain.agreement_terms import Terms, content_of, drafted, first_day, hash_of, terms_broken_rules
from referrals.domain.placement import Placement, PlacementState
from referrals.domain.placement_rules import PlacementRules
from referrals.store import agreements as store
from referrals.store import framework
from referrals.store import placements as placements_store
from referrals.store import settings as settings_store
from referrals.store.agreements import Reminder
from shared import clock, ids
from shared.organisation import Organisation
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction

LONGEST_PART_DAYS = 3660
"""A part of a stay that may be priced at once: ten years."""


@dataclass(frozen=True)
class Agreement:
    """All that is agreed about one placement, and what is not yet. ``due`` while the full agreement is missing."""

    placement: Placement
    council_name: str | None
    provider_name: str | None
    versions: tuple[Version, ...]
    notices: tuple[Notice, ...]
    reminders: tuple[Reminder, ...]
    rules: PlacementRules
    today: date

    @property
    def revision(self) -> int:
        """Grows with everything that is said: nothing said is ever taken away, so the number of things said is it."""
        withdrawn = sum(notice.withdrawn_at is not None for notice in self.notices)
        return len(self.versions) + sum(len(version.deeds) for version in self.versions) + len(self.notices) + withdrawn

    @property
    def newest(self) -> int:
        """The number of the newest version; 0 without any."""
        return max((version.number for version in self.versions), default=0)

    @property
    def notice(self) -> Notice | None:
        """The notice that stands."""
        return next((notice for notice in self.notices if notice.withdrawn_at is None), None)

    @property
    def due(self) -> Due | None:
        """When the full agreement is due, while it is missing and the placement is to begin or lasts."""
        over = self.placement.state not in (PlacementState.AGREED, PlacementState.STARTED)
        if over or complete(self.versions) or rules.refusal(self.placement):
            return None
        return due(first_day(self.placement), self.rules, self.today)

    @property
    def in_force(self) -> Version | None:
        """The version that holds tonight; before the first day, the one that will hold then."""
        return in_force_on(self.versions, max(self.today, first_day(self.placement)))

    @property
    def expected_end(self) -> date | None:
        """The day of leaving, as far as it is known."""
        ending = self.placement.ending
        return expected_end(self.versions, ending.ended_on if ending else None, self.notice)


@dataclass(frozen=True)
class Costs:
    """A part of the stay, the stay until today, and the stay as long as it is expected; None when no end is known."""

    part: Cost
    to_date: Cost
    to_expected_end: Cost | None


async def read(transaction: Transaction, placement: UUID) -> Agreement:
    """The agreement about one placement, for its council and its agency; for everybody else there is none."""
    found = await placements_store.one(transaction, placement)
    return await _whole(transaction, found)


async def propose(
    transaction: Transaction,
    placement: UUID,
    wanted: Mapping[str, Any],
    check: Callable[[int], None],
    *,
    subject: str,
) -> Agreement:
    """Propose the next version: drafted from what is in force, else from the placement as offered; ``wanted`` replaces what it names.

    One that is open to be signed is replaced by it; one in force stays as it is and holds until both have signed the new.
    """
    agreement = await _held(transaction, placement, check)
    draft = drafted(
        agreement.placement, _before(agreement, wanted.get("effective_from")), agreement.rules.notice_days, wanted.get("effective_from")
    )
    terms = replace(draft, **wanted)
    if broken := terms_broken_rules(terms, agreement.placement):
        raise invalid(*broken)
    number, side = agreement.newest + 1, str(transaction.organisation)
    content = content_of(agreement.placement, number, terms)
    version = Version(number, terms, hash_of(content), side, subject, clock.now())
    await store.add_version(transaction, agreement.placement, version, content)
    return replace(agreement, versions=(*agreement.versions, version))


def _before(agreement: Agreement, effective_from: date | None) -> Terms | None:
    """What a variation varies: the version that holds when it begins; without a day named, the newest in force."""
    signed = [version for version in agreement.versions if version.in_force]
    if not signed:
        return None
    holding = in_force_on(signed, effective_from) if effective_from else None
    return (holding or max(signed, key=lambda version: version.number)).terms


async def sign(
    transaction: Transaction, placement: UUID, number: int, content_hash: str, check: Callable[[int], None], *, subject: str
) -> Agreement:
    """Sign a version as it was read, for the asking side; with the second signature it is in force from its effective date."""
    agreement = await _held(transaction, placement, check)
    version = _version(agreement, number)
    side = str(transaction.organisation)
    if broken := rules.signing_broken_rules(version, agreement.newest, side, content_hash):
        raise conflict(broken[0].message, *broken)
    return await _done(transaction, agreement, version, Deed(side, Act.SIGNED, version.content_hash, subject, clock.now()))


async def decline(
    transaction: Transaction, placement: UUID, number: int, reason: DeclineReason, check: Callable[[int], None], *, subject: str
) -> Agreement:
    """Decline a version that is open, with a coded reason; whoever proposed it may take it back the same way."""
    agreement = await _held(transaction, placement, check)
    version = _version(agreement, number)
    if broken := rules.declining_broken_rules(version, agreement.newest):
        raise conflict(broken[0].message, *broken)
    deed = Deed(str(transaction.organisation), Act.DECLINED, version.content_hash, subject, clock.now(), reason)
    return await _done(transaction, agreement, version, deed)


async def give_notice(
    transaction: Transaction, placement: UUID, given_on: date, reason: NoticeReason, check: Callable[[int], None], *, subject: str
) -> Agreement:
    """Record notice given by the asking side; it ends the agreement so many days later as the version in force that day says."""
    agreement = await _held(transaction, placement, check)
    if agreement.placement.state not in (PlacementState.AGREED, PlacementState.STARTED):
        words = "This placement is over: there is nothing left to give notice of."
        raise conflict(words, Reason("state", "lasts", words))
    if broken := rules.notice_broken_rules(agreement.placement, agreement.notice, given_on, agreement.today):
        raise invalid(*broken)
    days = rules.notice_days(agreement.versions, given_on, agreement.rules.notice_days)
    ends_on = date.fromordinal(given_on.toordinal() + days)
    notice = Notice(ids.new_id(), str(transaction.organisation), given_on, ends_on, reason, subject, clock.now())
    await store.add_notice(transaction, agreement.placement, notice)
    await said.notice_given(transaction, agreement.placement, notice)
    return replace(agreement, notices=(*agreement.notices, notice))


async def withdraw_notice(transaction: Transaction, placement: UUID, check: Callable[[int], None], *, subject: str) -> Agreement:
    """Take back the notice that stands, by the side that gave it; the record of it stays."""
    agreement = await _held(transaction, placement, check)
    standing = agreement.notice
    if standing is None or not await store.withdraw_notice(transaction, agreement.placement, standing.id, by=subject, at=clock.now()):
        words = "Your side has given no notice that stands. Notice of the other side is theirs to withdraw."
        raise conflict(words, Reason("notice", "own_notice_stands", words))
    await said.notice_withdrawn(transaction, agreement.placement, standing)
    return await _whole(transaction, agreement.placement)


async def costs(transaction: Transaction, placement: UUID, begin: date | None, end: date | None) -> Costs:
    """What a part of the stay costs (Monday to Sunday of this week unless named), and the stay to date and to its expected end."""
    agreement = await read(transaction, placement)
    if words := rules.refusal(agreement.placement):
        raise conflict(words, Reason("placement", "has_an_agreement", words))
    monday, next_monday = week_of(begin or agreement.today)
    begin = begin or monday
    end = end or (next_monday if begin == monday else date.fromordinal(begin.toordinal() + 7))
    if broken := _part_broken_rules(begin, end):
        raise invalid(*broken)
    return costs_of(agreement, begin, end)


def _part_broken_rules(begin: date, end: date) -> tuple[Reason, ...]:
    found = []
    if end <= begin:
        found.append(Reason("until", "after_from", "until is the first day no longer counted: after from."))
    if (end - begin).days > LONGEST_PART_DAYS:
        found.append(Reason("until", "not_too_long", "Ask for ten years at most at once."))
    return tuple(found)


def costs_of(agreement: Agreement, begin: date, end: date) -> Costs:
    """The same, of an agreement that was read. Nights after the known day of leaving are not charged."""
    placement, arrived, leaves = agreement.placement, first_day(agreement.placement), agreement.expected_end
    left = placement.ending.ended_on if placement.ending else None

    def counted(first: date, to: date) -> Cost:
        return cost(agreement.versions, placement.pounds_per_week, arrived, first, to)

    today = min(left, agreement.today) if left else agreement.today
    part_end = min(end, leaves) if leaves is not None and (left is not None or leaves > agreement.today) else end
    return Costs(
        part=counted(begin, part_end),
        to_date=counted(arrived, today if placement.started_on else arrived),
        to_expected_end=counted(arrived, max(leaves, arrived)) if leaves is not None else None,
    )


async def _held(transaction: Transaction, placement: UUID, check: Callable[[int], None]) -> Agreement:
    """The agreement, held until the transaction ends: of two who act on it at once, the second sees what the first did."""
    found = await placements_store.one(transaction, placement)
    # The placement is the council's row to hold. The agency has proven above, under its own row security, that it is the placement's
    # provider; what it says about the agreement is written under its own rights again.
    async with transaction.acting_as(Organisation.parse(found.council)):
        held = await placements_store.get(transaction, placement, to_change=True)
        assert held is not None, "a placement is never deleted"
    if words := rules.refusal(held):
        raise conflict(words, Reason("placement", "has_an_agreement", words))
    agreement = await _whole(transaction, held)
    check(agreement.revision)
    return agreement


async def _whole(transaction: Transaction, placement: Placement) -> Agreement:
    # How many days and how much notice is the council's own setting; its agency reads it as what the agreement is held to.
    async with transaction.acting_as(Organisation.parse(placement.council)):
        kept = await settings_store.current(transaction)
    return Agreement(
        placement=placement,
        council_name=await framework.provider_name(transaction, placement.council),
        provider_name=await framework.provider_name(transaction, placement.provider),
        versions=tuple((await store.versions_of(transaction, [placement]))[placement.id]),
        notices=tuple((await store.notices_of(transaction, [placement]))[placement.id]),
        reminders=tuple((await store.reminders_of(transaction, [placement]))[placement.id]),
        rules=kept.settings.placements,
        today=clock.today(),
    )


def _version(agreement: Agreement, number: int) -> Version:
    for version in agreement.versions:
        if version.number == number:
            return version
    raise not_found("version of this agreement")


async def _done(transaction: Transaction, agreement: Agreement, version: Version, deed: Deed) -> Agreement:
    await store.add_deed(transaction, agreement.placement, version.number, deed)
    after = replace(version, deeds=(*version.deeds, deed))
    return replace(agreement, versions=tuple(after if each.number == version.number else each for each in agreement.versions))
