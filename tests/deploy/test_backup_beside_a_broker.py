"""A restore empties the broker's queues, so it is refused while somebody hears from them: they may be another Hearth's."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.backup import restoring
from hearth.backup.refused import RefusedError
from shared.transport import Depth


class Bus:
    """As much of a transport as is looked at."""

    def __init__(self, depth: Depth) -> None:
        self._depth = depth

    async def declare(self, *_: Any) -> None:
        """There it is."""

    async def depth(self, service: str) -> Depth:
        """Of matching as told, of the others nothing."""
        return self._depth if service == "matching" else Depth(0, 0)


@pytest.mark.parametrize("replace", [False, True])
async def test_while_somebody_hears_nothing_is_thrown_away_whatever_was_said(replace: bool) -> None:
    with pytest.raises(RefusedError, match="somebody hears from the queues of matching"):
        await restoring._bus_is_quiet(Bus(Depth(0, 0, consumers=1)), replace=replace)  # type: ignore[arg-type]


async def test_what_waits_is_thrown_away_only_when_that_was_said() -> None:
    waiting: Any = Bus(Depth(2, 1))
    with pytest.raises(RefusedError, match="3 events wait for matching"):
        await restoring._bus_is_quiet(waiting, replace=False)
    await restoring._bus_is_quiet(waiting, replace=True)
    await restoring._bus_is_quiet(Bus(Depth(0, 0)), replace=False)  # type: ignore[arg-type]
