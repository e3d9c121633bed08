"""The decision record: all offers as they stood, what each met, what was considered, who decided, when and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from matching.domain.choice import Choice, passed_over
from matching.domain.fit import Part
from matching.domain.ranking import Option, Ranked
from matching.domain.referral import Referral
from matching.domain.release import why_not_chosen


class Outcome(StrEnum):
    """What came of a decision."""

    PENDING = "pending"
    """The bed is being asked for."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as it was made, and what came of it."""

    council: str
    decision: UUID
    referral: UUID
    offer: UUID
    decided_at: datetime
    decided_by: str
    reason: str | None
    record: Mapping[str, Any]
    outcome: Outcome = Outcome.PENDING
    reasons: tuple[str, ...] = ()
    told_at: datetime | None = None


def record(
    choice: Choice, chosen: Option, ranking: Sequence[Ranked], referral: Referral, weights: Mapping[Part, Decimal]
) -> dict[str, Any]:
    """Everything the decision rested on, as plain values that stay readable whatever the software becomes.

    Beside each other offer stands what its provider will be told if the bed is held.
    """
    options = [place.option for place in ranking]
    return {
        "referral": plain(referral),
        "weights": {str(part): str(weight) for part, weight in weights.items()},
        "reason_code": choice.reason,
        "considerations": {str(asked): str(answer) for asked, answer in choice.considerations.items()},
        "wishes": str(choice.wishes),
        "passed_over": [str(option.offer.offer) for option in passed_over(chosen, options)],
        "offers": [_as_it_stood(place, chosen) for place in ranking],
    }


def _as_it_stood(place: Ranked, chosen: Option) -> dict[str, Any]:
    option = place.option
    told: dict[str, Any] | None = None
    if option.offer.offer != chosen.offer.offer:
        reason, words = why_not_chosen(option, chosen)
        told = {"reason": str(reason), "words": list(words)}
    return {
        "rank": place.rank,
        "after_because": place.after_because and str(place.after_because),
        "words": list(place.words),
        "suitable": option.suitable,
        "reasons": plain(option.reasons),
        "fit": plain(option.fit),
        "about_miles": plain(option.miles),
        "offer": plain(option.offer),
        "told_if_not_chosen": told,
    }


def plain(value: Any) -> Any:
    """A domain value as JSON can hold it: numbers as text so that none is rounded, sets in order."""
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return value.value
        case str():
            return value
        case UUID() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case frozenset() | set():
            return sorted(plain(one) for one in value)
        case Collection():
            return [plain(one) for one in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            raise TypeError(f"no plain form for {type(value).__name__}")
