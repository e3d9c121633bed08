"""Quality scores: each council's first scores, and the moderated ones kept apart from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from providers.domain.evaluation import FirstScore, ModeratedScore, Scores
from providers.tables import first_scores, moderated_scores
from shared.organisation import Organisation
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class AnswerScore:
    """A score for one agency's answer to one question, with its reason."""

    agency: str
    question: str
    score: Decimal
    reason: str


async def keep_first(transaction: Transaction, round_id: UUID, given: Sequence[AnswerScore], *, by: str, at: datetime) -> None:
    """Write the asking council's own first scores, each in place of the one it gave before."""
    rows = [
        {
            "round": round_id,
            "agency": each.agency,
            "question": each.question,
            "council": str(transaction.organisation),
            "score": each.score,
            "reason": each.reason,
            "scored_by": by,
            "scored_at": at,
        }
        for each in given
    ]
    statement = insert(first_scores)
    replaced = {name: statement.excluded[name] for name in ("score", "reason", "scored_by", "scored_at")}
    keys = ["round", "agency", "question", "council"]
    await transaction.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced), rows)


async def keep_moderated(transaction: Transaction, round_id: UUID, given: Sequence[AnswerScore], *, by: str, at: datetime) -> None:
    """Write the scores that count, each in place of the one before it; first scores are not touched."""
    rows = [
        {
            "round": round_id,
            "provider": str(Organisation.agency(each.agency)),
            "question": each.question,
            "score": each.score,
            "reason": each.reason,
            "moderated_by": by,
            "moderated_at": at,
        }
        for each in given
    ]
    statement = insert(moderated_scores)
    replaced = {name: statement.excluded[name] for name in ("score", "reason", "moderated_by", "moderated_at")}
    await transaction.execute(statement.on_conflict_do_update(index_elements=["round", "provider", "question"], set_=replaced), rows)


async def first(transaction: Transaction, round_id: UUID) -> list[tuple[str, str, FirstScore]]:
    """Agency, question and first score, of all councils for the consortium, of its own for a council."""
    statement = (
        select(first_scores)
        .where(first_scores.c.round == round_id)
        .order_by(first_scores.c.agency, first_scores.c.question, first_scores.c.council)
    )
    return [
        (row.agency, row.question, FirstScore(Organisation.parse(row.council).code, row.score, row.reason))
        for row in await transaction.execute(statement)
    ]


async def by_agency(transaction: Transaction, round_id: UUID) -> Mapping[str, Scores]:
    """All scores of a round by URN, for the consortium."""
    firsts: dict[str, dict[str, tuple[FirstScore, ...]]] = {}
    for agency, question, score in await first(transaction, round_id):
        given = firsts.setdefault(agency, {})
        given[question] = (*given.get(question, ()), score)
    moderated: dict[str, dict[str, ModeratedScore]] = {}
    for row in await transaction.execute(select(moderated_scores).where(moderated_scores.c.round == round_id)):
        moderated.setdefault(Organisation.parse(row.provider).code, {})[row.question] = ModeratedScore(row.score, row.reason)
    return {agency: Scores(firsts.get(agency, {}), moderated.get(agency, {})) for agency in {*firsts, *moderated}}
