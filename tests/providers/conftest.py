"""The providers service running, with the consortium set out as a test needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared import clock
from tests.providers import bodies
from tests.running.services import RunningService


@pytest.fixture
async def providers(running: Callable[..., Awaitable[RunningService]]) -> RunningService:
    """The service on a database of its own."""
    return await running("providers")


@dataclass
class Clock:
    """The clock of this test: real until moved."""

    monkeypatch: pytest.MonkeyPatch

    def at(self, moment: datetime) -> None:
        """From now on it is this moment. Sign people in before: their tokens are dated by the real clock."""
        self.monkeypatch.setattr(clock, "now", lambda: moment)

    def on(self, day: str) -> None:
        """From now on it is noon, UTC, on this day."""
        self.at(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the clock."""
    return Clock(monkeypatch)


def good(reply: httpx.Response) -> Any:
    """The reply's body, when the service said yes."""
    assert reply.is_success, f"{reply.status_code}: {reply.text}"
    return reply.json()


@pytest.fixture
async def lot(providers: RunningService) -> RunningService:
    """The service with one framework, the lot ``general``, and two registered agencies."""
    async with providers.as_(bodies.CONSORTIUM) as consortium:
        for number, urn in enumerate(bodies.URNS[:2]):
            good(await consortium.put(f"/agencies/{urn}", json=bodies.agency(name=f"Agency {number + 1}")))
        good(await consortium.put("/frameworks/fostering", json=bodies.framework()))
        good(await consortium.put("/frameworks/fostering/lots/general", json=bodies.lot()))
    return providers


@dataclass
class Tender:
    """One tender round under way, with people signed in on both sides of the closing time."""

    service: RunningService
    id: str
    closes_at: datetime
    time: Clock
    consortium: httpx.AsyncClient
    agencies: dict[str, httpx.AsyncClient]
    evaluators: dict[str, httpx.AsyncClient]

    @property
    def path(self) -> str:
        """Where the round is."""
        return f"/tender-rounds/{self.id}"

    async def closing_time_passes(self) -> None:
        """It is a second after the closing time."""
        self.time.at(self.closes_at + timedelta(seconds=1))

    async def closed(self) -> None:
        """The closing time has passed and the procurement lead has opened the bids."""
        await self.closing_time_passes()
        good(await self.consortium.post(f"{self.path}/closing"))

    async def scored(self, marks: dict[str, tuple[str, str]]) -> None:
        """Two councils gave each agency these marks for q1 and q2, and so did moderation."""
        scores = [
            {"agency": urn, "question": question, "score": score, "reason": "Clear and specific."}
            for urn, given in marks.items()
            for question, score in zip(("q1", "q2"), given, strict=True)
        ]
        for evaluator in self.evaluators.values():
            good(await evaluator.put(f"{self.path}/quality-scores", json={"scores": scores}))
        good(await self.consortium.put(f"{self.path}/moderated-scores", json={"scores": scores}))


@pytest.fixture
async def tender(lot: RunningService, time: Clock) -> Tender:
    """A round of the lot ``general``, open now, closing in five minutes."""
    closes_at = clock.now().replace(microsecond=0) + timedelta(minutes=5)
    consortium = lot.as_(bodies.CONSORTIUM)
    times = {"opens_at": (closes_at - timedelta(hours=1)).isoformat(), "closes_at": closes_at.isoformat()}
    begun = good(await consortium.post("/tender-rounds", json={"reference": "R1", "framework": "fostering", "lot": "general"} | times))
    agencies = {urn: lot.as_(f"agency:{urn}") for urn in bodies.URNS}
    evaluators = {code: lot.as_(f"council:{code}") for code in (bodies.SOUTHAMPTON, bodies.HAMPSHIRE)}
    return Tender(lot, begun["id"], closes_at, time, consortium, agencies, evaluators)
