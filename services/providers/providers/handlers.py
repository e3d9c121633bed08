"""What other services' news makes the providers service do: take beds, free them, and let offered households be located.

Each delivery runs as the organisation that made the event true. A vacancy's row may be written by its provider alone and a hold
by its council alone, so a handler takes the other side's rights for single statements, each by the right named beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from providers.domain.hold import HoldLapse, HoldState, RefusedHold, law_reasons, refusal_reasons
from providers.domain.limit import Coming
from providers.store import councils, holds, households, locations, suspensions
from shared import clock, ids, logs, outbox, tenancy
from shared.contracts import Event
from shared.contracts.matching import OfferConfirmed, OfferMade, OfferReleased, OfferSelected, OfferWithdrawn
from shared.contracts.providers import HoldFor, VacancyFilled, VacancyFreed, VacancyHeld, VacancyRefused
from shared.contracts.referrals import InHouseMatchTaken, PlacementAgreed, PlacementCancelled, PlacementEnded, PlacementStarted
from shared.delivery import Handler, Heard
from shared.organisation import CONSORTIUM, Kind, Organisation
from shared.tenancy import Databases, Transaction

_log = logs.logger("providers.handlers")


async def on_offer_selected(transaction: Transaction, heard: Heard[OfferSelected]) -> None:
    """A council chose an offer: take the bed, or say at once why it cannot be had."""
    event = heard.event
    await _take(
        transaction,
        heard.envelope.time,
        provider=event.provider,
        council=event.council,
        vacancy=event.vacancy,
        held_for=HoldFor.OFFER,
        asked_by=event.offer,
        decision=event.decision,
        referral=event.referral,
        coming=Coming(event.beds, event.arrives_on or clock.today(), confirmed=event.limit_confirmed),
    )


async def on_in_house_match_taken(transaction: Transaction, heard: Heard[InHouseMatchTaken]) -> None:
    """A council chose its own carers: take the bed from its own fostering service, and from nobody else."""
    event = heard.event
    await _take(
        transaction,
        heard.envelope.time,
        provider=str(Organisation.council(event.council)),
        council=event.council,
        vacancy=event.vacancy,
        held_for=HoldFor.IN_HOUSE_MATCH,
        asked_by=event.match,
        decision=event.match,
        referral=event.referral,
        coming=Coming(event.beds, clock.today()),
    )


async def _take(
    transaction: Transaction,
    at: datetime,
    *,
    provider: str,
    council: str,
    vacancy: UUID,
    held_for: HoldFor,
    asked_by: UUID,
    decision: UUID,
    referral: UUID,
    coming: Coming,
) -> None:
    """Take beds by the guarded update and keep the hold, or refuse with every reason. The same decision twice doubles nothing.

    What the law says of numbers, and whether the agency is suspended, is looked at once more at this moment.
    """
    beds = coming.children
    kept = await holds.asked_for(transaction, asked_by, council=str(transaction.organisation), decision=decision)
    if kept is not None:
        if kept.state is not HoldState.FREED and kept.decision != decision:
            # The same offer was chosen again while its bed is held: say once more that it is.
            await _tell_held(transaction, kept)
        return
    # The provider published the vacancy to be taken by a council's choice: that is the right to write its row.
    owner = Organisation.parse(provider)
    async with transaction.acting_as(owner):
        now = await holds.take_beds(transaction, vacancy, provider=provider, beds=beds)
        reasons = await _against(transaction, owner, now, coming)
        if now and reasons:
            now = await holds.give_back(transaction, vacancy, beds=beds)
        left = await holds.left(transaction, vacancy, provider=provider) if reasons or now is None else None
    if now is None:
        reasons = (*reasons, *refusal_reasons(left[0] if left else None, beds=beds))
    if now is None or reasons:
        refused = VacancyRefused(
            vacancy=vacancy,
            provider=provider,
            held_for=held_for,
            asked_by=asked_by,
            referral=referral,
            council=council,
            reasons=tuple(str(reason) for reason in reasons),
        )
        outbox.record(transaction, refused, subject=str(vacancy), version=left[1] if left else 1, council=council)
        return
    hold = holds.Hold(
        id=ids.new_id(),
        provider=provider,
        council=str(transaction.organisation),
        vacancy=vacancy,
        household=now.household,
        held_for=held_for,
        asked_by=asked_by,
        decision=decision,
        referral=referral,
        beds=beds,
        state=HoldState.HELD,
        held_at=at,
    )
    await holds.add(transaction, hold)
    _record_held(transaction, hold, now)


async def _against(transaction: Transaction, owner: Organisation, now: holds.VacancyNow | None, coming: Coming) -> tuple[RefusedHold, ...]:
    """What else forbids that these children move in: asked with the home's row locked, so that it stays true."""
    suspended = owner.kind is Kind.AGENCY and await suspensions.in_force(transaction, owner.code, today=clock.today())
    law = law_reasons(*await households.locked(transaction, now.household), coming) if now else ()
    return ((RefusedHold.AGENCY_SUSPENDED,) if suspended else ()) + law


async def _tell_held(transaction: Transaction, hold: holds.Hold) -> None:
    now = await holds.now(transaction, hold.vacancy)
    assert now is not None, "a hold's vacancy is never removed"
    _record_held(transaction, hold, now)


def _record_held(transaction: Transaction, hold: holds.Hold, now: holds.VacancyNow) -> None:
    council = Organisation.parse(hold.council).code
    held = VacancyHeld(
        vacancy=hold.vacancy,
        provider=hold.provider,
        household=hold.household,
        hold=hold.id,
        held_for=hold.held_for,
        asked_by=hold.asked_by,
        referral=hold.referral,
        council=council,
        beds=hold.beds,
        free_beds=now.free_beds,
        district=now.district,
        lives_in=now.lives_in,
    )
    outbox.record(transaction, held, subject=str(hold.vacancy), version=now.version, council=council)


async def on_offer_released(transaction: Transaction, heard: Heard[OfferReleased]) -> None:
    """An offer was not chosen, or no longer: free the bed held for it, if one is, and hide where the carers live."""
    event = heard.event
    await _off_the_table(transaction, event.offer, event.council, event.provider, heard.envelope.version, heard.envelope.time)


async def on_offer_withdrawn(transaction: Transaction, heard: Heard[OfferWithdrawn]) -> None:
    """A provider took its offer back: free the bed held for it, if one is, and hide where the carers live."""
    event = heard.event
    await _off_the_table(transaction, event.offer, event.council, event.provider, heard.envelope.version, heard.envelope.time)


async def _off_the_table(transaction: Transaction, offer: UUID, council: str, provider: str, version: int, at: datetime) -> None:
    asker = Organisation.council(council)
    # The row that lets a council locate the household is the provider's; the end of its offer is the provider's to record.
    async with transaction.acting_as(Organisation.parse(provider)):
        await locations.no_longer_offered(transaction, offer, council=str(asker), version=version)
    # The hold is the council's row; the offer it was taken for is over, whoever ended it.
    async with transaction.acting_as(asker):
        hold = await holds.live(transaction, offer, council=str(asker))
        if hold is not None:
            await _free(transaction, hold.id, asker, out_of=(HoldState.HELD,), at=at)


async def _free(
    transaction: Transaction,
    hold_id: UUID,
    council: Organisation,
    *,
    out_of: tuple[HoldState, ...],
    at: datetime,
    because: HoldLapse | None = None,
) -> bool:
    """Free a hold and give its beds back; False, and nothing done, when it is not in one of these states any more."""
    hold = await holds.move(
        transaction, hold_id, council=str(council), out_of=out_of, into=HoldState.FREED, freed_at=at, freed_because=because
    )
    if hold is None:
        return False
    # The bed was taken under the provider's rights and goes back the same way.
    async with transaction.acting_as(Organisation.parse(hold.provider)):
        now = await holds.give_back(transaction, hold.vacancy, beds=hold.beds)
    assert now is not None, "a hold's vacancy is never removed"
    freed = VacancyFreed(
        vacancy=hold.vacancy, provider=hold.provider, hold=hold.id, council=council.code, beds=hold.beds, free_beds=now.free_beds
    )
    outbox.record(transaction, freed, subject=str(hold.vacancy), version=now.version, council=council.code)
    return True


async def sweep(databases: Databases) -> int:
    """Free the beds of holds that never became a stay, so that none is kept for ever: no placement was agreed, or none began."""
    ended = 0
    for engine in databases.every():
        async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
            members = [each.council.ons_code for each in await councils.listed(transaction)]
        for code in members:
            council = Organisation.council(code)
            async with tenancy.transaction_on(databases, engine, council) as transaction:
                now = clock.now()
                for hold, because in await holds.lapsed(transaction, str(council), now, clock.today()):
                    ended += await _free(transaction, hold, council, out_of=(HoldState.HELD,), at=now, because=because)
    return ended


async def on_offer_made(transaction: Transaction, heard: Heard[OfferMade]) -> None:
    """A provider offered a household: from now on the council it was offered to may measure the distance."""
    event = heard.event
    async with transaction.acting_as(Organisation.parse(event.provider)):  # its own offer, of its own household
        await locations.offered(
            transaction,
            event.offer,
            council=str(Organisation.council(event.council)),
            household=event.household,
            version=heard.envelope.version,
        )


async def on_offer_confirmed(transaction: Transaction, heard: Heard[OfferConfirmed]) -> None:
    """The offer and its hold belong together now: note when."""
    event = heard.event
    await _note(transaction, event.hold, event.council, confirmed_at=event.confirmed_at)


async def on_placement_agreed(transaction: Transaction, heard: Heard[PlacementAgreed]) -> None:
    """The hold became a placement: note which."""
    event = heard.event
    await _note(transaction, event.hold, event.council, placement=event.placement, starts_on=event.starts_on)


async def _note(transaction: Transaction, hold: UUID, council: str, **values: Any) -> None:
    asker = Organisation.council(council)
    async with transaction.acting_as(asker):  # the hold is the council's row, whoever's news this is
        await holds.note(transaction, hold, council=str(asker), **values)


async def on_placement_started(transaction: Transaction, heard: Heard[PlacementStarted]) -> None:
    """The child moved in: the held bed is filled. A bed already freed stays free."""
    event = heard.event
    council = Organisation.council(event.council)
    async with transaction.acting_as(council):  # an agency may report the start; the hold is the council's row
        hold = await holds.move(
            transaction,
            event.hold,
            council=str(council),
            out_of=(HoldState.HELD,),
            into=HoldState.FILLED,
            filled_at=heard.envelope.time,
            placement=event.placement,
        )
        hold = hold or await _taken_again(transaction, event, heard.envelope.time)
    if hold is None:
        return
    async with transaction.acting_as(Organisation.parse(hold.provider)):  # as when the bed was taken
        now = await holds.touch(transaction, hold.vacancy)
    assert now is not None, "a hold's vacancy is never removed"
    filled = VacancyFilled(
        vacancy=hold.vacancy,
        provider=hold.provider,
        hold=hold.id,
        placement=event.placement,
        council=event.council,
        beds=hold.beds,
        free_beds=now.free_beds,
    )
    outbox.record(transaction, filled, subject=str(hold.vacancy), version=now.version, council=event.council)


async def _taken_again(transaction: Transaction, event: PlacementStarted, at: datetime) -> holds.Hold | None:
    """A start that is told after its hold lapsed: the child lives there, so the bed is taken again if it is still free."""
    council = transaction.organisation
    lapsed = await holds.find_lapsed(transaction, event.hold, council=str(council))
    if lapsed is None:
        return None
    async with transaction.acting_as(Organisation.parse(lapsed.provider)):  # as when the bed was taken
        now = await holds.take_beds(transaction, lapsed.vacancy, provider=lapsed.provider, beds=lapsed.beds)
    if now is None:
        _log.error("a child moved in after the hold had lapsed and the bed was taken: the provider must correct its vacancy")
        return None
    values = {"filled_at": at, "placement": event.placement, "freed_because": None}
    return await holds.move(transaction, event.hold, council=str(council), out_of=(HoldState.FREED,), into=HoldState.FILLED, **values)


async def on_placement_ended(transaction: Transaction, heard: Heard[PlacementEnded]) -> None:
    """The child moved out: the bed is free again, even if news of the start has not come yet."""
    event = heard.event
    council = Organisation.council(event.council)
    async with transaction.acting_as(council):  # an agency may report the end; the hold is the council's row
        await _free(transaction, event.hold, council, out_of=(HoldState.HELD, HoldState.FILLED), at=heard.envelope.time)


async def on_placement_cancelled(transaction: Transaction, heard: Heard[PlacementCancelled]) -> None:
    """The placement never began: the held bed is free again."""
    event = heard.event
    council = Organisation.council(event.council)
    async with transaction.acting_as(council):  # an agency may report it; the hold is the council's row
        await _free(transaction, event.hold, council, out_of=(HoldState.HELD,), at=heard.envelope.time)


HEARS: Mapping[type[Event], Handler] = {
    OfferMade: on_offer_made,
    OfferSelected: on_offer_selected,
    OfferConfirmed: on_offer_confirmed,
    OfferWithdrawn: on_offer_withdrawn,
    OfferReleased: on_offer_released,
    InHouseMatchTaken: on_in_house_match_taken,
    PlacementAgreed: on_placement_agreed,
    PlacementStarted: on_placement_started,
    PlacementEnded: on_placement_ended,
    PlacementCancelled: on_placement_cancelled,
}
"""Everything this service listens to."""
