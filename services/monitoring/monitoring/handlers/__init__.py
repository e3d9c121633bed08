"""What each piece of news adds to the facts: every lesson it teaches (``domain/lessons``), written for its reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitoring.domain.lessons import TEACHES, taught
from monitoring.handlers.alerts import raise_downgrades
from monitoring.store import learning
from shared import clock
from shared.contracts.providers import AgencyRecorded
from shared.delivery import Heard, Hears, Together
from shared.tenancy import Transaction


async def learn_together(transaction: Transaction, news: Sequence[Heard[Any]]) -> None:
    """Write what events teach, for each organisation that may read it: in few statements, however many events there are."""
    await learning.learn(transaction, [(heard.envelope, taught(heard.event, heard.envelope)) for heard in news])


on_news = Together(learn_together)
"""Every lesson ends the same in whatever order it comes (``store/learning``), so a batch is learned at once."""


async def on_agency_recorded(transaction: Transaction, heard: Heard[AgencyRecorded]) -> None:
    """Besides: a fall in Ofsted's rating is an alert at once."""
    await on_news(transaction, heard)
    await raise_downgrades(transaction, now=clock.now(), agency=heard.event.agency)


HEARS: Hears = dict.fromkeys(TEACHES, on_news) | {AgencyRecorded: on_agency_recorded}
"""Everything monitoring listens to; ``domain/lessons`` says what each teaches."""
