"""How much a process has in hand at once, and in what order those are told for whom there is no room.

To tell somebody so costs little. But of thousands who ask again as soon as they were told, each round of the event loop heard all; a
request in hand goes through a dozen rounds, and in each it waited for them: what was taken became twenty times slower. So whoever comes
while there is no room waits at the door for a turn, and each round tells a few; those in hand go on meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator

from shared.refusals import Refused, unavailable

BUSY = unavailable("The service has as much in hand as it can do just now. Nothing was done; please try again in a moment.")
BUSY_IMPORTING = unavailable("The service takes in as much as it can just now. Nothing was done; please try again in a moment.")
ROUNDS_AT_THE_DOOR = 32
"""In about so many rounds of the event loop all who wait at the door are told: the more wait, the more are told in one, so that none
waits for long. A round takes some ten milliseconds on a busy process."""
MOST_AT_THE_DOOR = 2000
"""Beyond so many, who comes is told at once: each who waits may have sent 64 kB meanwhile, which the server keeps."""


class Room:
    """The places for requests in one process: so many, and so many of them for those that bring large bodies."""

    def __init__(self, requests: int, imports: int) -> None:
        self._requests, self._imports = requests, imports
        self._in_hand = self._importing = 0
        self._at_the_door: deque[asyncio.Future[None]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether every place is taken."""
        return self._in_hand >= self._requests

    @contextlib.contextmanager
    def place(self, *, importing: bool) -> Iterator[Refused | None]:
        """A place for as long as the block lasts; why there is none, when there is none."""
        if self.is_full:
            yield BUSY
        elif importing and self._importing >= self._imports:
            yield BUSY_IMPORTING
        else:
            self._in_hand += 1
            self._importing += importing
            try:
                yield None
            finally:
                self._in_hand -= 1
                self._importing -= importing

    async def turn_to_be_told(self) -> None:
        """Until it is the turn of somebody for whom there was no room to be told so, after those who came before."""
        if len(self._at_the_door) >= MOST_AT_THE_DOOR:
            return
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._at_the_door.append(turn)
        if len(self._at_the_door) == 1:
            loop.call_soon(self._tell_a_few, loop)
        await turn

    def _tell_a_few(self, loop: asyncio.AbstractEventLoop) -> None:
        for _ in range(-(-len(self._at_the_door) // ROUNDS_AT_THE_DOOR)):
            turn = self._at_the_door.popleft()
            if not turn.done():  # who hung up is told nothing
                turn.set_result(None)
        if self._at_the_door:
            loop.call_soon(self._tell_a_few, loop)
