"""Scoring, ranking and publishing a closed tender round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from providers.actions.tenders import found, still_sealed
from providers.actions.written import reasons
from providers.domain.evaluation import FirstScore, RankedLine, missing_scores, ranked_list
from providers.domain.tender import Round, RoundRule, RoundStage, stage
from providers.store import agencies, bids, lots, rankings, rounds, scores
from shared import clock, outbox
from shared.contracts.providers import AwardedPrice, PricesAwarded, TierLine, TiersPublished
from shared.organisation import CONSORTIUM, Kind
from shared.refusals import Reason, RefusalKind, Refused, conflict, invalid, not_found
from shared.tenancy import Transaction


class ScoreRule(StrEnum):
    """Why a score cannot be kept."""

    AGENCY_NOT_THROUGH_GATE = "agency_not_through_gate"
    QUESTION_UNKNOWN = "question_unknown"
    ABOVE_MAXIMUM = "above_maximum"
    ANSWER_TWICE = "answer_twice"


async def _open_for_scores(transaction: Transaction, round_id: UUID) -> Round:
    """The round, if scores may still be given: closed, not published. Scoring and ranking take turns."""
    await rounds.take_turn(transaction, round_id, alone=True)
    tender = await found(transaction, round_id)
    if refusal := still_sealed(tender) or _published(tender):
        raise refusal
    return tender


def _published(tender: Round) -> Refused | None:
    if tender.published_at is None:
        return None
    message = f"The tiers of this round were published on {clock.in_uk_words(tender.published_at)}; its scores are final."
    return conflict(message, Reason("published_at", RoundRule.ALREADY_PUBLISHED, message))


def _score_faults(tender: Round, through: Sequence[str], given: Sequence[scores.AnswerScore]) -> list[Reason]:
    questions = {question.code: question for question in tender.terms.quality_questions}
    faults = []
    seen: set[tuple[str, str]] = set()
    for place, each in enumerate(given):
        if each.agency not in through:
            message = "This agency did not bid in this round, or did not pass its gate; only those that passed are scored."
            faults.append(Reason(f"scores.{place}.agency", ScoreRule.AGENCY_NOT_THROUGH_GATE, message))
        question = questions.get(each.question)
        if question is None:
            faults.append(Reason(f"scores.{place}.question", ScoreRule.QUESTION_UNKNOWN, "This round does not ask such a question."))
        elif each.score > question.max_score:
            message = f"The highest score for this question is {question.max_score}."
            faults.append(Reason(f"scores.{place}.score", ScoreRule.ABOVE_MAXIMUM, message))
        if (each.agency, each.question) in seen:
            faults.append(Reason(f"scores.{place}", ScoreRule.ANSWER_TWICE, "This answer is scored twice in the same request."))
        seen.add((each.agency, each.question))
    return faults


async def give_first_scores(transaction: Transaction, round_id: UUID, given: Sequence[scores.AnswerScore], *, by: str) -> int:
    """Keep a council's own first scores, each replacing the one it gave before; how many were kept.

    All or none: every score that breaks a rule is named.
    """
    tender = await _open_for_scores(transaction, round_id)
    # Which agencies passed is the consortium's to read; an evaluator scores for the consortium.
    async with transaction.acting_as(CONSORTIUM):
        through = await bids.through(transaction, round_id)
    if faults := _score_faults(tender, through, given):
        raise invalid(*faults)
    await scores.keep_first(transaction, round_id, given, by=by, at=clock.now())
    return len(given)


async def give_moderated_scores(transaction: Transaction, round_id: UUID, given: Sequence[scores.AnswerScore], *, by: str) -> int:
    """Keep the scores that count, with the reason the evaluators agreed on; first scores stay as they were given."""
    tender = await _open_for_scores(transaction, round_id)
    if faults := _score_faults(tender, await bids.through(transaction, round_id), given):
        raise invalid(*faults)
    await scores.keep_moderated(transaction, round_id, given, by=by, at=clock.now())
    return len(given)


async def first_scores(transaction: Transaction, round_id: UUID) -> Sequence[tuple[str, str, FirstScore]]:
    """First scores by agency and question: a council sees its own, the consortium all of them."""
    await found(transaction, round_id)
    return await scores.first(transaction, round_id)


async def evaluate(transaction: Transaction, round_id: UUID) -> tuple[Round, Sequence[RankedLine]]:
    """Rank the agencies that passed the gate; may be repeated until publication, and gives the same list from the same scores.

    Refused while a score is missing: all that are missing are named.
    """
    tender = await _open_for_scores(transaction, round_id)
    through = [each for each in await bids.opened(transaction, round_id) if each.outcome.passed]
    given = await scores.by_agency(transaction, round_id)
    if faults := missing_scores(tender.terms, given, [each.agency for each in through]):
        raise conflict(f"{len(faults)} scores are missing; each is listed under errors. Enter them, then evaluate again.", *reasons(faults))
    assert tender.seed is not None
    lines = ranked_list(tender.terms, {each.agency: each.bid for each in through}, given, seed=tender.seed)
    if tender.evaluated_at is not None and await rankings.listed(transaction, round_id) == list(lines):
        return tender, lines
    await rankings.replace(transaction, round_id, lines)
    evaluated_at = clock.now()
    version = await rounds.mark(transaction, round_id, evaluated_at=evaluated_at)
    return replace(tender, evaluated_at=evaluated_at, version=version), lines


async def publish(transaction: Transaction, round_id: UUID) -> tuple[Round, Sequence[RankedLine]]:
    """Put up the lot's tiers, in place of the list before them, and tell every service: ranks and tiers, no price, no points.

    What the ranked agencies were awarded is told beside it, to those who measure savings alone; a bid that is not ranked never is.
    """
    tender = await _open_for_scores(transaction, round_id)
    if stage(tender, now=clock.now()) is not RoundStage.EVALUATED:
        message = "There is no ranked list to publish yet. Evaluate the round first."
        raise conflict(message, Reason("evaluated_at", RoundRule.NOT_EVALUATED, message))
    lines = await rankings.listed(transaction, round_id)
    await rankings.publish(transaction, round_id, tender.lot, lines)
    published_at = clock.now()
    ratings = await agencies.ratings(transaction, [line.agency for line in lines])
    version = await rounds.mark(transaction, round_id, published_at=published_at)
    event = TiersPublished(
        framework=tender.framework,
        lot=tender.lot,
        round=round_id,
        published_at=published_at,
        tiers=tender.terms.tier_rule.tiers,
        lines=tuple(TierLine(agency=line.agency, rank=line.rank, tier=line.tier, rating=ratings.get(line.agency)) for line in lines),
    )
    lot_version = await lots.next_version(transaction, tender.lot)
    outbox.record(transaction, event, subject=tender.lot, version=lot_version, council=None)
    if lines:
        awarded = await _awarded(transaction, tender, lines, awarded_at=published_at)
        outbox.record(transaction, awarded, subject=tender.lot, version=lot_version, council=None)
    return replace(tender, published_at=published_at, version=version), lines


async def _awarded(transaction: Transaction, tender: Round, lines: Sequence[RankedLine], *, awarded_at: datetime) -> PricesAwarded:
    """The prices of the ranked agencies' bids: with the list in force they are the framework's."""
    tiers = {line.agency: line.tier for line in lines}
    prices = tuple(
        AwardedPrice(agency=each.agency, tier=tiers[each.agency], band=price.band, pounds_per_week=price.pounds_per_week)
        for each in await bids.opened(transaction, tender.id)
        if each.agency in tiers
        for price in each.bid.prices
    )
    return PricesAwarded(framework=tender.framework, lot=tender.lot, round=tender.id, awarded_at=awarded_at, prices=prices)


async def ranked(transaction: Transaction, round_id: UUID) -> tuple[Round, Sequence[RankedLine | rankings.PublishedLine]]:
    """The round's list: with points for the consortium once evaluated, ranks and tiers for everybody once published
    and until a later round of the lot replaces it."""
    tender = await found(transaction, round_id)
    if transaction.organisation.kind is Kind.CONSORTIUM:
        if tender.evaluated_at is None:
            raise _no_list("This round has not been evaluated yet, so it has no ranked list.")
        return tender, await rankings.listed(transaction, round_id)
    if tender.published_at is None:
        raise _no_list("The ranked list of this round has not been published yet.")
    lines = await rankings.published(transaction, round_id)
    if not lines and await rankings.replaced(transaction, round_id, tender.lot):
        message = "A later round of this lot has replaced this list. See GET /tender-rounds for the newest."
        raise Refused(RefusalKind.GONE, message, (Reason("published_at", RoundRule.REPLACED, message),))
    return tender, lines


async def derivation(transaction: Transaction, round_id: UUID, urn: str) -> tuple[Round, RankedLine]:
    """How one line was reached, with every number used: for the consortium, and for the agency itself once published."""
    tender = await found(transaction, round_id)
    if transaction.organisation.kind is not Kind.CONSORTIUM and tender.published_at is None:
        raise _no_list("The ranked list of this round has not been published yet.")
    line = await rankings.line(transaction, round_id, urn)
    if line is None:
        raise not_found("line of this ranked list")
    return tender, line


def _no_list(message: str) -> Refused:
    return conflict(message, Reason("stage", RoundRule.NOT_EVALUATED, message))
