"""Offers: made and changed by their providers, shortlisted, chosen and released by their councils; every change is guarded.

A guard names the state and the version that were read, so of two changes at once exactly one is made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from matching.domain.home_hold import HoldEnd
from matching.domain.offer import LIVE, STANDING, Answer, AskedAgain, NeedNote, Offer, OfferState, Terms
from matching.store import home_holds, pricing
from matching.tables import live_offers, offers
from shared.contracts.words import Need
from shared.one_of import one_of
from shared.organisation import Organisation
from shared.tenancy import Transaction


def _offer(row: Row[Any]) -> Offer:
    return Offer(
        offer=row.offer,
        council=row.council,
        referral=row.referral,
        reference=row.reference,
        lot=row.lot,
        provider=row.provider,
        tier=row.tier,
        household=row.household,
        terms=Terms(
            vacancy=row.vacancy,
            pounds_per_week=row.pounds_per_week,
            available_on=row.available_on,
            answers=tuple(
                Answer(Need(answer["need"]), answer["met"], NeedNote(answer["note"]) if answer["note"] else None) for answer in row.answers
            ),
            message=row.message,
            pricing=pricing.read(row.pricing),
        ),
        state=OfferState(row.state),
        made_at=row.made_at,
        changed_at=row.changed_at,
        version=row.version,
        reason=row.reason,
        side=row.side,
        words=tuple(row.words),
        asked_again=None
        if row.flagged_at is None
        else AskedAgain(row.flagged_at, row.confirm_by, tuple((barrier, which) for barrier, which in row.flagged_for), row.reconfirmed_at),
        must_be_regularised_by=row.must_be_regularised_by,
    )


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "pounds_per_week": terms.pounds_per_week,
        "available_on": terms.available_on,
        "answers": [{"need": one.need, "met": one.met, "note": one.note} for one in terms.answers],
        "message": terms.message,
        "pricing": pricing.kept(terms.pricing),
    }


async def make(transaction: Transaction, offer: Offer) -> bool:
    """Keep a new offer; False when this vacancy is offered for this referral already."""
    new = insert(offers).values(
        council=offer.council,
        offer=offer.offer,
        referral=offer.referral,
        provider=offer.provider,
        reference=offer.reference,
        lot=offer.lot,
        tier=offer.tier,
        vacancy=offer.terms.vacancy,
        household=offer.household,
        state=offer.state,
        made_at=offer.made_at,
        changed_at=offer.changed_at,
        version=offer.version,
        **_terms(offer.terms),
    )
    made = await transaction.execute(new.on_conflict_do_nothing().returning(offers.c.offer))
    if made.first() is None:
        return False
    # The count of offers under way for a vacancy is the council's to keep, because only the council ends an offer for many
    # providers at once; the provider adds this one line to it in the council's name.
    async with transaction.acting_as(Organisation.parse(offer.council)):
        await transaction.execute(
            insert(live_offers).values(council=offer.council, offer=offer.offer, referral=offer.referral, vacancy=offer.terms.vacancy)
        )
    return True


async def change_terms(transaction: Transaction, offer: Offer, terms: Terms, now: datetime) -> Offer | None:
    """Put new terms in the place of the old, if the offer is still as it was read; None when it is not."""
    row = (
        await transaction.execute(
            update(offers)
            .where(*_as_read(offer), offers.c.state.in_(STANDING))
            .values(**_terms(terms), changed_at=now, version=offers.c.version + 1, reconfirmed_at=_answered(now))
            .returning(offers)
        )
    ).first()
    return None if row is None else _offer(row)


def _answered(now: datetime) -> Any:
    """New terms answer for an offer that was asked about again; one answered for keeps its moment."""
    asked = offers.c.flagged_at.is_not(None) & offers.c.reconfirmed_at.is_(None)
    return case((asked, now), else_=offers.c.reconfirmed_at)


async def confirm(transaction: Transaction, offer: Offer, terms: Terms, now: datetime) -> Offer | None:
    """Its agency stands by an offer that was asked about again, perhaps with other terms; None when it changed, ended or lapsed."""
    row = (
        await transaction.execute(
            update(offers)
            .where(*_as_read(offer), offers.c.state.in_(STANDING), offers.c.reconfirmed_at.is_(None), offers.c.confirm_by > now)
            .values(**_terms(terms), changed_at=now, reconfirmed_at=now, version=offers.c.version + 1)
            .returning(offers)
        )
    ).first()
    return None if row is None else _offer(row)


async def ask_again(transaction: Transaction, offer: Offer, asked: AskedAgain | None, now: datetime) -> Offer | None:
    """Flag a standing offer for its agency to confirm, or (None) take the flag away; None when it has changed or ended meanwhile."""
    values: dict[str, Any] = {"flagged_at": None, "confirm_by": None, "flagged_for": [], "reconfirmed_at": None}
    if asked is not None:
        values |= {"flagged_at": asked.asked_at, "confirm_by": asked.confirm_by, "flagged_for": [list(one) for one in asked.about]}
    row = (
        await transaction.execute(
            update(offers)
            .where(*_as_read(offer), offers.c.state.in_(STANDING))
            .values(**values, changed_at=now, version=offers.c.version + 1)
            .returning(offers)
        )
    ).first()
    return None if row is None else _offer(row)


async def withdraw(transaction: Transaction, offer: Offer, reason: str, side: str, now: datetime) -> Offer | None:
    """The provider takes it back, if it still stands as it was read; None when it has just been chosen or ended."""
    row = (
        await transaction.execute(
            update(offers)
            .where(*_as_read(offer), offers.c.state.in_(STANDING))
            .values(state=OfferState.WITHDRAWN, reason=reason, side=side, changed_at=now, version=offers.c.version + 1)
            .returning(offers)
        )
    ).first()
    if row is None:
        return None
    # As in make(): the line was written in the council's name and is taken away so.
    async with transaction.acting_as(Organisation.parse(offer.council)):
        await _no_longer_live(transaction, offer.council, [_offer(row)], now)
    return _offer(row)


async def select_offer(transaction: Transaction, offer: Offer, now: datetime, must_be_regularised_by: date | None) -> int | None:
    """The council chooses it, if it still stands as it was read. Its new version; None when it does not."""
    selected = {"state": OfferState.SELECTED, "changed_at": now, "must_be_regularised_by": must_be_regularised_by}
    row = (
        await transaction.execute(
            update(offers)
            .where(
                *_as_read(offer),
                offers.c.state.in_(STANDING),
                offers.c.flagged_at.is_(None) | offers.c.reconfirmed_at.is_not(None),
            )
            .values(**selected, version=offers.c.version + 1)
            .returning(offers.c.version)
        )
    ).first()
    return None if row is None else row.version


def _as_read(offer: Offer) -> tuple[Any, ...]:
    return (offers.c.council == offer.council, offers.c.offer == offer.offer, offers.c.version == offer.version)


async def put_shortlist(transaction: Transaction, council: str, referral: UUID, wanted: Sequence[UUID], now: datetime) -> list[Offer]:
    """These of a referral's standing offers are the shortlist and no others; returns those whose state changed."""
    changed: list[Offer] = []
    for state, before, chosen in (
        (OfferState.SHORTLISTED, OfferState.MADE, one_of(offers.c.offer, wanted)),
        (OfferState.MADE, OfferState.SHORTLISTED, ~one_of(offers.c.offer, wanted)),
    ):
        rows = await transaction.execute(
            update(offers)
            .where(offers.c.council == council, offers.c.referral == referral, offers.c.state == before, chosen)
            .values(state=state, changed_at=now, version=offers.c.version + 1)
            .returning(offers)
        )
        changed += [_offer(row) for row in rows]
    return changed


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of one offer, with the reason its provider is told."""

    offer: UUID
    state: OfferState
    reason: str | None = None
    side: str | None = None
    words: tuple[str, ...] = ()


# The states that may still end are listed so that news heard twice, or late, changes nothing. Words travel as JSON because they
# are a list for each row, and PostgreSQL has no arrays of unequal arrays.
# The columns are named, not taken as they are: a newer release's migration may have added one already.
_SETTLE = text(
    """
UPDATE offers SET state = ending.state, reason = ending.reason, side = ending.side, changed_at = :now, version = offers.version + 1,
    words = ARRAY(SELECT jsonb_array_elements_text(ending.words))
FROM jsonb_to_recordset(CAST(:endings AS jsonb)) AS ending(offer uuid, state text, reason text, side text, words jsonb)
WHERE offers.council = :council AND offers.offer = ending.offer AND offers.state IN ('made', 'shortlisted', 'selected', 'confirmed')
RETURNING """
    + ", ".join(f"offers.{column.name}" for column in offers.c)
).columns(*offers.c)


async def settle(transaction: Transaction, council: str, endings: Sequence[Ending], now: datetime) -> list[Offer]:
    """End many of a council's live offers at once, each in its own way; returns those that were still live, as they are now."""
    if not endings:
        return []
    told = [{"offer": str(one.offer), "state": one.state, "reason": one.reason, "side": one.side, "words": one.words} for one in endings]
    rows = await transaction.execute(_SETTLE, {"council": council, "endings": json.dumps(told), "now": now})
    changed = [_offer(row) for row in rows]
    await _no_longer_live(transaction, council, changed, now)
    return changed


_HOLD_ENDS = {OfferState.CONFIRMED: HoldEnd.CHOSEN, OfferState.REFUSED: HoldEnd.BED_GONE}


async def _no_longer_live(transaction: Transaction, council: str, ended: Sequence[Offer], now: datetime) -> None:
    if not ended:
        return
    gone = [offer.offer for offer in ended]
    await transaction.execute(delete(live_offers).where(live_offers.c.council == council, one_of(live_offers.c.offer, gone)))
    ends = [(offer.offer, _HOLD_ENDS.get(offer.state, HoldEnd.OFFER_ENDED)) for offer in ended]
    await home_holds.end_with_offers(transaction, council, ends, now)


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> list[Offer]:
    """Every offer on a council's referral, whatever its state."""
    rows = await transaction.execute(
        select(offers).where(offers.c.council == council, offers.c.referral == referral).order_by(offers.c.made_at, offers.c.offer)
    )
    return [_offer(row) for row in rows]


async def live_of_referral(transaction: Transaction, council: str, referral: UUID) -> list[Offer]:
    """The offers on a council's referral that have not ended."""
    rows = await transaction.execute(
        select(offers).where(offers.c.council == council, offers.c.referral == referral, offers.c.state.in_(LIVE))
    )
    return [_offer(row) for row in rows]


async def of_council(transaction: Transaction, council: str, offer: UUID) -> Offer | None:
    """One offer on a council's referrals."""
    row = (await transaction.execute(select(offers).where(offers.c.council == council, offers.c.offer == offer))).first()
    return None if row is None else _offer(row)


async def of_provider(transaction: Transaction, provider: str, offer: UUID) -> Offer | None:
    """One of a provider's own offers."""
    row = (await transaction.execute(select(offers).where(offers.c.provider == provider, offers.c.offer == offer))).first()
    return None if row is None else _offer(row)


async def newest_of_provider(transaction: Transaction, provider: str, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Offer]:
    """A provider's own offers, the last made first."""
    query = select(offers).where(offers.c.provider == provider)
    if after is not None:
        query = query.where(tuple_(offers.c.made_at, offers.c.offer) < tuple_(*after))
    rows = await transaction.execute(query.order_by(offers.c.made_at.desc(), offers.c.offer.desc()).limit(limit))
    return [_offer(row) for row in rows]


async def live_of_provider(transaction: Transaction, provider: str, referral: UUID) -> list[Offer]:
    """What this provider has on offer for one referral."""
    rows = await transaction.execute(
        select(offers).where(offers.c.provider == provider, offers.c.referral == referral, offers.c.state.in_(LIVE))
    )
    return [_offer(row) for row in rows]


async def count_another_change(transaction: Transaction, council: str, offer: UUID) -> Offer | None:
    """An ended offer has more news to tell: its version grows, nothing else changes. None when it is live or unknown."""
    row = (
        await transaction.execute(
            update(offers)
            .where(offers.c.council == council, offers.c.offer == offer, offers.c.state.not_in(LIVE))
            .values(version=offers.c.version + 1)
            .returning(offers)
        )
    ).first()
    return None if row is None else _offer(row)
