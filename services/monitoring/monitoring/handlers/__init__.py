"""What each piece of news adds to the facts: every lesson it teaches (``domain/lessons``), written for its reader."""

from __future__ import annotations

from typing import Any

from monitoring.domain.lessons import TEACHES, taught
from monitoring.store import learning
from shared.delivery import Heard, Hears
from shared.tenancy import Transaction


async def on_news(transaction: Transaction, heard: Heard[Any]) -> None:
    """Write what one event teaches, for each organisation that may read it."""
    await learning.learn(transaction, [(heard.envelope, taught(heard.event, heard.envelope))])


HEARS: Hears = dict.fromkeys(TEACHES, on_news)
"""Everything monitoring listens to; ``domain/lessons`` says what each teaches."""
