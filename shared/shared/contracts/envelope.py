"""The envelope every event travels in: CloudEvents 1.0, structured JSON.

Beside the standard's own attributes an envelope carries these extensions:
``council`` (whose child or setting it is about, if any), ``organisation`` (who made it true, so that
the consumer can write under that organisation's rights), ``version`` (of the subject, so that late news
can be ignored), ``requestid`` (the call that began it, so that logs of four services join) and, while tracing is on, ``traceparent`` and
``tracestate`` (CloudEvents' distributed tracing extension: the span that recorded it, from which handlers go on).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.written import Moment

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"

_EXTENSIONS = ("council", "requestid", "traceparent", "tracestate")
"""What an event may lack."""

event_types: dict[str, type[Event]] = {}


class Contract(BaseModel):
    """A value that crosses a service's border: frozen, and deaf to fields it does not know.

    Unknown fields are ignored on reading, so that an older consumer survives an addition.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Contract):
    """What happened, in the field's words. A subclass names its type: ``class ReferralBroadcast(Event, type="referral.broadcast")``."""

    type: ClassVar[str] = ""

    def __init_subclass__(cls, *, type: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, *, type: str = "", **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not type:
            return
        if type in event_types:
            raise TypeError(f"two contracts are both called {type}")
        cls.type = type
        event_types[type] = cls


class Envelope(Contract):
    """One event on its way: who says it, about what, when, and in which version of the subject."""

    specversion: str = SPEC_VERSION
    id: UUID
    source: str = Field(description="the service that says it, as a path: /referrals")
    type: str
    time: Moment
    subject: str = Field(description="the id of what it is about")
    datacontenttype: str = "application/json"
    version: int = Field(ge=1, description="the subject's version; late news has a lower one")
    organisation: str = Field(description="who made it true: council:E06000045, agency:SC012345, consortium")
    council: str | None = Field(default=None, description="ONS code of the council it concerns, if one")
    requestid: str | None = None
    traceparent: str | None = Field(default=None, description="W3C Trace Context of the span that recorded it, while tracing is on")
    tracestate: str | None = None
    data: dict[str, Any]

    @classmethod
    def of(
        cls,
        event: Event,
        *,
        id: UUID,
        source: str,
        time: datetime,
        subject: str,
        version: int,
        organisation: str,
        council: str | None,
        requestid: str | None,
        traceparent: str | None = None,
        tracestate: str | None = None,
    ) -> Self:
        """Wrap an event; its type is the contract's own."""
        return cls(
            id=id,
            source=source,
            type=event.type,
            time=time,
            subject=subject,
            version=version,
            organisation=organisation,
            council=council,
            requestid=requestid,
            traceparent=traceparent,
            tracestate=tracestate,
            data=event.model_dump(mode="json"),
        )

    def to_json(self) -> bytes:
        """The bytes that travel: one JSON object, absent extensions left out as CloudEvents asks."""
        return self.model_dump_json(exclude_none=False, exclude=self._absent()).encode()

    def _absent(self) -> set[str]:
        return {name for name in _EXTENSIONS if getattr(self, name) is None}

    def event(self) -> Event:
        """The contract inside, checked. KeyError when the type is unknown, ValidationError when it does not fit."""
        return event_types[self.type].model_validate(self.data)
