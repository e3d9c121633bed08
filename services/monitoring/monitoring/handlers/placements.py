"""Placements: agreed, started, ended, cancelled."""

from __future__ import annotations

from typing import Any

from monitoring.handlers.readers import as_each_reader, council_reader
from monitoring.store import learning
from monitoring.store.learning import Noun
from shared.contracts.referrals import PlacementAgreed, PlacementCancelled, PlacementEnded, PlacementStarted
from shared.delivery import Heard
from shared.tenancy import Transaction

PlacementNews = PlacementAgreed | PlacementStarted | PlacementEnded | PlacementCancelled


async def on_placement_agreed(transaction: Transaction, heard: Heard[PlacementAgreed]) -> None:
    """A home was agreed, at a weekly price for all its children together."""
    said = heard.event
    facts = {
        "agreed_at": said.agreed_at,
        "lot": said.lot,
        "tier": said.tier,
        "ages": list(said.ages),
        "pounds_per_week": said.pounds_per_week,
        "starts_on": said.starts_on,
        "within_20_miles": said.within_20_miles,
    }
    await _placement(transaction, heard, "agreed", facts)


async def on_placement_started(transaction: Transaction, heard: Heard[PlacementStarted]) -> None:
    """The child moved in: nights are charged from this day."""
    facts = {"started_on": heard.event.started_on, "numbers_in_year": list(heard.event.numbers_in_year)}
    await _placement(transaction, heard, "started", facts)


async def on_placement_ended(transaction: Transaction, heard: Heard[PlacementEnded]) -> None:
    """The child moved out, planned or not."""
    said = heard.event
    facts = {
        "ended_from": said.started_on,
        "ended_on": said.ended_on,
        "ended_as_planned": said.planned,
        "ended_reason": said.reason,
    }
    await _placement(transaction, heard, "ended", facts)


async def on_placement_cancelled(transaction: Transaction, heard: Heard[PlacementCancelled]) -> None:
    """An agreed placement never began."""
    facts = {"cancelled_at": heard.envelope.time, "cancelled_reason": heard.event.reason}
    await _placement(transaction, heard, "cancelled", facts)


async def _placement(transaction: Transaction, heard: Heard[Any], news: str, facts: dict[str, Any]) -> None:
    said: PlacementNews = heard.event
    about = {"referral": said.referral, "council": said.council, "provider": said.provider}

    async def write() -> None:
        await learning.learn(
            transaction, Noun.PLACEMENT, id=said.placement, about=about, news=news, version=heard.envelope.version, facts=facts
        )

    await as_each_reader(transaction, write, council_reader(said.council), said.provider)
