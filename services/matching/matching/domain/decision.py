"""The decision record: all offers as they stood, what each met, what was considered, who decided, when and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from matching.domain.approval import Approval
from matching.domain.choice import Choice, passed_over
from matching.domain.considered import NO_REASON_OWED, WHY, considered, met_and_missed
from matching.domain.fit import RULES, Weights
from matching.domain.guard import Circumstances
from matching.domain.home import Home
from matching.domain.panel import Panel
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
    hash: bytes | None = None
    """Of the record (domain/decision_hash.py); None for a decision older than its hash."""
    outcome: Outcome = Outcome.PENDING
    reasons: tuple[str, ...] = ()
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an offer was judged on besides its own word: the home as published, and miles to each of the referral's places in order."""

    home: Home
    miles: tuple[Decimal | None, ...]
    circumstances: Circumstances | None = None
    """What the checks of the law rested on beside the home; None: none was made."""


@dataclass(frozen=True, slots=True)
class Made:
    """That a decision was made: by whom, in which roles, when. ``blind``: random bits of this decision alone (domain/decision_hash.py)."""

    council: str
    decision: UUID
    decided_at: datetime
    subject: str
    roles: frozenset[str]
    blind: str


def record(
    made: Made,
    choice: Choice,
    chosen: Option,
    ranking: Sequence[Ranked],
    referral: Referral,
    weights: Weights,
    grounds: Mapping[UUID, Grounds],
    panels: Sequence[Panel] = (),
    approvals: Sequence[Approval] = (),
    must_be_regularised_by: date | None = None,
) -> dict[str, Any]:
    """Everything the decision rested on, as plain values that stay readable whatever the software becomes.

    Beside each other offer stands what its provider will be told if the bed is held.
    """
    options = [place.option for place in ranking]
    return {
        "council": made.council,
        "decision": str(made.decision),
        "offer": str(choice.offer),
        "decided_at": plain(made.decided_at),
        "decided_by": {"subject": made.subject, "roles": sorted(made.roles)},
        "blind": made.blind,
        "why": NO_REASON_OWED if choice.reason is None else WHY[choice.reason],
        "considered": considered(choice, chosen, referral),
        "referral": plain(referral),
        "fit_rules": RULES,
        "weights": {str(part): str(weight) for part, weight in weights.of.items()},
        "weights_version": weights.version,
        "weights_from": plain(weights.effective_from),
        "reason_code": choice.reason,
        "considerations": {str(asked): str(answer) for asked, answer in choice.considerations.items()},
        "wishes": str(choice.wishes),
        "panels": [plain(panel) for panel in panels],
        "panel_departure": choice.departure,
        "passed_over": [str(option.offer.offer) for option in passed_over(chosen, options)],
        "approvals": plain(approvals),
        "must_be_regularised_by": plain(must_be_regularised_by),
        "offers": [_as_it_stood(place, chosen, referral, grounds[place.option.offer.offer]) for place in ranking],
    }


def _as_it_stood(place: Ranked, chosen: Option, referral: Referral, grounds: Grounds) -> dict[str, Any]:
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
        **met_and_missed(option, referral),
        "checks": plain(option.checks),
        "fit": plain(option.fit),
        "about_miles": plain(option.miles),
        "miles_to_places": plain(grounds.miles),
        "home": plain(grounds.home),
        "circumstances": plain(grounds.circumstances),
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
