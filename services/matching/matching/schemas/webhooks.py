"""Webhooks: what is asked, and what is shown. A secret is shown once, when it is made."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from matching.domain import webhook as domain
from matching.domain.address import LONGEST
from matching.domain.notice import NoticeType
from matching.domain.webhook import WORDS, DeliveryState, Failure, StoppedBecause, WebhookState
from shared.written import Moment


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewWebhook(_Body):
    """Where your notices are to be sent, and which."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST, description="https, reachable from the public internet")]
    types: Annotated[list[NoticeType], Field(default_factory=list, max_length=50, description="leave empty for all that you are told")]
    description: Annotated[str, Field(max_length=200, description="for yourself")] = ""


class NewReplay(_Body):
    """From when on everything is sent again."""

    since: Moment


class Webhook(BaseModel):
    """One of your webhooks."""

    webhook: UUID
    url: str
    types: list[NoticeType]
    description: str
    state: WebhookState
    stopped_because: StoppedBecause | None
    stopped_because_words: str | None
    both_secrets_sign_until: AwareDatetime | None
    failing_since: AwareDatetime | None
    succeeded_at: AwareDatetime | None
    made_at: AwareDatetime
    version: int
    secret: str | None = Field(default=None, description="shown once, in the reply that made it; keep it where your receiver reads it")

    @classmethod
    def of(cls, one: domain.Webhook, secret: str | None = None) -> Self:
        """As it is shown."""
        return cls(
            webhook=one.webhook,
            url=one.url,
            types=list(one.types),
            description=one.description,
            state=one.state,
            stopped_because=one.stopped_because,
            stopped_because_words=WORDS[one.stopped_because] if one.stopped_because else None,
            both_secrets_sign_until=one.old_secret_until,
            failing_since=one.failing_since,
            succeeded_at=one.succeeded_at,
            made_at=one.made_at,
            version=one.version,
            secret=secret,
        )


class Webhooks(BaseModel):
    """Your webhooks, the oldest first."""

    items: list[Webhook]


class Delivery(BaseModel):
    """One notice on its way to one webhook. What the receiver said beyond its status is not kept."""

    notice: UUID
    type: NoticeType
    state: DeliveryState
    attempts: int
    next_attempt_at: AwareDatetime | None
    first_tried_at: AwareDatetime | None
    last_tried_at: AwareDatetime | None
    last_status: int | None
    last_failure: Failure | None

    @classmethod
    def of(cls, one: domain.Delivery) -> Self:
        """As it is shown."""
        return cls(
            notice=one.notice,
            type=one.type,
            state=one.state,
            attempts=one.attempts,
            next_attempt_at=one.due_at if one.state is DeliveryState.WAITING else None,
            first_tried_at=one.first_tried_at,
            last_tried_at=one.last_tried_at,
            last_status=one.last_status,
            last_failure=one.last_failure,
        )


class Replayed(BaseModel):
    """How many notices are being sent again."""

    notices: int
