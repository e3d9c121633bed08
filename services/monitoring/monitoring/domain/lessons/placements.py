"""Placements: agreed, started, ended, cancelled."""

from __future__ import annotations

from typing import Any

from monitoring.domain.lessons.lesson import Lesson, Subject, council_reader, for_each
from shared.contracts import Envelope
from shared.contracts.referrals import PlacementAgreed, PlacementCancelled, PlacementEnded, PlacementStarted

PlacementNews = PlacementAgreed | PlacementStarted | PlacementEnded | PlacementCancelled


def placement_agreed(said: PlacementAgreed, envelope: Envelope) -> tuple[Lesson, ...]:
    """A home was agreed, at a weekly price for all its children together."""
    facts = {
        "agreed_at": said.agreed_at,
        "lot": said.lot,
        "tier": said.tier,
        "ages": list(said.ages),
        "pounds_per_week": said.pounds_per_week,
        "starts_on": said.starts_on,
        "within_20_miles": said.within_20_miles,
        "hold": said.hold,
    }
    return _placement(said, envelope, "agreed", facts)


def placement_started(said: PlacementStarted, envelope: Envelope) -> tuple[Lesson, ...]:
    """The child moved in: nights are charged from this day."""
    facts = {"started_on": said.started_on, "numbers_in_year": list(said.numbers_in_year)}
    return _placement(said, envelope, "started", facts)


def placement_ended(said: PlacementEnded, envelope: Envelope) -> tuple[Lesson, ...]:
    """The child moved out, planned or not."""
    facts = {"ended_from": said.started_on, "ended_on": said.ended_on, "ended_as_planned": said.planned, "ended_reason": said.reason}
    return _placement(said, envelope, "ended", facts)


def placement_cancelled(said: PlacementCancelled, envelope: Envelope) -> tuple[Lesson, ...]:
    """An agreed placement never began."""
    return _placement(said, envelope, "cancelled", {"cancelled_at": envelope.time, "cancelled_reason": said.reason})


def _placement(said: PlacementNews, envelope: Envelope, news: str, facts: dict[str, Any]) -> tuple[Lesson, ...]:
    readers = (council_reader(said.council), said.provider)
    about = {"referral": said.referral, "council": said.council, "provider": said.provider}
    return for_each(readers, Subject.PLACEMENT, key={"id": said.placement}, about=about, news=news, version=envelope.version, facts=facts)
