"""What is there when all is quiet, gathered once for all invariants: from the REST interfaces, the event log, the queues, the tables."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared import transport
from shared.contracts import HEARD_BY, SERVICES
from shared.transport import Depth
from tests.faults.asking import Asking, Sent
from tests.faults.consortium import AGENCIES, COUNCILS
from tests.faults.ground import Ground


@dataclass(frozen=True)
class Happened:
    """One row of an outbox."""

    service: str
    position: int
    id: str
    type: str
    subject: str
    version: int
    sent: bool
    data: dict[str, Any]
    text: str


@dataclass
class Evidence:
    """All that the invariants look at."""

    ground: Ground
    asking: Asking
    fresh: list[Sent]
    """What was written since the last look."""
    events: list[Happened]
    inbox: Mapping[str, set[str]]
    depths: Mapping[str, Depth]
    referrals: list[dict[str, Any]]
    placements: list[dict[str, Any]]
    offers: list[dict[str, Any]]
    opportunities: Mapping[str, list[str]]
    """Agency → the referrals it is shown, one entry each."""
    tables: Mapping[str, list[Any]]
    dead_expected: Mapping[str, int] = field(default_factory=dict)
    rest_seconds: float = 0.0
    restless: str = ""
    """What was still moving when the deadline passed; empty when all came to rest."""

    @cached_property
    def by_subject(self) -> dict[tuple[str, str], list[Happened]]:
        """The events of each thing, in the order they were recorded."""
        found: dict[tuple[str, str], list[Happened]] = defaultdict(list)
        for event in sorted(self.events, key=lambda event: event.position):
            found[event.service, event.subject].append(event)
        return found

    def of_type(self, *types: str) -> list[Happened]:
        """The events of these types."""
        return [event for event in self.events if event.type in types]


async def outboxes(ground: Ground) -> list[Happened]:
    """Every service's log of events."""

    async def one(service: str) -> list[Happened]:
        rows = await ground.rows(service, "SELECT position, id, type, envelope, sent_at IS NOT NULL AS sent FROM outbox ORDER BY position")
        told = [(row, json.loads(row["envelope"])) for row in rows]
        return [
            Happened(
                service,
                row["position"],
                str(row["id"]),
                row["type"],
                each["subject"],
                each["version"],
                row["sent"],
                each["data"],
                row["envelope"],
            )
            for row, each in told
        ]

    return [event for events in await asyncio.gather(*(one(service) for service in SERVICES)) for event in events]


async def inboxes(ground: Ground) -> dict[str, set[str]]:
    """The ids each service has heard."""
    rows = await asyncio.gather(*(ground.rows(service, "SELECT event_id FROM inbox") for service in SERVICES))
    return {service: {str(row["event_id"]) for row in found} for service, found in zip(SERVICES, rows, strict=True)}


async def at_rest(ground: Ground, within: float = 60.0) -> tuple[float, str]:
    """Wait until all that was recorded is sent and heard, and no choice waits for its bed; the seconds, and what still moves."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        moving = await _moving(ground)
        if not moving or loop.time() - began > within:
            return loop.time() - began, moving
        await asyncio.sleep(0.5)


async def _moving(ground: Ground) -> str:
    events = await outboxes(ground)
    if unsent := Counter(event.service for event in events if not event.sent):
        return f"not sent: {dict(unsent)}"
    heard = await inboxes(ground)
    late = Counter(f"{hearer} {event.type}" for event in events for hearer in HEARD_BY[event.type] if event.id not in heard[hearer])
    if late:
        return f"not heard: {dict(late)}"
    selected = await ground.rows("matching", "SELECT offer FROM offers WHERE state = 'selected'")
    return f"{len(selected)} choices wait for their bed" if selected else ""


TABLES = {
    "placements": ("referrals", "SELECT * FROM placements"),
    "sought": (
        "referrals",
        "SELECT r.*, (SELECT count(*) FROM referral_children c WHERE c.organisation = r.organisation AND c.referral = r.id) AS children "
        "FROM referrals r",
    ),
    "placed_children": ("referrals", "SELECT referral, child FROM referral_children"),
    "disclosures": ("referrals", "SELECT * FROM disclosures"),
    "households": ("providers", "SELECT organisation, reference FROM households"),
    "vacancies": ("providers", "SELECT * FROM vacancies"),
    "holds": ("providers", "SELECT * FROM holds"),
    "offers": ("matching", "SELECT * FROM offers"),
    "matching_vacancies": ("matching", "SELECT vacancy, free_beds, is_open FROM vacancies"),
    "matching_referrals": ("matching", "SELECT council, referral, state FROM referrals"),
    "opportunities": ("matching", "SELECT referral, provider, council FROM opportunities"),
    "declines": ("matching", "SELECT referral, provider FROM declines WHERE taken_back_at IS NULL"),
    "decisions": ("matching", "SELECT decision, referral, offer, council FROM decisions"),
    "notices": ("matching", "SELECT organisation, type, referral, offer, subject FROM notices"),
    "heard": ("monitoring", "SELECT id FROM heard"),
}


async def gather(asking: Asking, since: int, dead_expected: Mapping[str, int]) -> Evidence:
    """Wait for rest, then look everywhere."""
    ground = asking.ground
    seconds, restless = await at_rest(ground)
    bus = transport.connect(ground.broker.url, prefix=ground.deployment.extra["QUEUE_PREFIX"], name="faults")
    try:
        depths = {service: await bus.depth(service) for service in SERVICES}
    finally:
        await bus.close()
    tables = {name: await ground.rows(service, query) for name, (service, query) in TABLES.items()}
    referrals = [one for council in COUNCILS for one in await asking.every("referrals", council, "/referrals")]
    placements = [one for council in COUNCILS for one in await asking.every("referrals", council, "/placements")]
    offers = [one for agency in AGENCIES for one in await asking.every("matching", agency, "/offers")]
    shown = {agency: [one["referral"] for one in await asking.every("matching", agency, "/opportunities")] for agency in AGENCIES}
    return Evidence(
        ground,
        asking,
        asking.sent[since:],
        await outboxes(ground),
        await inboxes(ground),
        depths,
        referrals,
        placements,
        offers,
        shown,
        tables,
        dead_expected,
        seconds,
        restless,
    )
