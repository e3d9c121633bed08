"""Bids: sealed while they are the agency's own, opened once the consortium may read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from providers.domain.bid import Answer, BandPrice, Bid
from providers.domain.gate import GateOutcome, GateReason
from providers.tables import opened_answers, opened_bids, opened_prices, sealed_answers, sealed_bids, sealed_prices
from shared.organisation import Organisation
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class SealedBid:
    """An agency's own bid as it last submitted it."""

    bid: Bid
    submitted_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid after closing, with what stage one found. ``agency`` is the Ofsted URN."""

    agency: str
    bid: Bid
    submitted_at: datetime
    outcome: GateOutcome


async def seal(transaction: Transaction, round_id: UUID, bid: Bid, *, at: datetime) -> int:
    """Write the caller's own bid in place of the one before it; its version."""
    key = {"round": round_id, "organisation": str(transaction.organisation)}
    statement = insert(sealed_bids).values(**key, submitted_at=at, version=1)
    statement = statement.on_conflict_do_update(
        index_elements=["round", "organisation"], set_={"submitted_at": at, "version": sealed_bids.c.version + 1}
    )
    version = await transaction.scalar(statement.returning(sealed_bids.c.version))
    for table in (sealed_prices, sealed_answers):
        await transaction.execute(delete(table).where(table.c.round == round_id))
    prices = [{**key, "band": price.band, "pounds_per_week": price.pounds_per_week} for price in bid.prices]
    await transaction.execute(insert(sealed_prices).values(prices))
    if bid.answers:
        answers = [{**key, "question": each.question, "answer": each.answer} for each in bid.answers]
        await transaction.execute(insert(sealed_answers).values(answers))
    return int(version)


async def own(transaction: Transaction, round_id: UUID) -> SealedBid | None:
    """The sealed bid of whoever asks; row security shows no other."""
    head = (await transaction.execute(select(sealed_bids).where(sealed_bids.c.round == round_id))).one_or_none()
    if head is None:
        return None
    prices = await transaction.execute(select(sealed_prices).where(sealed_prices.c.round == round_id).order_by(sealed_prices.c.band))
    answers = await transaction.execute(
        select(sealed_answers).where(sealed_answers.c.round == round_id).order_by(sealed_answers.c.question)
    )
    bid = Bid(
        tuple(BandPrice(row.band, row.pounds_per_week) for row in prices),
        tuple(Answer(row.question, row.answer) for row in answers),
    )
    return SealedBid(bid, head.submitted_at, head.version)


async def open_all(transaction: Transaction, round_id: UUID, bids: Sequence[OpenedBid]) -> None:
    """Write what was in the envelopes, and what stage one found, for the consortium to read."""
    if not bids:
        return
    heads, prices, answers = [], [], []
    for each in bids:
        key = {"round": round_id, "provider": str(Organisation.agency(each.agency))}
        heads.append({**key, "submitted_at": each.submitted_at, "gate_reasons": list(each.outcome.reasons)})
        prices += [{**key, "band": price.band, "pounds_per_week": price.pounds_per_week} for price in each.bid.prices]
        answers += [{**key, "question": one.question, "answer": one.answer} for one in each.bid.answers]
    await transaction.execute(insert(opened_bids), heads)
    await transaction.execute(insert(opened_prices), prices)
    if answers:
        await transaction.execute(insert(opened_answers), answers)


async def opened(transaction: Transaction, round_id: UUID) -> list[OpenedBid]:
    """The opened bids that whoever asks may see, by URN: all for the consortium, its own for an agency."""
    heads = (await transaction.execute(select(opened_bids).where(opened_bids.c.round == round_id).order_by(opened_bids.c.provider))).all()
    prices: dict[str, list[BandPrice]] = {}
    for row in await transaction.execute(select(opened_prices).where(opened_prices.c.round == round_id).order_by(opened_prices.c.band)):
        prices.setdefault(row.provider, []).append(BandPrice(row.band, row.pounds_per_week))
    answers = await opened_answers_by_provider(transaction, round_id)
    found = []
    for head in heads:
        agency = Organisation.parse(head.provider).code
        bid = Bid(tuple(prices.get(head.provider, ())), tuple(answers.get(agency, ())))
        outcome = GateOutcome(agency, tuple(GateReason(reason) for reason in head.gate_reasons))
        found.append(OpenedBid(agency, bid, head.submitted_at, outcome))
    return found


async def opened_answers_by_provider(
    transaction: Transaction, round_id: UUID, *, only: Collection[str] | None = None
) -> Mapping[str, list[Answer]]:
    """Answers to the quality questions by URN, without any price; of the agencies in ``only`` if that is given."""
    rows = await transaction.execute(
        select(opened_answers).where(opened_answers.c.round == round_id).order_by(opened_answers.c.provider, opened_answers.c.question)
    )
    answers: dict[str, list[Answer]] = {}
    for row in rows:
        agency = Organisation.parse(row.provider).code
        if only is None or agency in only:
            answers.setdefault(agency, []).append(Answer(row.question, row.answer))
    return answers


async def through(transaction: Transaction, round_id: UUID) -> list[str]:
    """URNs of the agencies that passed stage one, in order."""
    rows = await transaction.execute(
        select(opened_bids.c.provider).where(opened_bids.c.round == round_id, opened_bids.c.gate_reasons == []).order_by("provider")
    )
    return [Organisation.parse(provider).code for provider in rows.scalars()]
