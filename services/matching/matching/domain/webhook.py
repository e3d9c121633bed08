"""Webhooks: where an organisation wants its notices sent, how often that is tried, and when it is given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from matching.domain.faults import Fault
from matching.domain.notice import NoticeType, types_for
from shared.organisation import Kind

MOST_WEBHOOKS: Final = 10
"""How many an organisation may have."""

WAITS: Final[tuple[timedelta, ...]] = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause before each attempt, as the Standard Webhooks specification (1.0.0) recommends: ten attempts over three days and a little."""

JITTER: Final = 0.1
"""A pause is lengthened by up to this share of it, at random, so that what failed together is not all tried together."""

LONGEST_WAIT: Final = timedelta(hours=24)
"""A receiver that asks for more (``Retry-After``) is asked again after this."""

OVERLAP: Final = timedelta(hours=24)
"""How long after a rotation both secrets sign."""


class WebhookState(StrEnum):
    """Whether anything is sent."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class StoppedBecause(StrEnum):
    """Why a webhook was stopped."""

    FAILED_FOR_DAYS = "failed_for_days"
    GONE = "gone"


WORDS: Final = {
    StoppedBecause.FAILED_FOR_DAYS: "Nothing has been accepted at this address for three days. Mend the receiver, resume the webhook, "
    "then replay.",
    StoppedBecause.GONE: "The receiver answered 410 Gone, which asks to be sent nothing more. Resume the webhook if that was not meant.",
}


class DeliveryState(StrEnum):
    """How the sending of one notice to one webhook stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Failure(StrEnum):
    """Why an attempt failed. What the receiver said beyond its status is not kept: it could be anything."""

    STATUS = "status_not_2xx"
    REDIRECT = "redirects_are_not_followed"
    GONE = "gone"
    TIMED_OUT = "timed_out"
    NAME_NOT_FOUND = "name_not_found"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    NOT_CONNECTED = "not_connected"
    NOT_TRUSTED = "certificate_not_trusted"
    NOT_HTTP = "answer_not_understood"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; ``failure`` is None when it was accepted."""

    status: int | None
    failure: Failure | None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """One address of an organisation. Its secrets are sealed; it has no repr, so that no log line shows them."""

    webhook: UUID
    organisation: str
    url: str
    types: tuple[NoticeType, ...]
    description: str
    state: WebhookState
    stopped_because: StoppedBecause | None
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    failing_since: datetime | None
    succeeded_at: datetime | None
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice on its way to one webhook."""

    webhook: UUID
    number: int
    notice: UUID
    type: NoticeType
    state: DeliveryState
    due_at: datetime
    attempts: int
    first_tried_at: datetime | None
    last_tried_at: datetime | None
    last_status: int | None
    last_failure: Failure | None


def faults_in_types(kind: Kind, types: Iterable[NoticeType]) -> list[Fault]:
    """An organisation can only be told what there is to tell its kind."""
    if set(types) <= types_for(kind):
        return []
    known = ", ".join(sorted(types_for(kind)))
    return [Fault("types", "type_for_you", f"Your organisation is told these types: {known}. Leave the list empty for all of them.")]


def pause(attempts: int, jitter: float, retry_after: timedelta | None = None) -> timedelta | None:
    """How long to wait after this many failed attempts; None when there are no more. ``jitter`` is a random number from 0 to 1.

    A receiver that names a longer pause (``Retry-After`` with 429 or 503) gets it, up to a day.
    """
    if attempts >= len(WAITS):
        return None
    wait = WAITS[attempts] * (1 + JITTER * jitter)
    return max(wait, min(retry_after, LONGEST_WAIT)) if retry_after else wait


def stops(outcome: Outcome, first_tried_at: datetime, succeeded_at: datetime | None, *, exhausted: bool) -> StoppedBecause | None:
    """Whether this failure ends the webhook, and why.

    410 Gone does at once. A delivery whose last attempt failed does when nothing else was accepted since its first attempt: then it is
    the receiver that fails and not this one notice.
    """
    if outcome.failure is Failure.GONE:
        return StoppedBecause.GONE
    if exhausted and (succeeded_at is None or succeeded_at < first_tried_at):
        return StoppedBecause.FAILED_FOR_DAYS
    return None
