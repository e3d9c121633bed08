"""``hearth dead-letters``: events a service could not work on, kept whole with the reason, until somebody gives them back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime

from hearth.data_folder import DataFolder
from hearth.to_mend import ToMendError
from shared import clock, dead_letters, transport
from shared.contracts import SERVICES


class NotThereError(ToMendError):
    """No dead letter of this service has such an id."""


def broker_url(folder: DataFolder) -> str:
    """BROKER_URL where it is set, as in production; else the bus of what runs from the data folder."""
    return os.environ.get("BROKER_URL") or folder.running().broker_url


def read(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What ``[SERVICE] [ID …]`` names: the services (all four when none is named) and the ids of events."""
    if words and words[0] in SERVICES:
        return (words[0],), tuple(words[1:])
    return SERVICES, tuple(words)


async def do(action: str, services: Sequence[str], ids: Sequence[str], folder: DataFolder, *, reason: str = "") -> int:
    """List the dead letters of these services, show some whole, give some (or all) back to them, or throw the named ones away for good.

    What is thrown away is printed whole first, with the reason given, so that what is kept of the command's output still tells it.
    """
    bus = transport.connect(broker_url(folder), prefix=os.environ.get("QUEUE_PREFIX", "hearth"), name="hearth dead-letters")
    whose = services[0] if len(services) == 1 else "no service"
    try:
        letters = [each for each in await dead_letters.list_all(bus, services) if not ids or each.message.id in ids]
        unknown = sorted(set(ids) - {each.message.id for each in letters})
        if unknown:
            holder = f"{whose} has no" if len(services) == 1 else "No service has a"
            raise NotThereError(f"{holder} dead letter {', '.join(unknown)}. See them with: hearth dead-letters list")
        if action == "replay":
            for service in dict.fromkeys(each.service for each in letters):
                count = await dead_letters.replay(bus, [service], list(ids) or None)
                print(f"{count} given back to {service}.")
        if not letters:
            print(f"{whose} has no dead letters." if len(services) == 1 else "There are no dead letters.")
        for letter in letters if action != "replay" else []:
            print(f"{letter.message.id}  {letter.service:<10} {letter.message.type:<24} {_when(letter.died_at)}  {letter.reason}")
            if action in ("show", "discard"):
                print(json.dumps(dead_letters.in_words(letter)["event"] or _unreadable(letter.message.body), indent=2))
        if action == "discard":
            count = await dead_letters.discard(bus, services, list(ids))
            print(f"{count} thrown away at {_when(clock.now())}: {reason}. {whose} will never know of what they told.")
    finally:
        await bus.close()
    return 0


def _unreadable(body: bytes) -> object:
    """What there is of an event that does not fit any contract: its JSON, else its bytes as text."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.UK):%d/%m/%Y %H:%M:%S}" if moment else "time unknown"
