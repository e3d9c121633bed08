"""Creating a referral: POST /referrals on one api process beside the same statements by pgbench."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID

import asyncpg
import httpx

from referrals.store.vault import Keyring
from shared import clock
from tests.bench.captured import FRESH, Script, Statement, pgbench_script
from tests.bench.demand import CHILD, COUNCIL, new_referral, seal_children
from tests.bench.figures import Figure, Section, at_least, at_most, milliseconds, rate, spread
from tests.bench.ground import Ground, prepared
from tests.bench.inside import PROFILED, capture, where_the_time_goes
from tests.bench.programs import Answered, pgbench, wrk
from tests.bench.progress import say, step

NAME = "creating"
CLIENTS = 10
CONNECTIONS = 32
MOST = {f"wrk, {CONNECTIONS}": 2500, "wrk, 4": 2000, f"pgbench, {CLIENTS}": 6000, "pgbench, 4": 6000, "pgbench, 1": 2500}
"""More a second than either side has ever done: so many children are kept for each turn."""
FEW = 5
"""Turns with four connections: one flush of the disk that takes a tenth of a second decides the p99 of the turn it falls in."""
MOST_MEMORY = 150e6
LUA = """
local number = tonumber(os.getenv("FIRST_CHILD"))
local before, after = os.getenv("BODY_BEFORE"), os.getenv("BODY_AFTER")
local headers = {["Content-Type"] = "application/json", ["Authorization"] = os.getenv("AUTHORIZATION")}
request = function()
  number = number + 1
  return wrk.format("POST", "/referrals", headers, before .. string.format("%012d", number) .. after)
end
-- wrk has added, for each slow answer, the requests that the connection would have sent meanwhile: this takes them out again.
sent = function(summary, latency, share)
  local interval = math.floor(summary.duration / math.floor(summary.requests / tonumber(os.getenv("CONNECTIONS"))))
  local added, count, total = {}, {}, 0
  for i = #latency, 1, -1 do
    local time, counted = latency(i)
    count[i] = counted - (added[time] or 0)
    total = total + count[i]
    if time >= 2 * interval then
      local missed = time - interval
      while missed > interval do
        added[missed] = (added[missed] or 0) + count[i]
        missed = missed - interval
      end
    end
  end
  local so_far = 0
  for i = 1, #latency do
    so_far = so_far + count[i]
    if so_far >= total * share then return (latency(i)) end
  end
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("counted requests=%d microseconds=%d p50=%.1f p99=%.1f sent=%.1f wrong=%d broken=%d\\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), sent(summary, latency, 0.99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""


async def measure(quick: bool) -> Section:
    """Both sides in turn, A B B A, on one database."""
    seconds = 2.0 if quick else 5.0
    async with prepared("referrals") as ground:
        bench = Creating(ground, seconds, turns=dict.fromkeys(MOST, 2) | {f"pgbench, {CLIENTS}": 3, "wrk, 4": FEW})
        await bench.prepare()
        async with ground.running("referrals", "api") as http:
            return await bench.section(http)


@dataclass
class _Turn:
    """How many children a turn may use up, and how fast it could at most be."""

    seconds: float

    def children(self, per_second: int) -> int:
        return int((self.seconds + 0.5) * per_second)


class Creating:
    """One database with children enough for every turn, and both load generators on it. ``turns``: how many of which kind there will be."""

    def __init__(self, ground: Ground, seconds: float, *, turns: Mapping[str, int]) -> None:
        self.ground = ground
        self.turn = _Turn(seconds)
        self.script: Script
        self.administrator: asyncpg.Connection
        self.statements: list[Statement] = []
        self.used = 2  # the requests that were captured used the first two
        self.wanted = sum(count * self.turn.children(MOST[kind]) for kind, count in turns.items()) + PROFILED

    async def prepare(self) -> None:
        """The lot, the children, and what one request asks of the database."""
        self.administrator = administrator = await self.ground.administrator("referrals")
        await administrator.execute(
            """INSERT INTO lots (lot, organisation, framework, title, kinds, starts_on, ends_on, version)
               VALUES ('general', 'consortium', 'south', 'General', ARRAY['short_term'], $1, $2, 1)""",
            clock.today() - timedelta(days=400),
            clock.today() + timedelta(days=1000),
        )
        with step(f"creating: sealing {self.wanted:,} children, one for each referral, since a child has one open referral at most"):
            await seal_children(administrator, Keyring(str(self.ground.vault_keys()), development=False), self.wanted + 2)
        self.statements = await capture(self.ground)
        self.script = await _as_script(administrator, self.statements)
        (self.ground.folder / "create.sql").write_text(self.script.text)
        (self.ground.folder / "create.lua").write_text(LUA)

    async def ours(self, connections: int) -> Answered:
        say(f"creating: POST /referrals, {connections} connections")
        first = self._take(self.turn.children(MOST[f"wrk, {connections}"]))
        body = json.dumps(new_referral(CHILD.format(0)))
        before, after = body.split("-8000-000000000000")
        environment = {
            "FIRST_CHILD": str(first),
            "BODY_BEFORE": f"{before}-8000-",
            "BODY_AFTER": after,
            "CONNECTIONS": str(connections),
            "AUTHORIZATION": self.ground.signed_in(str(COUNCIL), "placements_officer")["Authorization"],
        }
        url = f"http://127.0.0.1:{self.ground.ports['referrals']}"
        lua = self.ground.folder / "create.lua"
        answered = await wrk(url, lua, connections=connections, seconds=self.turn.seconds, environment=environment)
        await asyncio.sleep(0.5)
        return answered

    async def beside(self, clients: int) -> Answered:
        say(f"creating: the same statements by pgbench, {clients} client{'s' if clients > 1 else ''}")
        first = self._take(self.turn.children(MOST[f"pgbench, {clients}"]))
        variables = {**self.script.variables, "i": "-1", "base": str(first), "clients": str(clients)}
        before = await self._demands()
        answered = await pgbench(
            self.ground.databases["referrals"].app_url,
            self.ground.folder / "create.sql",
            variables,
            clients=clients,
            seconds=self.turn.seconds,
            log_folder=self.ground.folder,
        )
        left = await self._demands() - before
        # wrk leaves when its time is up, and the requests it leaves behind are done meanwhile.
        if not 0 <= left - answered.count <= CONNECTIONS:
            raise RuntimeError(f"pgbench did not do the same work: {answered.count} transactions left {left} referrals with a child")
        return answered

    async def _demands(self) -> int:
        return int(await self.administrator.fetchval("SELECT count(*) FROM referral_children WHERE open_demand"))

    def _take(self, children: int) -> int:
        first, self.used = self.used, self.used + children
        return first

    async def section(self, http: httpx.AsyncClient) -> Section:
        await _warm(http, self.ground)
        await self.beside(CLIENTS)  # a database in use: rows, and statistics of them as autovacuum keeps them
        await self.administrator.execute("ANALYZE")
        before, idle = await busy_seconds(http), self.ground.processes[-1].memory()
        a1, b1 = await self.ours(CONNECTIONS), await self.beside(CLIENTS)
        b2, a2 = await self.beside(CLIENTS), await self.ours(CONNECTIONS)
        busy, loaded = await busy_seconds(http) - before, self.ground.processes[-1].memory()
        await self.administrator.execute("CHECKPOINT")  # what the turns before wrote is on the disk before single requests are timed
        few1, alone1 = await self.ours(4), await self.beside(1)
        alone2, few2 = await self.beside(1), await self.ours(4)
        few = [few1, few2, *[await self.ours(4) for _ in range(FEW - 2)]]
        four = [await self.beside(4), await self.beside(4)]
        memory = self.ground.processes[-1].memory()
        ours, beside = [a1.per_second, a2.per_second], [b1.per_second, b2.per_second]
        await self.administrator.close()
        say("creating: where the time goes")
        parts = await where_the_time_goes(self.ground, self._take(PROFILED))
        p99, p50 = median([each.p99 for each in few]), median([alone1.p50, alone2.p50])
        sent = median([each.p99_sent for each in few])
        return Section(
            "Creating a referral",
            f"`POST /referrals` on one api process (uvicorn, one worker), asked by `wrk -t1 -c{CONNECTIONS}`, beside the "
            f"same statements by `pgbench -M prepared -c {CLIENTS} -j 2` on the same database; {self.turn.seconds:g} s each, in turn "
            "A B B A, medians.",
            [
                at_least(
                    f"referrals created, {CONNECTIONS} connections",
                    0.20,
                    median(ours),
                    median(beside),
                    measured=f"{rate(median(ours))} {spread(ours)}, p50 {milliseconds(median([a1.p50, a2.p50]))}, "
                    f"p99 {milliseconds(median([a1.p99, a2.p99]))}",
                    against=f"{rate(median(beside))} {spread(beside)}",
                ),
                at_most(
                    "p99 at 4 connections, by p50 of pgbench with one client",
                    10,
                    p99,
                    p50,
                    measured=f"{milliseconds(p99)} (p50 {milliseconds(median([each.p50 for each in few]))}; {FEW} turns: "
                    f"{', '.join(milliseconds(each.p99) for each in few)})",
                    against=milliseconds(p50),
                ),
                Figure(
                    "the same of the requests that were sent, as pgbench counts",
                    f"{milliseconds(sent)} ({', '.join(milliseconds(each.p99_sent) for each in few)})",
                    milliseconds(p50),
                    f"{sent / p50:.2g}",
                ),
                Figure(
                    "that p99 without Hearth: pgbench with 4 clients",
                    milliseconds(median([each.p99 for each in four])),
                    f"{milliseconds(median([each.p50 for each in four]))} p50",
                ),
                Figure("processor time of the api process, one request", milliseconds(busy / (a1.count + a2.count))),
                Figure(
                    "memory of the api process after the load, its own",
                    f"{memory / 1e6:.0f} MB",
                    f"{idle / 1e6:.0f} MB before, {loaded / 1e6:.0f} MB half way",
                    goal=f"<= {MOST_MEMORY / 1e6:.0f} MB, flat",
                    met=memory <= MOST_MEMORY and memory <= 1.1 * loaded,
                ),
                Figure("time in the database of one request alone", milliseconds(sum(each.seconds for each in self.statements))),
            ],
            [
                "pgbench's script is made from what one real request sent (below): the same statements, the same parameters, new ids each "
                "time, BEGIN and the organisation's setting in one message on both sides.",
                "The one parameter that is NULL (no earlier referral is named) is written into the script, since pgbench cannot send one.",
                "A child has one open referral at most, so each referral of either side is for a child of its own, sealed beforehand; "
                "every request opens its child's record to work out the age.",
                f"Where one request's processor time goes, by profile: {parts}.",
                "Measured on a database in use: pgbench filled it for one turn before, and its statistics were brought up to date. Before "
                "the turns with few connections a checkpoint brought what the turns before had written to the disk.",
                "Memory is what the process holds for itself; libraries and the postcode index are files that processes share. Before is "
                "after its start and a warm-up, half way after the turns with 32 connections.",
                "The relay does not run meanwhile; its share is measured with the events.",
                "wrk counts into its p99 the requests that it would have sent while it waited for an answer; pgbench does not.",
            ],
            self.script.text,
        )


async def _as_script(administrator: asyncpg.Connection, statements: list[Statement]) -> Script:
    reply = statements.pop()
    fresh = {UUID(CHILD.format(1)): FRESH.replace("4000-9000", "4000-8000"), reply.args[0]: "lpad((:n)::text, 9, '0')"}
    return await pgbench_script(administrator, statements, fresh=fresh)


async def _warm(http: httpx.AsyncClient, ground: Ground) -> None:
    for _ in range(20):
        (await http.get("/referrals?limit=1", headers=ground.signed_in(str(COUNCIL), "placements_officer"))).raise_for_status()


async def busy_seconds(http: httpx.AsyncClient) -> float:
    """The processor time the api process has used since its start, by its own metrics."""
    lines = (await http.get("/metrics")).text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("process_cpu_seconds_total")))
