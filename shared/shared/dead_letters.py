"""Events a service could not work on: look at them, mend the cause, and give them back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.transport import DeadLetter, Transport


async def list_all(transport: Transport, services: Collection[str] = SERVICES) -> list[DeadLetter]:
    """Every dead letter of these services, oldest first within each. Unreachable when the bus does not answer."""
    await transport.declare(HEARD_BY, SERVICES)
    return [letter for service in services for letter in await transport.dead_letters(service)]


async def show(transport: Transport, event_id: str, services: Collection[str] = SERVICES) -> list[DeadLetter]:
    """The dead letters of one event: one for each service that could not work on it."""
    return [letter for letter in await list_all(transport, services) if letter.message.id == event_id]


async def replay(transport: Transport, services: Collection[str] = SERVICES, ids: Collection[str] | None = None) -> int:
    """Give dead letters (those named, or all) back to the services that could not work on them; how many.

    Only that service hears it again, and its inbox still knows what it has already done.
    """
    await transport.declare(HEARD_BY, SERVICES)
    return sum([await transport.replay(service, ids) for service in services])


async def discard(transport: Transport, services: Collection[str], ids: Collection[str]) -> int:
    """Throw these dead letters away for good; how many. What they told, these services will never know."""
    await transport.declare(HEARD_BY, SERVICES)
    return sum([await transport.discard(service, ids) for service in services])


def in_words(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter for people and programs: what, whose, when, why. The event itself is under ``event`` when it can be read."""
    told: dict[str, Any] = {
        "service": letter.service,
        "id": letter.message.id,
        "type": letter.message.type,
        "reason": letter.reason,
        "died_at": letter.died_at.isoformat() if letter.died_at else None,
    }
    try:
        told["event"] = Envelope.model_validate_json(letter.message.body).model_dump(mode="json")
    except ValidationError:
        told["event"] = None
    return told
