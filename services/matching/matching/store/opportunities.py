"""Opportunities: one row a provider and referral, all written by one statement; and providers' declines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from matching.domain.notice import NoticeType
from matching.domain.opportunity import Opportunity, OpportunityState
from matching.store import amendments, questions
from matching.tables import declines, opportunities
from shared import ids, tracing
from shared.contracts.referrals import ReferralView
from shared.one_of import one_of
from shared.tenancy import Transaction

# A provider's notice is written beside its opportunity by the same statement, and only where the opportunity is new.
# A suspended agency gets no new referral, from its first day to its last (domain §4).
_BROADCAST = text("""
WITH sent AS (
    INSERT INTO opportunities (council, referral, provider, lot, tier, reference, view, opened_at, closes_at, state, view_version)
    SELECT :council, :referral, provider, lot, tier, :reference, CAST(:view AS jsonb), :opened_at, :closes_at, 'open', :version
    FROM tier_lines WHERE lot = :lot AND provider NOT IN (
        SELECT organisation FROM organisations WHERE suspended_from <= :today AND coalesce(suspended_until, :today) >= :today)
    ON CONFLICT DO NOTHING RETURNING provider)
INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, traceparent)
SELECT provider, :council, :notice, 'opportunity.sent', :opened_at, :code, :referral, :reference, :traceparent FROM sent
""")

_BROADCAST_BEFORE_LIST = text("""
WITH sent AS (
    INSERT INTO opportunities (council, referral, provider, lot, tier, reference, view, opened_at, closes_at, state, view_version)
    SELECT referrals.council, referrals.referral, tier_lines.provider, tier_lines.lot, tier_lines.tier, referrals.reference,
           referrals.view, referrals.broadcast_at, referrals.closes_at, 'open', referrals.view_version
    FROM referrals JOIN tier_lines ON tier_lines.lot = referrals.lot
    WHERE referrals.council = :council AND referrals.lot = :lot AND referrals.state = 'open' AND referrals.broadcast_at >= :published_at
      AND tier_lines.provider NOT IN (
        SELECT organisation FROM organisations WHERE suspended_from <= :today AND coalesce(suspended_until, :today) >= :today)
    ON CONFLICT DO NOTHING RETURNING provider, referral, reference, opened_at)
INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, traceparent)
SELECT provider, :council, gen_random_uuid(), 'opportunity.sent', opened_at, :code, referral, reference, :traceparent FROM sent
""")

_AMEND = text("""
WITH amended AS (
    UPDATE opportunities SET view = CAST(:view AS jsonb), closes_at = :closes_at, view_version = :version, state = 'open'
    WHERE council = :council AND referral = :referral AND view_version < :version
        AND (state = 'open' OR (state = 'lapsed' AND closes_at < :closes_at))
    RETURNING provider, reference)
INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, traceparent)
SELECT provider, :council, :notice, 'opportunity.amended', :at, :code, :referral, reference, :traceparent FROM amended
""")

_CLOSE = text("""
WITH closed AS (
    UPDATE opportunities SET state = :state, view = NULL
    WHERE council = :council AND referral = :referral AND state = 'open'
    RETURNING provider, reference)
INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, traceparent)
SELECT provider, :council, :notice, :type, :at, :code, :referral, reference, :traceparent FROM closed
""")

_TOLD_WHEN_CLOSED = {
    OpportunityState.WITHDRAWN: NoticeType.OPPORTUNITY_WITHDRAWN,
    OpportunityState.PLACED: NoticeType.OPPORTUNITY_CLOSED,
    OpportunityState.LAPSED: NoticeType.OPPORTUNITY_CLOSED,
}


async def broadcast(transaction: Transaction, council: str, view: ReferralView, opened_at: datetime, version: int, today: date) -> int:
    """One opportunity for every provider on the lot's published list that is not suspended ``today``, all tiers from the same moment.

    Returns how many.
    """
    done = await transaction.execute(
        _BROADCAST,
        {
            "council": council,
            "referral": view.referral,
            "reference": view.reference,
            "view": json.dumps(view.model_dump(mode="json")),
            "opened_at": opened_at,
            "closes_at": view.closes_at,
            "version": version,
            "lot": view.lot,
            "today": today,
            "notice": ids.new_id(),
            "code": council.removeprefix("council:"),
            "traceparent": tracing.carried().traceparent,
        },
    )
    return done.rowcount


async def broadcast_before_list(transaction: Transaction, council: str, lot: str, published_at: datetime, today: date) -> None:
    """For a list heard late: the referrals that were broadcast after its publication reach the providers on it."""
    told = {
        "council": council,
        "lot": lot,
        "published_at": published_at,
        "today": today,
        "code": council.removeprefix("council:"),
        "traceparent": tracing.carried().traceparent,
    }
    await transaction.execute(_BROADCAST_BEFORE_LIST, told)


async def amend(transaction: Transaction, council: str, view: ReferralView, version: int, at: datetime) -> None:
    """What providers see is replaced, for all of them at once, and each is told; a later closing time opens again what has lapsed."""
    await transaction.execute(
        _AMEND,
        {
            "council": council,
            "referral": view.referral,
            "view": json.dumps(view.model_dump(mode="json")),
            "closes_at": view.closes_at,
            "version": version,
            "notice": ids.new_id(),
            "at": at,
            "code": council.removeprefix("council:"),
            "traceparent": tracing.carried().traceparent,
        },
    )


async def close(transaction: Transaction, council: str, referral: UUID, state: OpportunityState, at: datetime) -> None:
    """The referral takes no more offers, and its providers are told; what it said of the child is no longer kept for them."""
    await transaction.execute(
        _CLOSE,
        {
            "council": council,
            "referral": referral,
            "state": state,
            "notice": ids.new_id(),
            "type": _TOLD_WHEN_CLOSED[state],
            "at": at,
            "code": council.removeprefix("council:"),
            "traceparent": tracing.carried().traceparent,
        },
    )
    await amendments.forget(transaction, council, referral)
    await questions.forget(transaction, council, referral)


async def tiers(transaction: Transaction, council: str, referral: UUID) -> dict[str, int]:
    """Each provider the referral was sent to, with its tier as it stood then."""
    rows = await transaction.execute(
        select(opportunities.c.provider, opportunities.c.tier).where(
            opportunities.c.council == council, opportunities.c.referral == referral
        )
    )
    return {row.provider: row.tier for row in rows}


_ANSWER = text("""
SELECT pg_advisory_xact_lock_shared(hashtextextended('answers to ' || :referral, 0)),
       pg_advisory_xact_lock(hashtextextended('answer to ' || :referral || ' of ' || :provider, 0))
""")
_STOP_ANSWERS = text("SELECT pg_advisory_xact_lock(hashtextextended('answers to ' || :referral, 0))")


async def answer_in_turn(transaction: Transaction, referral: UUID, provider: str) -> None:
    """Until the transaction ends this provider answers this referral alone, and nobody closes the referral meanwhile.

    Without it an offer could be written just after the others were released, and stand on a placed referral for ever.
    """
    await transaction.execute(_ANSWER, {"referral": str(referral), "provider": provider})


async def stop_answers(transaction: Transaction, referral: UUID) -> None:
    """Wait for answers that are being written, and keep new ones waiting until the transaction ends."""
    await transaction.execute(_STOP_ANSWERS, {"referral": str(referral)})


def _opportunity(row: Row[Any]) -> Opportunity:
    return Opportunity(
        council=row.council,
        referral=row.referral,
        provider=row.provider,
        reference=row.reference,
        lot=row.lot,
        tier=row.tier,
        view=row.view,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        state=OpportunityState(row.state),
        declined=row.declined,
    )


def _with_decline() -> Select[Any]:
    standing = and_(
        declines.c.council == opportunities.c.council,
        declines.c.referral == opportunities.c.referral,
        declines.c.provider == opportunities.c.provider,
        declines.c.taken_back_at.is_(None),
    )
    return select(opportunities, declines.c.reason.label("declined")).join_from(opportunities, declines, standing, isouter=True)


async def open_ones(
    transaction: Transaction, provider: str, now: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Opportunity]:
    """What a provider may answer now, the first to close first; those it has declined are left out."""
    query = _with_decline().where(
        opportunities.c.provider == provider,
        opportunities.c.closes_at > now,
        opportunities.c.state == OpportunityState.OPEN,
        declines.c.reason.is_(None),
    )
    if after is not None:
        query = query.where(tuple_(opportunities.c.closes_at, opportunities.c.referral) > tuple_(*after))
    rows = await transaction.execute(query.order_by(opportunities.c.closes_at, opportunities.c.referral).limit(limit))
    return [_opportunity(row) for row in rows]


async def one(transaction: Transaction, provider: str, referral: UUID) -> Opportunity | None:
    """One referral as this provider may see it; None when it was not sent to it."""
    found = await transaction.execute(_with_decline().where(opportunities.c.provider == provider, opportunities.c.referral == referral))
    row = found.first()
    return None if row is None else _opportunity(row)


async def decline(transaction: Transaction, opportunity: Opportunity, reason: str, side: str, now: datetime) -> int | None:
    """Keep a provider's no; the decline's version, or None when one already stands."""
    new = insert(declines).values(
        council=opportunity.council,
        referral=opportunity.referral,
        provider=opportunity.provider,
        reason=reason,
        side=side,
        declined_at=now,
        version=1,
    )
    kept = await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["council", "referral", "provider"],
            set_={"reason": reason, "side": side, "declined_at": now, "taken_back_at": None, "version": declines.c.version + 1},
            where=declines.c.taken_back_at.is_not(None),
        ).returning(declines.c.version)
    )
    row = kept.first()
    return None if row is None else row.version


async def take_back_decline(transaction: Transaction, opportunity: Opportunity, now: datetime) -> None:
    """A provider that offers after all takes its no back; the no stays on record."""
    await transaction.execute(
        update(declines)
        .where(
            declines.c.council == opportunity.council,
            declines.c.referral == opportunity.referral,
            declines.c.provider == opportunity.provider,
            declines.c.taken_back_at.is_(None),
        )
        .values(taken_back_at=now, version=declines.c.version + 1)
    )


async def declined_counts(transaction: Transaction, council: str, referrals: Sequence[UUID]) -> dict[UUID, int]:
    """How many providers have said no to each of a council's referrals."""
    rows = await transaction.execute(
        select(declines.c.referral, func.count().label("providers"))
        .where(declines.c.council == council, one_of(declines.c.referral, referrals), declines.c.taken_back_at.is_(None))
        .group_by(declines.c.referral)
    )
    return {row.referral: row.providers for row in rows}
