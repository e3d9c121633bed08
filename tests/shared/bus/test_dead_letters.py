"""What an operator does about dead letters: list, look at one, mend the cause, give them back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from shared import dead_letters
from shared.contracts import HEARD_BY, SERVICES
from shared.transport import Message, Received, Settling
from tests.shared.bus.conftest import Bus
from tests.shared.bus.effects import news, on_its_way
from tests.shared.bus.test_transports import heard


async def buried(bus: Bus, service: str, *messages: Message) -> Any:
    """A bus on which a service could not work on these messages."""
    transport = bus.open()
    await transport.declare(HEARD_BY, SERVICES)
    await transport.publish(messages)
    stop, left = asyncio.Event(), len(messages)

    async def bury(batch: Sequence[Received], settling: Settling) -> None:
        nonlocal left
        for one in batch:
            await settling.dead(one, "no home for it")
        left -= len(batch)
        if not left:
            stop.set()

    await asyncio.wait_for(transport.consume(service, bury, stop=stop), 60)
    return transport


async def test_dead_letters_of_every_service_are_listed_shown_and_given_back(bus: Bus) -> None:
    envelope = news("Bristol")
    await buried(bus, "matching", on_its_way(envelope), Message("unreadable", "council.recorded", b"not json"))
    transport = bus.open()
    listed = await dead_letters.list_all(transport)
    assert [(letter.service, letter.message.id) for letter in listed] == [("matching", str(envelope.id)), ("matching", "unreadable")]
    told = [dead_letters.in_words(letter) for letter in listed]
    assert told[0]["event"]["data"]["name"] == "Bristol"
    assert told[0]["reason"] == "no home for it"
    assert told[0]["died_at"]
    assert told[1]["event"] is None
    assert await dead_letters.show(transport, "unreadable") == [listed[1]]
    assert await dead_letters.show(transport, "unknown") == []
    assert await dead_letters.replay(transport, ids=[str(envelope.id)]) == 1
    assert (await heard(transport, "matching", 1)).seen == [str(envelope.id)]
    assert await dead_letters.replay(transport, ["referrals"]) == 0
    assert await dead_letters.replay(transport) == 1
    assert await dead_letters.list_all(transport) == []
