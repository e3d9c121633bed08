"""What each piece of news adds to the facts: every lesson it teaches (``domain/lessons``), written for its reader."""

from __future__ import annotations

from typing import Any

from monitoring.domain.lessons import TEACHES, taught
from monitoring.handlers.alerts import raise_downgrades
from monitoring.store import learning
from shared import clock
from shared.contracts.providers import AgencyRecorded
from shared.delivery import Heard, Hears
from shared.tenancy import Transaction


async def on_news(transaction: Transaction, heard: Heard[Any]) -> None:
    """Write what one event teaches, for each organisation that may read it."""
    await learning.learn(transaction, [(heard.envelope, taught(heard.event, heard.envelope))])


async def on_agency_recorded(transaction: Transaction, heard: Heard[AgencyRecorded]) -> None:
    """Besides: a fall in Ofsted's rating is an alert at once."""
    await on_news(transaction, heard)
    await raise_downgrades(transaction, now=clock.now(), agency=heard.event.agency)


HEARS: Hears = dict.fromkeys(TEACHES, on_news) | {AgencyRecorded: on_agency_recorded}
"""Everything monitoring listens to; ``domain/lessons`` says what each teaches."""
