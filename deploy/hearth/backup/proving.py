"""Whether restored databases are one Hearth again: what must hold whatever happened, asked of the databases themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from hearth.arrangement import SERVICES
from hearth.backup.places import Place
from hearth.backup.replaying import Listener, Replayed, recorded
from hearth.progress import step
from monitoring.actions import rebuilding
from referrals.actions import ledger
from shared import tenancy
from shared.contracts import HEARD_BY
from shared.organisation import Organisation

SHOWN = 5


@dataclass(frozen=True)
class Proof:
    """One thing that must hold: in words, how much was looked at, and what breaks it by name."""

    words: str
    looked_at: int
    broken: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """As it is printed."""
        if not self.broken:
            return f"  holds   {self.words} ({self.looked_at} looked at)"
        more = f" and {len(self.broken) - SHOWN} more" if len(self.broken) > SHOWN else ""
        return f"  BROKEN  {self.words}: {'; '.join(self.broken[:SHOWN])}{more}"


@dataclass(frozen=True)
class Restored:
    """What is to be proved: the databases, their services, and what the replay did."""

    places: Sequence[Place]
    connections: Mapping[str, asyncpg.Connection]
    services: Mapping[str, Listener]
    since: datetime
    replayed: Replayed

    async def rows(self, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Rows of every database of a service."""
        return [row for place in self.places if place.service == service for row in await self.connections[place.name].fetch(sql, *values)]


async def prove(restored: Restored) -> list[Proof]:
    """Every invariant, asked one after the other."""
    asked: Sequence[Callable[[Restored], Awaitable[Iterable[Proof]]]] = (
        _heard_once,
        _nobody_ahead,
        _beds,
        _offers,
        _placements,
        _erased,
        _figures,
        _ledgers,
    )
    found: list[Proof] = []
    with step("Proving that the services agree", len(asked)) as progress:
        for ask in asked:
            found += await ask(restored)
            progress.done()
    return found


async def _heard_once(restored: Restored) -> Iterable[Proof]:
    looked_at, missing = 0, []
    for place in restored.places:
        async for _, events in recorded(restored.connections[place.name], restored.since):
            for name, listener in restored.services.items():
                heard = [each for each in events if name in HEARD_BY.get(each.type, ())]
                looked_at += len(heard)
                for envelope in await listener.has_not_heard(heard):
                    why = restored.replayed.failed.get((name, envelope.id), envelope.type)
                    missing.append(f"{name} has not heard {envelope.id} ({why})")
    return [Proof("Every recorded event was heard once by each service that hears it", looked_at, tuple(missing))]


async def _nobody_ahead(restored: Restored) -> Iterable[Proof]:
    # Half of the time an event is kept: one may be heard long after it was sent, and is forgotten by when it was sent.
    newest = max([await each.fetchval("SELECT max(heard_at) FROM inbox") or restored.since for each in restored.connections.values()])
    since = restored.since + max((newest - restored.since) / 2, timedelta(0))
    said: set[UUID] = set()
    for service in SERVICES:
        said |= {row["id"] for row in await restored.rows(service, "SELECT id FROM outbox")}
    looked_at, ahead = 0, []
    for service in SERVICES:
        # What a council brought in as its past was never on the bus.
        past = (
            "AND NOT EXISTS (SELECT FROM heard WHERE id = event_id AND NOT envelope->>'source' = ANY($2))"
            if service == "monitoring"
            else ""
        )
        values = (since, [f"/{each}" for each in SERVICES]) if past else (since,)
        for row in await restored.rows(service, f"SELECT event_id FROM inbox WHERE heard_at > $1 {past}", *values):  # noqa: S608 - our own words
            looked_at += 1
            if row["event_id"] not in said:
                ahead.append(f"{service} heard {row['event_id']}, which nobody said")
    return [Proof("No service has heard what no other has said", looked_at, tuple(ahead))]


async def _beds(restored: Restored) -> Iterable[Proof]:
    number = sum(row["count"] for row in await restored.rows("providers", "SELECT count(*) FROM vacancies"))
    twice = await restored.rows(
        "providers",
        """SELECT household.id FROM households household
        JOIN (SELECT household, sum(beds) AS taken FROM holds WHERE state <> 'freed' GROUP BY household) hold
            ON hold.household = household.id
        WHERE hold.taken > household.places AND household.exemptions = '[]'
        UNION SELECT household FROM vacancies WHERE free_beds < 0""",
    )
    return [Proof("No bed is promised twice", number, _named("household", twice))]


async def _offers(restored: Restored) -> Iterable[Proof]:
    number = sum(row["count"] for row in await restored.rows("matching", "SELECT count(*) FROM offers"))
    twice = await restored.rows(
        "matching", "SELECT referral FROM offers WHERE state IN ('selected', 'confirmed') GROUP BY council, referral HAVING count(*) > 1"
    )
    states = await restored.rows(
        "matching",
        """SELECT offer FROM offers LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE outcome = 'confirmed') AS confirmed
            FROM decisions JOIN decision_outcomes USING (council, decision)
            WHERE decisions.council = offers.council AND decisions.offer = offers.offer) decided ON true
        WHERE (state = 'confirmed' AND confirmed <> 1) OR state NOT IN
            ('made', 'shortlisted', 'selected', 'confirmed', 'refused', 'released', 'withdrawn')""",
    )
    return [
        Proof("No referral has two accepted offers", number, _named("referral", twice)),
        Proof("Every offer is in one state, confirmed only by one decision", number, _named("offer", states)),
    ]


async def _placements(restored: Restored) -> Iterable[Proof]:
    placements = await restored.rows("referrals", "SELECT id, offer, hold, state FROM placements")
    placed = {row["offer"] for row in placements}
    confirmed = await restored.rows("matching", "SELECT offer FROM offers WHERE state = 'confirmed'")
    open_holds = [row["hold"] for row in placements if row["state"] in ("agreed", "started")]
    over = {row["id"] for row in placements if row["state"] in ("ended", "cancelled")}
    taken = await restored.rows("providers", "SELECT id, placement FROM holds WHERE state <> 'freed' AND placement IS NOT NULL")
    return [
        Proof(
            "Every confirmed offer has its placement",
            len(confirmed),
            tuple(f"offer {row['offer']}" for row in confirmed if row["offer"] not in placed),
        ),
        Proof(
            "No bed is held by two placements",
            len(open_holds),
            tuple(f"hold {id}" for id, times in Counter(open_holds).items() if times > 1),
        ),
        Proof(
            "No bed is kept for a placement that is over",
            len(taken),
            tuple(f"hold {row['id']}" for row in taken if row["placement"] in over),
        ),
    ]


async def _erased(restored: Restored) -> Iterable[Proof]:
    number = sum(row["count"] for row in await restored.rows("referrals", "SELECT count(*) FROM erasures WHERE state = 'done'"))
    readable = await restored.rows(
        "referrals",
        """SELECT id FROM children WHERE erased_at IS NOT NULL AND EXISTS (SELECT FROM data_keys WHERE subject = children.id)
        UNION SELECT child FROM erasures WHERE state = 'done' AND EXISTS (SELECT FROM data_keys WHERE subject = erasures.child)""",
    )
    return [Proof("What was erased stays erased", number, _named("child", readable))]


async def _figures(restored: Restored) -> Iterable[Proof]:
    found = await rebuilding.rebuild(restored.services["monitoring"].databases, write=False)
    broken = tuple(f"{each.kind.replace('_', ' ')} {each.table} {each.key}" for each in found.differences)
    return [Proof("Every fact and count of monitoring equals a rebuild from the log of events", found.facts + found.counted, broken)]


async def _ledgers(restored: Restored) -> Iterable[Proof]:
    lines, broken = 0, []
    databases = restored.services["referrals"].databases
    for row in await restored.rows("referrals", "SELECT DISTINCT organisation FROM ledger_heads"):
        council = Organisation.parse(row["organisation"])
        async with tenancy.snapshot(databases, council) as transaction:
            found = await ledger.verify(transaction, None)
        lines += found.whole_to.line
        if found.broken is not None:
            broken.append(f"{council.code} at line {found.broken.line}")
    return [Proof("Every council's disclosure ledger is whole", lines, tuple(broken))]


def _named(what: str, rows: Iterable[asyncpg.Record]) -> tuple[str, ...]:
    return tuple(f"{what} {row[0]}" for row in rows)
