"""Referrals as matching follows them for their councils, and each council's weights.

What is asked for (the view) and the stage it has reached have versions of their own, so that an amendment heard before the
broadcast neither undoes it nor is undone by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from matching.domain.ends import decide_by
from matching.domain.referral import Child, KnownReferral, Referral, ReferralState
from matching.tables import offers, referrals
from shared.contracts.referrals import ReferralView
from shared.tenancy import Transaction
from shared.uk_time import UK

_ENDED = (ReferralState.PLACED, ReferralState.WITHDRAWN)


def view_of(sent: ReferralView) -> Referral:
    """What is asked for, from the contract's view."""
    return Referral(
        referral=sent.referral,
        reference=sent.reference,
        council=sent.council,
        lot=sent.lot,
        urgency=sent.urgency,
        kind=sent.kind,
        needed_by=sent.needed_by,
        closes_at=sent.closes_at,
        siblings=sent.siblings,
        children=tuple(
            Child(
                number=child.child_number,
                age=child.age_years,
                sex=child.sex,
                languages=child.languages,
                religion=child.religion,
                essential_needs=frozenset(child.essential_needs),
                preferred_needs=frozenset(child.preferred_needs),
                risks_to_child=frozenset(child.risks_to_child),
                risks_to_others=frozenset(child.risks_to_others),
                months=child.age_months,
                age_to=child.age_to_years,
            )
            for child in sent.children
        ),
        home_district=sent.home_district,
        near=tuple((place.what, place.district) for place in sent.near),
        avoid_districts=frozenset(sent.avoid_districts),
        preferred_miles=sent.preferred_miles,
        expected_weeks=sent.expected_weeks,
        visits=tuple(place.visits_per_week for place in sent.near),
    )


def kept_view(kept: Mapping[str, Any]) -> Referral:
    """What is asked for, from the view as it was kept."""
    return view_of(ReferralView.model_validate(kept))


def _known(row: Row[Any]) -> KnownReferral:
    return KnownReferral(
        council=row.council,
        referral=row.referral,
        state=ReferralState(row.state),
        view=None if row.view is None else kept_view(row.view),
        sent_at=row.sent_at,
        broadcast_at=row.broadcast_at,
        decision=row.decision,
        chosen=row.chosen,
        in_house_match=row.in_house_match,
        version=row.version,
        aged_on=row.aged_on or (row.broadcast_at or row.sent_at).astimezone(UK).date(),
    )


def _view_columns(view: ReferralView, heard_at: datetime) -> dict[str, Any]:
    return {
        "view": view.model_dump(mode="json"),
        "lot": view.lot,
        "reference": view.reference,
        "closes_at": view.closes_at,
        "decide_by": decide_by(view.urgency, view.closes_at),
        "aged_on": heard_at.astimezone(UK).date(),
    }


async def put_stage(
    transaction: Transaction,
    council: str,
    view: ReferralView,
    state: ReferralState,
    version: int,
    *,
    heard_at: datetime,
    broadcast_at: datetime | None = None,
) -> ReferralView | None:
    """A referral was sent in-house or broadcast. Returns the newest view heard of it; None, and nothing done, for late news."""
    columns = _view_columns(view, heard_at)
    new = insert(referrals).values(
        council=council,
        referral=view.referral,
        state=state,
        sent_at=heard_at,
        broadcast_at=broadcast_at,
        view_version=version,
        stage_version=version,
        **columns,
    )
    newer = new.excluded.view_version > referrals.c.view_version
    kept = await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["council", "referral"],
            set_={
                **{name: case((newer, new.excluded[name]), else_=referrals.c[name]) for name in columns},
                "state": state,
                "broadcast_at": func.coalesce(referrals.c.broadcast_at, broadcast_at),
                "view_version": func.greatest(referrals.c.view_version, version),
                "stage_version": version,
                "version": referrals.c.version + 1,
            },
            where=and_(referrals.c.stage_version < version, referrals.c.state.not_in([*_ENDED, ReferralState.CHOOSING])),
        ).returning(referrals.c.view)
    )
    row = kept.first()
    return None if row is None else ReferralView.model_validate(row.view)


async def put_view(transaction: Transaction, council: str, view: ReferralView, version: int, *, heard_at: datetime) -> bool:
    """A sent referral was amended. False, and nothing done, for late news. One not heard of yet is taken to be in-house."""
    columns = _view_columns(view, heard_at)
    new = insert(referrals).values(
        council=council, referral=view.referral, state=ReferralState.IN_HOUSE, sent_at=heard_at, view_version=version, **columns
    )
    lapsed_and_later = (referrals.c.state == ReferralState.LAPSED) & (referrals.c.closes_at < view.closes_at)
    else_state = case((referrals.c.broadcast_at.is_not(None), ReferralState.OPEN), else_=ReferralState.IN_HOUSE)
    kept = await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["council", "referral"],
            set_={
                **columns,
                "view_version": version,
                "version": referrals.c.version + 1,
                # A later closing time opens again what nobody decided on in time.
                "state": case((lapsed_and_later, else_state), else_=referrals.c.state),
            },
            where=referrals.c.view_version < version,
        ).returning(referrals.c.referral)
    )
    return kept.first() is not None


async def put_withdrawn(
    transaction: Transaction, council: str, referral: UUID, version: int, *, heard_at: datetime
) -> tuple[bool, UUID | None]:
    """A referral was withdrawn, even if nothing else of it has been heard: whether this is news, and its last decision if any."""
    new = insert(referrals).values(
        council=council, referral=referral, state=ReferralState.WITHDRAWN, sent_at=heard_at, stage_version=version
    )
    kept = await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["council", "referral"],
            set_={"state": ReferralState.WITHDRAWN, "stage_version": version, "version": referrals.c.version + 1},
            where=and_(referrals.c.stage_version < version, referrals.c.state != ReferralState.WITHDRAWN),
        ).returning(referrals.c.decision)
    )
    row = kept.first()
    return (False, None) if row is None else (True, row.decision)


async def put_in_house_match(transaction: Transaction, council: str, referral: UUID, match: UUID, version: int, at: datetime) -> None:
    """One of the council's own carers was taken for a referral that is still in-house; the bed is being asked for."""
    await transaction.execute(
        update(referrals)
        .where(
            referrals.c.council == council,
            referrals.c.referral == referral,
            referrals.c.state == ReferralState.IN_HOUSE,
            referrals.c.stage_version < version,
        )
        .values(
            state=ReferralState.MATCHED_IN_HOUSE,
            in_house_match=match,
            stage_version=version,
            waiting_since=at,
            version=referrals.c.version + 1,
        )
    )


async def settle_in_house_match(transaction: Transaction, council: str, referral: UUID, match: UUID, *, held: bool) -> None:
    """The in-house bed was held, so the referral is placed; or refused, so the council looks on."""
    state = ReferralState.PLACED if held else ReferralState.IN_HOUSE
    await transaction.execute(
        update(referrals)
        .where(
            referrals.c.council == council,
            referrals.c.referral == referral,
            referrals.c.state == ReferralState.MATCHED_IN_HOUSE,
            referrals.c.in_house_match == match,
        )
        .values(state=state, version=referrals.c.version + 1)
    )


async def put_placed(transaction: Transaction, council: str, referral: UUID) -> bool:
    """A placement was agreed for the referral: nothing more is looked for. False when it had been withdrawn."""
    done = await transaction.execute(
        update(referrals)
        .where(referrals.c.council == council, referrals.c.referral == referral, referrals.c.state != ReferralState.WITHDRAWN)
        .values(
            state=ReferralState.PLACED,
            version=case((referrals.c.state == ReferralState.PLACED, referrals.c.version), else_=referrals.c.version + 1),
        )
    )
    return done.rowcount == 1


async def take_for_choice(transaction: Transaction, council: str, referral: UUID, version: int, *, decision: UUID, offer: UUID) -> bool:
    """From open to choosing, if it is still as it was read: of two choices at once exactly one gets True."""
    done = await transaction.execute(
        update(referrals)
        .where(
            referrals.c.council == council,
            referrals.c.referral == referral,
            referrals.c.state == ReferralState.OPEN,
            referrals.c.version == version,
        )
        .values(state=ReferralState.CHOOSING, decision=decision, chosen=offer, version=referrals.c.version + 1)
    )
    return done.rowcount == 1


async def settle_choice(transaction: Transaction, council: str, referral: UUID, offer: UUID, *, held: bool) -> UUID | None:
    """The chosen offer's bed was held (placed) or refused (open again). The decision's id; None when it is no longer the choice."""
    row = (
        await transaction.execute(
            update(referrals)
            .where(
                referrals.c.council == council,
                referrals.c.referral == referral,
                referrals.c.state == ReferralState.CHOOSING,
                referrals.c.chosen == offer,
            )
            .values(state=ReferralState.PLACED if held else ReferralState.OPEN, version=referrals.c.version + 1)
            .returning(referrals.c.decision)
        )
    ).first()
    return None if row is None else row.decision


async def one(transaction: Transaction, council: str, referral: UUID) -> KnownReferral | None:
    """A council's referral, None when it has none of that id."""
    found = await transaction.execute(select(referrals).where(referrals.c.council == council, referrals.c.referral == referral))
    row = found.first()
    return None if row is None else _known(row)


async def newest(
    transaction: Transaction, council: str, after: tuple[datetime, UUID] | None, limit: int, *, to_regularise: bool = False
) -> Sequence[KnownReferral]:
    """A council's referrals, the last sent first; only those placed outside a carer's terms of approval when that is asked."""
    query = select(referrals).where(referrals.c.council == council, referrals.c.view.is_not(None))
    if to_regularise:
        chosen = and_(offers.c.council == council, offers.c.offer == referrals.c.chosen, offers.c.state.in_(("selected", "confirmed")))
        query = query.join(offers, and_(chosen, offers.c.must_be_regularised_by.is_not(None)))
    if after is not None:
        query = query.where(tuple_(referrals.c.sent_at, referrals.c.referral) < tuple_(*after))
    rows = await transaction.execute(query.order_by(referrals.c.sent_at.desc(), referrals.c.referral.desc()).limit(limit))
    return [_known(row) for row in rows]


async def bump(transaction: Transaction, council: str, referral: UUID, version: int) -> bool:
    """Count a change to an open referral's shortlist, if it is still as it was read."""
    done = await transaction.execute(
        update(referrals)
        .where(
            referrals.c.council == council,
            referrals.c.referral == referral,
            referrals.c.state == ReferralState.OPEN,
            referrals.c.version == version,
        )
        .values(version=referrals.c.version + 1)
    )
    return done.rowcount == 1
