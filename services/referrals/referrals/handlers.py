"""What other services' news makes ``referrals`` do, one function each; ``HEARS`` is the whole list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from referrals.domain.decision import HeardDecision
from referrals.domain.disclosure import CHILD, Right, Stage, fields_shown
from referrals.domain.distance import within_twenty_miles
from referrals.domain.placement import Placement, PlacementState
from referrals.domain.reasons import CancellationReason
from referrals.domain.referral import OPEN, Referral, State
from referrals.store import counts, decisions, disclosures, distances, framework, matches, placements, readers, referrals
from referrals.store.disclosures import Act
from referrals.store.matches import MatchState
from shared import clock, ids, logs, outbox, postcodes
from shared.contracts.matching import OfferConfirmed, OfferSelected
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, HoldFor, LotRecorded, TiersPublished, VacancyHeld, VacancyRefused
from shared.contracts.referrals import CouncilCountsRecorded, PlacementAgreed, PlacementCancelled, WithinTwentyMiles
from shared.delivery import Heard, Hears
from shared.organisation import CONSORTIUM, Kind, Organisation
from shared.tenancy import Transaction

AGREED_BY_NEWS = "the held bed"
DECIDED_BY_NEWS = "the decision"
"""Who is named as having recorded what only news made true."""

_log = logs.logger("referrals.handlers")


async def on_council_recorded(transaction: Transaction, heard: Heard[CouncilRecorded]) -> None:
    """Keep the council's name."""
    # Names and lots are the consortium's here, whichever organisation recorded them there: everybody may read them.
    async with transaction.acting_as(CONSORTIUM):
        await framework.keep_council(transaction, heard.event, heard.envelope.version)


async def on_agency_recorded(transaction: Transaction, heard: Heard[AgencyRecorded]) -> None:
    """Keep the agency's name."""
    async with transaction.acting_as(CONSORTIUM):  # as above
        await framework.keep_agency(transaction, heard.event, heard.envelope.version)


async def on_lot_recorded(transaction: Transaction, heard: Heard[LotRecorded]) -> None:
    """Keep the lot: what it is for, and until when."""
    async with transaction.acting_as(CONSORTIUM):  # as above
        await framework.keep_lot(transaction, heard.event, heard.envelope.version)


async def on_tiers_published(transaction: Transaction, heard: Heard[TiersPublished]) -> None:
    """Keep which agencies are on the lot's list: they may read the words of what is broadcast to it."""
    await readers.keep_list(transaction, heard.event, heard.envelope.version)


async def on_council_counts_recorded(transaction: Transaction, heard: Heard[CouncilCountsRecorded]) -> None:
    """Keep what a council tells of its counts, in every council's database."""
    async with transaction.acting_as(CONSORTIUM):  # as above
        await counts.keep_told(transaction, heard.event, heard.envelope.version)


@dataclass(frozen=True)
class HeldBed:
    """A bed (or beds, for brothers and sisters) held for a referral, and on what terms: of an agency's offer or of an in-house match."""

    referral: UUID
    provider: str
    offer: UUID | None
    match: UUID | None
    vacancy: UUID
    household: UUID
    hold: UUID
    tier: int | None
    pounds_per_week: Decimal
    starts_on: date
    district: str | None


async def on_offer_selected(transaction: Transaction, heard: Heard[OfferSelected]) -> None:
    """The council decided: the hash of the decision's record goes into the disclosure ledger, a line for each child of the referral."""
    async with transaction.acting_as(Organisation.council(heard.event.council)):  # the ledger is the council's own
        await _write_decision_in(transaction, heard.event)


async def _write_decision_in(transaction: Transaction, said: OfferSelected | OfferConfirmed) -> None:
    """Once a decision, whichever of its two events comes first; one made before decisions had hashes has nothing to write in."""
    if said.decision_hash is None:
        return
    referral, now = await referrals.get(transaction, said.referral), clock.now()
    if referral is None:
        _log.error("a decision was made on a referral this council never sent", council=transaction.organisation.code)
        return
    found = bytes.fromhex(said.decision_hash)
    if not await decisions.keep(transaction, HeardDecision(said.decision, said.referral, said.offer, found, now)):
        return
    await disclosures.record(
        transaction,
        [needs.child for needs in referral.terms.children],
        seen_by=transaction.organisation,
        subject=DECIDED_BY_NEWS,
        act=Act.DECIDED,
        right=Right.PLACEMENT_DECIDED,
        fields=(),
        at=now,
        decision=(said.decision, found),
    )


async def on_offer_confirmed(transaction: Transaction, heard: Heard[OfferConfirmed]) -> None:
    """The bed is held for the chosen offer: agree the placement, and let that one provider know who the child is."""
    offer = heard.event
    # The placement is the council's to write, whichever of the two said that the offer is confirmed.
    async with transaction.acting_as(Organisation.council(offer.council)):
        await _write_decision_in(transaction, offer)
        await _agree(
            transaction,
            HeldBed(
                referral=offer.referral,
                provider=offer.provider,
                offer=offer.offer,
                match=None,
                vacancy=offer.vacancy,
                household=offer.household,
                hold=offer.hold,
                tier=offer.tier,
                pounds_per_week=offer.pounds_per_week,
                starts_on=max(offer.available_on, clock.today()),
                district=offer.district,
            ),
        )


async def on_vacancy_held(transaction: Transaction, heard: Heard[VacancyHeld]) -> None:
    """A bed with the council's own carer is held for an in-house match: agree the placement. Beds held for offers are ``matching``'s."""
    held = heard.event
    if held.held_for is not HoldFor.IN_HOUSE_MATCH:
        return
    async with transaction.acting_as(Organisation.council(held.council)):  # the match is the council's own
        match = await matches.settle(transaction, held.asked_by, MatchState.HELD, ())
        if match is None:
            _log.info("a bed is held for no match that waits for one", event_id=str(heard.envelope.id))
            return
        await _agree(
            transaction,
            HeldBed(
                referral=match.referral,
                provider=held.provider,
                offer=None,
                match=match.id,
                vacancy=held.vacancy,
                household=held.household,
                hold=held.hold,
                tier=None,
                pounds_per_week=match.pounds_per_week,
                starts_on=match.starts_on,
                district=held.district,
            ),
        )


async def on_vacancy_refused(transaction: Transaction, heard: Heard[VacancyRefused]) -> None:
    """The bed of an in-house match is gone: the council sees why, and decides again."""
    refused = heard.event
    if refused.held_for is not HoldFor.IN_HOUSE_MATCH:
        return
    async with transaction.acting_as(Organisation.council(refused.council)):  # the match is the council's own
        match = await matches.settle(transaction, refused.asked_by, MatchState.REFUSED, refused.reasons)
        referral = await referrals.get(transaction, match.referral, to_change=True) if match else None
        if referral is not None and referral.state is State.BED_ASKED:
            await referrals.save(transaction, replace(referral, version=referral.version + 1, state=State.IN_HOUSE))


HEARS: Hears = {
    CouncilRecorded: on_council_recorded,
    AgencyRecorded: on_agency_recorded,
    LotRecorded: on_lot_recorded,
    TiersPublished: on_tiers_published,
    CouncilCountsRecorded: on_council_counts_recorded,
    OfferSelected: on_offer_selected,
    OfferConfirmed: on_offer_confirmed,
    VacancyHeld: on_vacancy_held,
    VacancyRefused: on_vacancy_refused,
}


async def _agree(transaction: Transaction, bed: HeldBed) -> None:
    """Agree the placement the bed is held for, once; where the referral is over meanwhile, record that and give the bed back."""
    if await placements.exists_for(transaction, offer=bed.offer, match=bed.match):
        return
    referral = await referrals.get(transaction, bed.referral, to_change=True)
    view = await referrals.sent_view(transaction, bed.referral)
    if referral is None or view is None:
        _log.error("a bed is held for a referral this council never sent", council=transaction.organisation.code)
        return
    over = _over(referral)
    placement = Placement(
        id=ids.new_id(),
        council=str(transaction.organisation),
        provider=bed.provider,
        referral=referral.id,
        reference=referral.reference,
        offer=bed.offer,
        match=bed.match,
        vacancy=bed.vacancy,
        household=bed.household,
        hold=bed.hold,
        lot=referral.terms.lot,
        kind=referral.terms.kind,
        place=referral.terms.place,
        children=len(view.children),
        ages=tuple(child.age_years for child in view.children),
        tier=bed.tier,
        pounds_per_week=bed.pounds_per_week,
        starts_on=bed.starts_on,
        within_20_miles=await _within_twenty_miles(transaction, bed, view.home_district),
        agreed_at=clock.now(),
        state=PlacementState.CANCELLED if over else PlacementState.AGREED,
        version=1,
        cancellation_reason=over,
    )
    if not await placements.add(transaction, placement, recorded_by=AGREED_BY_NEWS):
        return
    named = [needs.child for needs in referral.terms.children]
    await placements.name_children(transaction, placement, named)
    if over:
        _publish(transaction, placement, _cancelled(placement, over))
        return
    if Organisation.parse(placement.provider).kind is Kind.AGENCY:
        await _disclose(transaction, placement, named)
    await referrals.save(transaction, replace(referral, version=referral.version + 1, state=State.PLACED))
    await referrals.close_demand(transaction, referral.id)
    _publish(transaction, placement, _agreed(placement))


def _over(referral: Referral) -> CancellationReason | None:
    if referral.state in OPEN:
        return None
    return CancellationReason.REFERRAL_WITHDRAWN if referral.state is State.WITHDRAWN else CancellationReason.ALREADY_PLACED


async def _within_twenty_miles(transaction: Transaction, bed: HeldBed, home_district: str | None) -> WithinTwentyMiles:
    measured = await distances.to_household(transaction, bed.referral, bed.household)
    about = postcodes.about_miles(home_district, bed.district) if home_district and bed.district else None
    return within_twenty_miles(measured, about)


async def _disclose(transaction: Transaction, placement: Placement, children: list[UUID]) -> None:
    """Give the chosen agency the right to know who the children are, and write down that it was given."""
    await placements.grant_identity(transaction, placement, children, now=placement.agreed_at)
    await disclosures.record(
        transaction,
        children,
        seen_by=Organisation.parse(placement.provider),
        subject=AGREED_BY_NEWS,
        act=Act.GRANTED,
        right=Right.PLACEMENT_AGREED,
        fields=fields_shown(CHILD, Stage.PLACED),
        at=placement.agreed_at,
        placement=placement.id,
    )


def _agreed(placement: Placement) -> PlacementAgreed:
    return PlacementAgreed(
        placement=placement.id,
        referral=placement.referral,
        council=Organisation.parse(placement.council).code,
        provider=placement.provider,
        vacancy=placement.vacancy,
        hold=placement.hold,
        offer=placement.offer,
        lot=placement.lot,
        kind=placement.kind,
        children=placement.children,
        ages=placement.ages,
        tier=placement.tier,
        pounds_per_week=placement.pounds_per_week,
        starts_on=placement.starts_on,
        within_20_miles=placement.within_20_miles,
        agreed_at=placement.agreed_at,
    )


def _cancelled(placement: Placement, reason: CancellationReason) -> PlacementCancelled:
    return PlacementCancelled(
        placement=placement.id,
        referral=placement.referral,
        council=Organisation.parse(placement.council).code,
        provider=placement.provider,
        vacancy=placement.vacancy,
        hold=placement.hold,
        reason=reason,
    )


def _publish(transaction: Transaction, placement: Placement, event: PlacementAgreed | PlacementCancelled) -> None:
    outbox.record(
        transaction, event, subject=str(placement.id), version=placement.version, council=Organisation.parse(placement.council).code
    )
