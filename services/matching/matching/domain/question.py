"""Clarification questions: asked by one agency, answered once for all, naming nobody and not telling who asked.

matching knows no identity. So a question's words keep to the shape that names nobody, and are searched for what identifies by its
form; and an answer is a code. What an answer needs words for, the council says in the referral's own words (``referrals``, ``PUT
/referrals/{id}/words``), which are checked against all it knows of the children and read by the same agencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from matching.domain.faults import Fault
from matching.domain.message import faults_in_words
from shared.identifying_patterns import WORDS, patterns_in

LONGEST = 500
"""Characters of a question."""

OPEN_AT_ONCE = 5
"""How many questions an agency may have open on one referral."""


class Topic(StrEnum):
    """What a question is about."""

    HEALTH = "health"
    EDUCATION = "education"
    CONTACT = "contact"
    BEHAVIOUR_AND_RISK = "behaviour_and_risk"
    ROUTINES = "routines"
    SIBLINGS = "siblings"
    CULTURE_AND_FAITH = "culture_and_faith"
    TRANSPORT = "transport"
    EQUIPMENT = "equipment"
    TIMING = "timing"
    PLAN_AND_LENGTH = "plan_and_length"
    PRICE_AND_SUPPORT = "price_and_support"
    OTHER = "other"


class AnswerCode(StrEnum):
    """What a council answers. Words are said in the referral's own words, where they are checked."""

    YES = "yes"
    NO = "no"
    IN_REFERRAL_NOW = "in_the_referral_now"
    """The referral was amended and now says so."""
    IN_WORDS_NOW = "in_the_words_now"
    """It is said in the referral's words: ``GET /referrals/{id}/words`` of ``referrals``."""
    NOT_KNOWN = "not_known"
    AFTER_SELECTION = "told_to_the_agency_selected"
    """It would tell who the child is, or is not for everybody."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it was asked; ``words`` is None when none were given, or once the referral is closed."""

    council: str
    question: UUID
    referral: UUID
    provider: str
    topic: Topic
    words: str | None
    asked_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer as every provider of the referral is told them; nothing says who asked."""

    question: UUID
    topic: Topic
    words: str | None
    answer: AnswerCode
    asked_at: datetime
    answered_at: datetime


def faults_in_question(words: str | None) -> tuple[Fault, ...]:
    """Every reason why the words may identify somebody, or are too long; empty when they may be kept as they stand."""
    return tuple(_faults(words)) if words else ()


def _faults(words: str) -> Iterable[Fault]:
    if len(words) > LONGEST:
        yield Fault("words", "short_question", f"Keep the question to {LONGEST} characters.")
    yield from faults_in_words("words", words)
    for kind in dict.fromkeys(pattern.kind for pattern in patterns_in(words)):
        yield Fault("words", f"no_{kind}", f"{WORDS[kind]} Take it out: a question is shown to every agency.")


def age_in_words(asked_at: datetime, now: datetime) -> str:
    """How long a question has waited: ``3 hours``, ``2 days``."""
    waited = max(now - asked_at, timedelta(0))
    for unit, span in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        count = waited // span
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    minutes = waited // timedelta(minutes=1)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
