"""A placement: started, ended, cancelled, priced; and who the child is, told to the chosen provider and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from referrals.actions import care
from referrals.domain import placement as rules
from referrals.domain.disclosure import CHILD, Right, Stage, fields_shown, shown
from referrals.domain.placement import Ending, Placement, PlacementState, number_in_year
from referrals.domain.reasons import PERSON_MAY_GIVE, CancellationReason
from referrals.store import children, disclosures, framework, vault
from referrals.store import placements as store
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from shared import clock, outbox
from shared.contracts.referrals import PlacementCancelled, PlacementEnded, PlacementStarted
from shared.cursors import Wanted
from shared.organisation import Kind, Organisation
from shared.refusals import Reason, conflict, invalid, not_allowed
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Named:
    """A placement with its provider's name, if that was heard of."""

    placement: Placement
    provider_name: str | None


async def read(transaction: Transaction, placement: UUID) -> Named:
    """One placement, for its council or its provider; for everybody else there is none."""
    found = await store.one(transaction, placement)
    return await _named(transaction, found)


async def find(transaction: Transaction, placement: UUID) -> Placement | None:
    """The placement if it is in this database and the asking organisation is one of its two."""
    return await store.get(transaction, placement)


async def newest(transaction: Transaction, wanted: Wanted, *, state: PlacementState | None, referral: UUID | None) -> Sequence[Named]:
    """The asking organisation's placements in this database, newest first."""
    found = await store.newest(transaction, wanted, state=state, referral=referral)
    names = await framework.provider_names(transaction, {each.provider for each in found})
    return [Named(each, names[each.provider]) for each in found]


async def start(
    transaction: Transaction,
    placement: UUID,
    started_on: date,
    check: Callable[[int], None],
    *,
    earlier_than_agreed: bool,
    subject: str,
) -> Named:
    """Record that the child moved in, by the council or its provider; said for each child: its how-manyeth placement of the year."""
    async with _as_the_council(transaction, placement) as (before, by):
        _allowed("start", before, check)
        if earlier_than_agreed and by.kind is not Kind.COUNCIL:
            words = "Only the child's council records a start before the agreed day: each night is paid for. Ask its placements officer."
            raise not_allowed(words, Reason("earlier_than_agreed", "by_the_council", words))
        if broken := rules.start_broken_rules(before, started_on, earlier_than_agreed, clock.today()):
            raise invalid(*broken)
        after = replace(before, version=before.version + 1, state=PlacementState.STARTED, started_on=started_on)
        await store.save(transaction, after, recorded_by=f"{by} {subject}")
        event = PlacementStarted(
            placement=after.id,
            referral=after.referral,
            council=transaction.organisation.code,
            provider=after.provider,
            vacancy=after.vacancy,
            hold=after.hold,
            started_on=started_on,
            numbers_in_year=await _numbers_in_year(transaction, after.id, started_on),
        )
        _publish(transaction, after, event)
    return await _named(transaction, after)


async def end(transaction: Transaction, placement: UUID, ending: Ending, check: Callable[[int], None], *, subject: str) -> Named:
    """Record that the child moved out, planned or not, with the national return's reason; by the council or its provider.

    With the placement ends the provider's right to read here who the child is. Where a reason is given why the child also left care, the
    time of being looked after ends with it.
    """
    async with _as_the_council(transaction, placement) as (before, by):
        _allowed("ending", before, check)
        if broken := rules.ending_broken_rules(before, ending, clock.today()):
            raise invalid(*broken)
        after = replace(before, version=before.version + 1, state=PlacementState.ENDED, ending=ending)
        await store.save(transaction, after, recorded_by=f"{by} {subject}")
        await store.end_grants(transaction, after, now=clock.now())
        if ending.episode_ceased is not None:
            await care.leave_with_placement(
                transaction, await store.children_of(transaction, placement), ending.ended_on, ending.episode_ceased
            )
        assert after.started_on is not None, "only a started placement ends"
        event = PlacementEnded(
            placement=after.id,
            referral=after.referral,
            council=transaction.organisation.code,
            provider=after.provider,
            vacancy=after.vacancy,
            hold=after.hold,
            started_on=after.started_on,
            ended_on=ending.ended_on,
            planned=ending.planned,
            reason=ending.reason,
            children=after.children,
        )
        _publish(transaction, after, event)
    return await _named(transaction, after)


async def cancel(
    transaction: Transaction, placement: UUID, reason: CancellationReason, check: Callable[[int], None], *, subject: str
) -> Named:
    """Record that an agreed placement will not begin; the bed comes free and the provider's right to know the child ends."""
    if reason not in PERSON_MAY_GIVE:
        raise invalid(Reason("reason", "given_by_people", f"Give one of {', '.join(sorted(PERSON_MAY_GIVE))}."))
    async with _as_the_council(transaction, placement) as (before, by):
        _allowed("cancellation", before, check)
        after = replace(before, version=before.version + 1, state=PlacementState.CANCELLED, cancellation_reason=reason)
        await store.save(transaction, after, recorded_by=f"{by} {subject}")
        await store.end_grants(transaction, after, now=clock.now())
        event = PlacementCancelled(
            placement=after.id,
            referral=after.referral,
            council=transaction.organisation.code,
            provider=after.provider,
            vacancy=after.vacancy,
            hold=after.hold,
            reason=reason,
        )
        _publish(transaction, after, event)
    return await _named(transaction, after)


async def who(transaction: Transaction, ring: Keyring, placement: UUID, *, subject: str, in_house_only: bool) -> list[dict[str, Any]]:
    """Who the children of a placement are, for their council and for the chosen provider; written down in the same transaction.

    The provider sees the fields of stage *placed* and only while it holds the right: from the agreement until the placement ends or is
    cancelled. Every other organisation is told that there is no such placement. ``in_house_only``: somebody of the council's own fostering
    service asks, who may know the children its own carers have and no others.
    """
    asking = transaction.organisation
    found = await store.one(transaction, placement)
    if in_house_only and found.provider != found.council:
        raise not_allowed("This child is placed with an agency, so only your council's officers may know who it is.")
    if asking.kind is Kind.COUNCIL:
        stage, right, named = Stage.COUNCIL_ONLY, Right.OWN_RECORD, await store.children_of(transaction, placement)
    else:
        stage, right, named = Stage.PLACED, Right.PLACEMENT_AGREED, await store.granted_children(transaction, placement)
        if not named:
            raise not_allowed("This placement is over, and with it the right to read here who the child is. Ask the child's council.")
    # The sealed rows are the council's own and row security shows them to nobody else. The provider's right was proven just now by
    # rows of this placement that it can read itself (between two); so for these children only, the rows are read as their council.
    async with transaction.acting_as(Organisation.parse(found.council)):
        records = await children.opened(transaction, ring, named)
        named = [child for child in named if child in records]  # of brothers and sisters, one may have been erased
        if not named:
            raise vault.destroyed("Who was in this placement")
        fields = [name for name in fields_shown(CHILD, stage) if any(hasattr(r.identity, name) for r in records.values())]
        await disclosures.record(
            transaction,
            named,
            seen_by=asking,
            subject=subject,
            act=Act.READ,
            right=right,
            fields=fields,
            at=clock.now(),
            placement=placement,
        )
    return [{"id": child, **shown(CHILD, stage, records[child].identity.to_plain())} for child in named]


@asynccontextmanager
async def _as_the_council(transaction: Transaction, placement: UUID) -> AsyncIterator[tuple[Placement, Organisation]]:
    """The placement, held for change under its council's row security, and the organisation that asked."""
    asking = transaction.organisation
    found = await store.one(transaction, placement)
    # Placements are written by their council alone. Its provider also knows when a child came and went, and has proven above, under
    # its own row security, that it is this placement's provider; so what it reports is written as the council, with its name beside it.
    async with transaction.acting_as(Organisation.parse(found.council)):
        held = await store.get(transaction, placement, to_change=True)
        assert held is not None, "a placement is never deleted"
        yield held, asking


def _allowed(act: str, placement: Placement, check: Callable[[int], None]) -> None:
    check(placement.version)
    if words := rules.refusal(act, placement.state):
        raise conflict(words, Reason("state", "allows_this", words))


async def _numbers_in_year(transaction: Transaction, placement: UUID, started_on: date) -> tuple[int, ...]:
    named = await store.children_of(transaction, placement)
    return tuple([number_in_year(started_on, await store.stays_of(transaction, child, but=placement)) for child in named])


async def _named(transaction: Transaction, placement: Placement) -> Named:
    return Named(placement, await framework.provider_name(transaction, placement.provider))


def _publish(transaction: Transaction, placement: Placement, event: PlacementStarted | PlacementEnded | PlacementCancelled) -> None:
    outbox.record(
        transaction, event, subject=str(placement.id), version=placement.version, council=Organisation.parse(placement.council).code
    )


def page_key(named: Named) -> tuple[str, str]:
    """Where a page of placements continues: newest first, by the moment agreed and the id."""
    moment: datetime = named.placement.agreed_at
    return moment.isoformat(), str(named.placement.id)
