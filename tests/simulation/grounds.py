"""What a seed begins with: how far things have come, and who has homes to offer. Each is made once a process and copied for every run."""

from __future__ import annotations

import asyncio
from functools import cache
from unittest import mock

from shared import clock
from tests.simulation import founding
from tests.simulation.chance import Chance
from tests.simulation.founding import AGENCIES, BEGINS, Founded, SeededIds, Stage

WHO_OFFERS = (AGENCIES, AGENCIES, AGENCIES[:1], AGENCIES[1:2])
"""Who has homes, each as likely as the next: in half of the runs one agency alone, with one bed, so that councils meet at it."""
STAGES = (Stage.BEGUN, Stage.SENT, Stage.OFFERED, Stage.OFFERED)
"""Where runs begin, each as likely as the next: half of them with offers to choose from."""


def ground_of(seed: int) -> Founded:
    """How things stand when this seed's run begins."""
    dice = Chance(seed, "ground")
    return founded(dice.pick(STAGES), dice.pick(WHO_OFFERS))


@cache
def founded(stage: Stage, agencies: tuple[str, ...]) -> Founded:
    """How things stand at a stage at which these agencies have homes to offer."""
    before = None if stage is Stage.BEGUN else founded(_BEFORE[stage], agencies)
    ids = SeededIds(0, lambda: BEGINS, of=f"{stage} {agencies}")
    with mock.patch.object(clock, "now", return_value=BEGINS), ids.installed():
        return asyncio.run(founding.modelled(agencies) if before is None else _ADVANCES[stage](before))


def found_all() -> None:
    """Everything that runs may begin with, so that a mistake planted afterwards is in none of it."""
    for agencies in WHO_OFFERS:
        founded(Stage.OFFERED, agencies)


_BEFORE = {Stage.SENT: Stage.BEGUN, Stage.OFFERED: Stage.SENT}
_ADVANCES = {Stage.SENT: founding.sent, Stage.OFFERED: founding.offered}
