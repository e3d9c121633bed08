"""``hearth dead-letters``: events a service could not work on, kept whole with the reason, until somebody gives them back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime

from hearth.data_folder import DataFolder
from shared import clock, transport


class NotThereError(Exception):
    """No dead letter of this service has such an id."""


def broker_url(folder: DataFolder) -> str:
    """BROKER_URL where it is set, as in production; else the bus of what runs from the data folder."""
    return os.environ.get("BROKER_URL") or folder.running().broker_url


async def do(action: str, service: str, ids: Sequence[str], folder: DataFolder) -> int:
    """List a service's dead letters, show some whole, or give some (or all) back to the service."""
    bus = transport.connect(broker_url(folder), prefix=os.environ.get("QUEUE_PREFIX", "hearth"), name="hearth dead-letters")
    try:
        letters = {letter.message.id: letter for letter in await bus.dead_letters(service)}
        unknown = [one for one in ids if one not in letters]
        if unknown:
            raise NotThereError(f"{service} has no dead letter {', '.join(unknown)}. See them with: hearth dead-letters list {service}")
        if action == "replay":
            count = await bus.replay(service, list(ids) or None)
            print(f"{count} given back to {service}.")
            return 0
        if not letters:
            print(f"{service} has no dead letters.")
        for letter in [letters[one] for one in ids] if ids else letters.values():
            print(f"{letter.message.id}  {letter.message.type:<24} {_when(letter.died_at)}  {letter.reason}")
            if action == "show":
                print(json.dumps(json.loads(letter.message.body), indent=2))
    finally:
        await bus.close()
    return 0


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.UK):%d/%m/%Y %H:%M:%S}" if moment else "time unknown"
