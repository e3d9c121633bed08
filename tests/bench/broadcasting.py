"""Broadcast: from the council's POST until the last provider of the lot can see the opportunity."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from random import Random
from statistics import median
from uuid import UUID

import asyncpg
import httpx

from matching.app import SERVICE as MATCHING
from referrals.app import SERVICE as REFERRALS
from referrals.store.vault import Keyring
from shared import ids
from tests.bench.captured import heard_all, listening
from tests.bench.consortium import (
    COUNCIL,
    agency_news,
    answered,
    council_news,
    decided_referral,
    lot_news,
    tell,
    tiers_news,
    until,
    until_answered,
)
from tests.bench.demand import CHILD, SENT_ALL_THE_SAME, new_referral, seal_children
from tests.bench.events import broadcast_event
from tests.bench.figures import Figure, Section, at_most, milliseconds, percentile
from tests.bench.ground import Ground, commit_times, prepared
from tests.bench.homes import agency
from tests.bench.progress import say
from tests.running.services import RunningService

NAME = "broadcasting"
LOTS = {"general": 330, "complex": 60}
IDLE_SECONDS = 2.3
"""After so long without an event a relay looks for one less often."""
WRITES = 30


async def measure(quick: bool) -> Section:
    """Referrals and matching as processes of their own, then the statement alone."""
    async with prepared("referrals", "matching") as ground:
        bench = _Broadcasting(ground, 10 if quick else 40, 3 if quick else 10)
        await bench.prepare()
        async with ground.all_running("referrals", "matching") as http:
            await bench.run(http["referrals"], http["matching"])
        await bench.statement()
        return bench.section()


@dataclass
class _Seen:
    """Seconds from before the POST: until the last provider's row was committed, and until its GET showed it."""

    committed: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)


@dataclass
class _Broadcasting:
    ground: Ground
    runs: int
    idle_runs: int
    seen: dict[str, _Seen] = field(default_factory=dict)
    statements: list[float] = field(default_factory=list)
    handled: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    children: int = 0

    async def prepare(self) -> None:
        administrator = await self.ground.administrator("referrals")
        needed = (self.runs + 1) * len(LOTS) + self.idle_runs + 1 + WRITES
        await seal_children(administrator, Keyring(str(self.ground.vault_keys()), development=False), needed)
        await administrator.close()

    async def run(self, referrals: httpx.AsyncClient, matching: httpx.AsyncClient) -> None:
        administrator = await self.ground.administrator("matching")
        in_referrals = await self.ground.administrator("referrals")
        say("broadcasting: telling of 330 agencies, two lots and their tiers")
        news = [council_news(), *(lot_news(lot) for lot in LOTS), *(agency_news(number) for number in range(max(LOTS.values())))]
        await tell(self.ground, [*news, *(tiers_news(lot, agencies) for lot, agencies in LOTS.items())])
        await until(administrator, "SELECT count(*) = $1 FROM tier_lines", sum(LOTS.values()), what="the tiers")
        await until(in_referrals, "SELECT count(*) = $1 FROM lots", len(LOTS), what="the lots")
        await in_referrals.close()
        for lot, agencies in sorted(LOTS.items(), key=lambda pair: pair[1]):
            say(f"broadcasting: to {agencies} agencies, {self.runs} times")
            self.seen[f"{agencies}"] = await self._broadcasts(administrator, referrals, matching, lot, self.runs, idle=False)
        say(f"broadcasting: after a pause each, {self.idle_runs} times")
        self.seen["idle"] = await self._broadcasts(administrator, referrals, matching, "general", self.idle_runs, idle=True)
        await administrator.close()

    async def _broadcasts(
        self,
        administrator: asyncpg.Connection,
        referrals: httpx.AsyncClient,
        matching: httpx.AsyncClient,
        lot: str,
        times: int,
        *,
        idle: bool,
    ) -> _Seen:
        officer = self.ground.signed_in(str(COUNCIL), "placements_officer")
        last = agency(LOTS[lot] - 1)
        provider = self.ground.signed_in(f"agency:{last}", "referrals_officer")
        seen, pick = _Seen(), Random(lot)
        for number in range(times + 1):
            referral = await decided_referral(referrals, officer, self._next_child(), lot)
            await asyncio.sleep(IDLE_SECONDS if idle else pick.uniform(0.05, 0.15))
            # The two clocks compared are one machine's: PostgreSQL stamps commits by it too.
            began = time.time()
            await answered(await referrals.post(f"/referrals/{referral}/broadcast", json=SENT_ALL_THE_SAME, headers=officer))
            await until_answered(matching, f"/opportunities/{referral}", provider)
            shown = time.time() - began
            committed = await _committed(administrator, referral, last) - began
            if number:  # the first warms every process
                seen.shown.append(shown)
                seen.committed.append(committed)
        return seen

    def _next_child(self) -> int:
        self.children += 1
        return self.children

    async def statement(self) -> None:
        """The handler's statement for 330 agencies, and one plain referral write, each as the driver saw them; in turn."""
        say("broadcasting: the handler's statement beside a plain referral write")
        options = {"pool_size": 1, "development": False, "vault_keys_file": str(self.ground.vault_keys())}
        async with contextlib.AsyncExitStack() as stack:
            services = {}
            for service in (MATCHING, REFERRALS):
                urls: dict[str | None, tuple[str, str]] = {None: (self.ground.databases[service.name].app_url, "")}
                services[service.name] = RunningService.start(service, urls, self.ground.key, **options)
                stack.push_async_callback(services[service.name].close)
            matching, referrals = services["matching"], services["referrals"]
            in_matching = stack.enter_context(listening(matching.databases.shared))
            in_referrals = stack.enter_context(listening(referrals.databases.shared))
            http = await stack.enter_async_context(referrals.as_(str(COUNCIL), "placements_officer"))
            for number in range(WRITES):
                await heard_all()
                in_matching.take()
                in_referrals.take()
                referral = ids.new_id()
                event = broadcast_event(referral)
                await matching.deliver(event, subject=str(referral), organisation=str(COUNCIL), council=COUNCIL.code, version=4)
                await answered(await http.post("/referrals", json=new_referral(CHILD.format(self._next_child()))))
                await heard_all()
                handled, written = in_matching.take(), in_referrals.take()
                if number >= 5:
                    self.statements.append(sum(each.seconds for each in handled if "INSERT INTO opportunities" in each.query))
                    self.handled.append(sum(each.seconds for each in handled))
                    self.writes.append(sum(each.seconds for each in written))

    def section(self) -> Section:
        figures = []
        names = {"60": "60 agencies", "330": "330 agencies", "idle": "330 agencies, relay and consumers idle before"}
        for key, seen in self.seen.items():
            for share, name in ((0.5, "p50"), (0.95, "p95")):
                figures.append(
                    Figure(
                        f"POST broadcast until the last of {names[key]} can see it, {name}",
                        milliseconds(percentile(seen.committed, share)),
                        f"{milliseconds(percentile(seen.shown, share))} until its GET answered",
                    )
                )
        write = median(self.writes)
        for name, values in (("the handler's statement for 330 agencies", self.statements), ("its whole transaction", self.handled)):
            figures.append(
                at_most(
                    f"{name}, by one plain referral write",
                    5,
                    median(values),
                    write,
                    measured=milliseconds(median(values)),
                    against=milliseconds(write),
                )
            )
        return Section(
            "Broadcast: until the last provider can see it",
            "Api, consume and relay of referrals and of matching are processes of their own, on RabbitMQ. The clock runs from before "
            "`POST /referrals/{id}/broadcast` is sent until the row of the last agency on the list is committed in matching (from then on "
            f"its `GET /opportunities/{{id}}` shows it). {self.runs} broadcasts a size, a tenth of a second apart.",
            figures,
            [
                "All providers' rows come from one `INSERT … SELECT` in one transaction, so first and last see it at the same moment.",
                "Beside: asked over HTTP every 4 ms, with the polls' own load.",
                "A plain referral write is every statement of one `POST /referrals`, BEGIN to COMMIT, on the same connection's clock; each "
                f"median of {len(self.writes)}, in turn.",
            ],
        )


async def _committed(administrator: asyncpg.Connection, referral: str, last: str) -> float:
    written_in = await administrator.fetchval(
        "SELECT xmin::text::bigint FROM opportunities WHERE referral = $1 AND provider = $2", UUID(referral), f"agency:{last}"
    )
    return (await commit_times(administrator, [written_in]))[written_in]
