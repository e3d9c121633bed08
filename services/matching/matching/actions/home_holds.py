"""A council holds a home while it decides, gives it back, and sees how homes stand; the consortium sets how long holds last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from matching.actions.judging import Judged, judge
from matching.actions.refusing import broken_rules, not_now
from matching.domain.home_hold import (
    HoldEnd,
    HoldLengths,
    HomeHold,
    HomeSeen,
    cooling_until,
    expires_at,
    faults_in_lengths,
    faults_of_choosing,
    faults_of_taking,
    seen_by,
)
from matching.domain.referral import ReferralState
from matching.store import home_holds, vacancies
from shared import clock, ids
from shared.refusals import Reason, conflict, not_found
from shared.tenancy import Transaction
from shared.versions import Expected


async def take(transaction: Transaction, council: str, referral: UUID, offer: UUID) -> HomeHold:
    """Keep the beds of a shortlisted offer's home for this council, for as long as its urgency allows; nobody else can choose them.

    Refused: see ``faults_of_taking``. Of two councils at once exactly one gets it.
    """
    vacancy = (await judge(transaction, council, referral)).option(offer).offer.terms.vacancy
    await home_holds.in_turn(transaction, vacancy)
    found, now = await judge(transaction, council, referral), clock.now()
    option = found.option(offer)
    if found.known.state is not ReferralState.OPEN:
        message = "A home is held while you decide among your offers, and there is nothing to decide on this referral now."
        raise conflict(message, Reason("referral", "referral_open", message))
    home = found.homes[vacancy]
    others = (await home_holds.interest(transaction, [vacancy])).get(vacancy, [])
    relevant = (await home_holds.of_homes(transaction, [vacancy], now)).get(vacancy, [])
    own = [hold for hold in await home_holds.of_referral(transaction, council, referral) if hold.vacancy != vacancy]
    faults = faults_of_taking(
        [*relevant, *(hold for hold in own if hold.is_live(now))],
        council=council,
        referral=referral,
        offer_state=option.offer.state,
        free_beds=home.free_beds if home.is_open else 0,
        beds=found.referral.beds,
        others_interested=any(one.council != council for one in others),
        now=now,
    )
    if faults:
        raise not_now(faults)
    until = expires_at(found.referral.urgency, now, await home_holds.lengths(transaction))
    hold = HomeHold(
        hold=ids.new_id(),
        council=council,
        vacancy=vacancy,
        referral=referral,
        offer=offer,
        beds=found.referral.beds,
        taken_at=now,
        expires_at=until,
        cools_until=cooling_until(until, now, until),
    )
    if not await home_holds.take(transaction, hold):
        message = "The home's beds changed in this very moment. Look at the options again."
        raise conflict(message, Reason("offer", "beds_free", message))
    return hold


async def give_back(transaction: Transaction, council: str, referral: UUID) -> HomeHold:
    """Let the home go before the hold's time; it is free for the others from this moment. Refused when none is held."""
    held = await current(transaction, council, referral)
    await home_holds.in_turn(transaction, held.vacancy)
    now = clock.now()
    if held.chosen_at is not None:
        message = "You have chosen this home and its bed is being asked for. The hold ends with the answer."
        raise conflict(message, Reason("referral", "choice_under_way", message))
    ended = await home_holds.end(transaction, held, HoldEnd.GIVEN_BACK, now) if held.is_live(now) else None
    if ended is None:
        raise not_found("hold that is still running")
    return ended


async def current(transaction: Transaction, council: str, referral: UUID) -> HomeHold:
    """The hold a council has for a referral, or the last one it had; refused when it never had one."""
    found = await home_holds.of_referral(transaction, council, referral)
    if not found:
        raise not_found("hold for this referral")
    return found[0]


async def before_choice(transaction: Transaction, council: str, vacancy: UUID, beds: int) -> datetime:
    """Take this home's turn before choosing it, and refuse when another council holds it. The moment at which that was so."""
    await home_holds.in_turn(transaction, vacancy)
    now = clock.now()
    found = (await home_holds.of_homes(transaction, [vacancy], now)).get(vacancy, [])
    home = (await vacancies.homes(transaction, [vacancy]))[vacancy]
    if faults := faults_of_choosing(found, council=council, free_beds=home.free_beds, beds=beds, now=now):
        raise not_now(faults)
    return now


async def seen(transaction: Transaction, council: str, judged: Judged) -> Mapping[UUID, HomeSeen]:
    """How the home of each option stands with this council, by offer: numbers and moments, never whose."""
    now = clock.now()
    homes = {option.offer.offer: judged.homes[option.offer.terms.vacancy] for option in judged.options}
    wanted = [home.vacancy for home in homes.values()]
    holds = await home_holds.of_homes(transaction, wanted, now)
    interest = await home_holds.interest(transaction, wanted)
    shown: dict[UUID, HomeSeen] = {}
    for offer, home in homes.items():
        others = [one for one in interest.get(home.vacancy, []) if one.referral != judged.known.referral]
        shown[offer] = seen_by(
            holds.get(home.vacancy, []),
            council=council,
            referral=judged.known.referral,
            free_beds=home.free_beds,
            beds=judged.referral.beds,
            others=len({one.referral for one in others}),
            other_councils=any(one.council != council for one in others),
            now=now,
        )
    return shown


async def held_until(transaction: Transaction, wanted: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """For a provider: until when its homes are held, where they are; nothing of by whom."""
    now = clock.now()
    found = await home_holds.of_homes(transaction, wanted, now)
    live = {home: [hold.expires_at for hold in holds if hold.is_live(now)] for home, holds in found.items()}
    return {home: max(moments) for home, moments in live.items() if moments}


async def lengths(transaction: Transaction) -> HoldLengths:
    """How long holds last."""
    return await home_holds.lengths(transaction)


async def set_lengths(transaction: Transaction, wanted: HoldLengths, expected: Expected) -> HoldLengths:
    """Set how long holds taken from now on last, for every council alike; refused with every limit they break."""
    before = await home_holds.lengths(transaction)
    expected.require(before.version)
    if faults := faults_in_lengths(wanted):
        raise broken_rules(faults)
    after = replace(wanted, version=before.version + 1)
    if not await home_holds.set_lengths(transaction, after):
        expected.require(after.version)  # somebody else was quicker: refused as stale
    return after
