"""A tender round from its beginning to the opening of the bids."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from providers.actions.written import reasons
from providers.domain.bid import Answer, Bid, bid_faults
from providers.domain.gate import through_gate
from providers.domain.tender import Round, RoundRule, RoundStage, stage, time_faults
from providers.store import agencies, bids, lots, rounds
from shared import clock, ids
from shared.organisation import Organisation
from shared.refusals import Reason, Refused, conflict, invalid, not_allowed, not_found
from shared.tenancy import Transaction

_SEALED = (RoundStage.NOT_YET_OPEN, RoundStage.OPEN, RoundStage.AWAITING_CLOSING)


async def begin_round(
    transaction: Transaction, *, reference: str, framework: str, lot: str, opens_at: datetime, closes_at: datetime
) -> Round:
    """Begin a tender round of a lot on the lot's present terms, which then stay as they are for this round.

    Refused: a framework or lot that is not known, times out of order, a closing time already past, a reference used before.
    """
    recorded = await lots.find(transaction, lot)
    if recorded is None or recorded.lot.framework != framework:
        raise invalid(Reason("lot", "lot_unknown", "This framework has no such lot; see GET /lots for those there are."))
    if faults := time_faults(opens_at=opens_at, closes_at=closes_at, now=clock.now()):
        raise invalid(*reasons(faults))
    tender = Round(
        id=ids.new_id(),
        reference=reference,
        framework=framework,
        lot=lot,
        terms=recorded.lot.terms,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    if not await rounds.add(transaction, tender):
        message = "Another tender round has this reference. Give this one a reference of its own."
        raise conflict(message, Reason("reference", "reference_taken", message))
    return tender


async def found(transaction: Transaction, id: UUID) -> Round:
    """The round, or the refusal that there is none."""
    tender = await rounds.find(transaction, id)
    if tender is None:
        raise not_found("tender round")
    return tender


async def submit_bid(transaction: Transaction, round_id: UUID, bid: Bid) -> bids.SealedBid:
    """Seal the asking agency's bid, in place of the one it submitted before; possible from opening up to closing.

    Refused: an agency that is not registered, a bid before opening or from the closing instant on (both name the hour in UK
    time with UTC beside it), a bid that leaves a band unpriced or breaks another rule (every reason at once).
    """
    await rounds.take_turn(transaction, round_id, alone=False)
    tender = await found(transaction, round_id)
    if await agencies.find(transaction, transaction.organisation.code) is None:
        message = "Your agency is not registered with the consortium yet. Ask its procurement lead to record it, then bid."
        raise not_allowed(message, Reason("Authorization", "agency_registered", message))
    submitted_at = clock.now()
    if refusal := _out_of_time(tender, submitted_at):
        raise refusal
    if faults := bid_faults(bid, tender.terms):
        raise invalid(*reasons(faults))
    version = await bids.seal(transaction, round_id, bid, at=submitted_at)
    return bids.SealedBid(bid, submitted_at, version)


def _out_of_time(tender: Round, now: datetime) -> Refused | None:
    at = stage(tender, now=now)
    if at is RoundStage.OPEN:
        return None
    if at is RoundStage.NOT_YET_OPEN:
        message = f"Bids open on {clock.in_uk_words(tender.opens_at)}. Submit yours then."
        return conflict(message, Reason("opens_at", RoundRule.NOT_YET_OPEN, message))
    message = f"This bid came too late: bids closed on {clock.in_uk_words(tender.closes_at)}. It was not taken."
    return conflict(message, Reason("closes_at", RoundRule.BID_LATE, message))


async def own_bid(transaction: Transaction, round_id: UUID) -> bids.SealedBid:
    """The asking agency's own bid, as submitted last."""
    await found(transaction, round_id)
    bid = await bids.own(transaction, round_id)
    if bid is None:
        raise not_found("bid of yours in this round")
    return bid


async def close_round(transaction: Transaction, round_id: UUID) -> Round:
    """Open every bid, put each agency through the gate, and draw the seed for ties: once, and never before the closing time."""
    await rounds.take_turn(transaction, round_id, alone=True)
    tender = await found(transaction, round_id)
    closed_at = clock.now()
    at = stage(tender, now=closed_at)
    if at in (RoundStage.NOT_YET_OPEN, RoundStage.OPEN):
        message = f"Bids stay sealed until {clock.in_uk_words(tender.closes_at)}. Close the round then."
        raise conflict(message, Reason("closes_at", RoundRule.STILL_SEALED, message))
    if at is not RoundStage.AWAITING_CLOSING:
        message = "This round is closed already and its bids are open."
        raise conflict(message, Reason("closed_at", RoundRule.ALREADY_CLOSED, message))
    await bids.open_all(transaction, round_id, await _unsealed(transaction, tender))
    seed = secrets.token_hex(16)
    version = await rounds.mark(transaction, round_id, closed_at=closed_at, seed=seed)
    return replace(tender, closed_at=closed_at, seed=seed, version=version)


async def _unsealed(transaction: Transaction, tender: Round) -> Sequence[bids.OpenedBid]:
    """Every bid of the round, read under its own agency's rights.

    A sealed bid's row can be read by its agency alone, so until now nobody could even list who had bid. The agency
    submitted it to be opened at this time; that is the right by which the closing, and nothing else, reads it for it.
    """
    closing_day = tender.closes_at.astimezone(clock.UK).date()
    opened = []
    for each in await agencies.listed(transaction):
        async with transaction.acting_as(Organisation.agency(each.agency.urn)):
            sealed = await bids.own(transaction, tender.id)
        if sealed is not None:
            outcome = through_gate(each.agency, sealed.bid, tender.terms, closing_day=closing_day)
            opened.append(bids.OpenedBid(each.agency.urn, sealed.bid, sealed.submitted_at, outcome))
    return opened


def still_sealed(tender: Round) -> Refused | None:
    """The refusal that meets everybody who asks for a bid's contents before the round is closed."""
    if stage(tender, now=clock.now()) not in _SEALED:
        return None
    message = (
        f"Bids are sealed: nobody can read them before the closing time, {clock.in_uk_words(tender.closes_at)}, and until the"
        " procurement lead has closed the round."
    )
    return conflict(message, Reason("closes_at", RoundRule.STILL_SEALED, message))


async def opened_bids(transaction: Transaction, round_id: UUID) -> Sequence[bids.OpenedBid]:
    """The opened bids that whoever asks may see, with what the gate found; refused while bids are sealed."""
    tender = await found(transaction, round_id)
    if refusal := still_sealed(tender):
        raise refusal
    return await bids.opened(transaction, round_id)


async def answers(transaction: Transaction, round_id: UUID) -> Mapping[str, Sequence[Answer]]:
    """The answers to be scored, of the agencies that passed the gate, by URN and without prices; refused while sealed."""
    tender = await found(transaction, round_id)
    if refusal := still_sealed(tender):
        raise refusal
    passed = await bids.through(transaction, round_id)
    return await bids.opened_answers_by_provider(transaction, round_id, only=passed)
