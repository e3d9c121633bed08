"""Facts from before Hearth as they are sent: one event a line, as the bus carries it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError

from monitoring.domain.lessons import TEACHES, taught
from monitoring.domain.past import MOST_EVENTS, BroughtIn, PastEvent, PastFault, PastRule
from shared.contracts import Envelope, event_types
from shared.json_bounds import null_bytes_in

MEDIA_TYPE = "application/x-ndjson"
MOST_BYTES = 24 * 1024 * 1024
"""The longest event, a broadcast of six children, is some 4 kB; 5,000 of the usual ones are about 5 MB."""
LARGER_BODIES = {"/past": MOST_BYTES}
_AT_ONCE = 250
"""Lines read before others get their turn."""

TAKES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIA_TYPE: {
                "schema": {"type": "string", "description": f"one event's envelope a line, at most {MOST_EVENTS}; docs/past-facts.md"}
            }
        },
    }
}


class BroughtInReply(BaseModel):
    """What was taken of a past."""

    brought_in_by: str = Field(description="the sub of the token it was brought in with")
    brought_in_at: datetime
    events: int = Field(description="events that were not known before; only these changed anything")
    sent: int = Field(description="events in the request")
    first_on: date = Field(description="UK day of the earliest")
    last_on: date = Field(description="UK day of the latest")
    sha256: str = Field(description="of the body as it was sent")

    @classmethod
    def of(cls, found: BroughtIn) -> Self:
        """As kept."""
        return cls(
            brought_in_by=found.brought_in_by,
            brought_in_at=found.brought_in_at,
            events=found.events,
            sent=found.sent,
            first_on=found.first_on,
            last_on=found.last_on,
            sha256=found.sha256,
        )


class PastsReply(BaseModel):
    """Every past that was brought in, the latest first."""

    items: list[BroughtInReply]


async def read_lines(content: bytes) -> tuple[list[PastEvent], list[PastFault]]:
    """The events of a body, and what each line that is none breaks; empty lines are passed over."""
    events: list[PastEvent] = []
    faults: list[PastFault] = []
    lines = [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
    if not lines:
        return [], [PastFault(0, PastRule.ANY_EVENTS)]
    if len(lines) > MOST_EVENTS:
        return [], [PastFault(0, PastRule.NOT_TOO_MANY)]
    for done, (number, line) in enumerate(lines):
        if done % _AT_ONCE == 0:
            await asyncio.sleep(0)  # nobody else waits for a whole body to be read
        try:
            envelope = Envelope.model_validate_json(line)
        except ValidationError as error:
            faults += _faults(number, error, PastRule.ENVELOPE)
            continue
        if unkept := list(_unkept(number, line)):
            faults += unkept
            continue
        contract = event_types.get(envelope.type)
        if contract not in TEACHES:
            faults.append(PastFault(number, PastRule.KNOWN_TYPE, "type"))
            continue
        try:
            event = envelope.event()
            events.append(PastEvent(number, envelope, event, taught(event, envelope)))
        except ValidationError as error:
            faults += _faults(number, error, PastRule.CONTRACT, "data")
    return events, faults


def _unkept(number: int, line: bytes) -> Iterator[PastFault]:
    """What of a line no database keeps: a field with a null byte, by its own name where that is the envelope's."""
    for path in null_bytes_in(line):
        name = str(path[0]) if path and path[0] in Envelope.model_fields else ""
        yield PastFault(number, PastRule.ENVELOPE, name)


def _faults(line: int, error: ValidationError, rule: PastRule, *above: str) -> list[PastFault]:
    """Each field of one line that is not as it must be, once; only names that are the contract's own are repeated."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] == "json_invalid" for each in found):
        return [PastFault(line, PastRule.JSON)]
    fields = dict.fromkeys(".".join([*above, *map(str, each["loc"])]) for each in found)
    return [PastFault(line, rule, field) for field in fields]
