"""More than ten times what one process can do is asked of it: what is taken is answered in time, the rest is told when to come again."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.bench.england import England, council, fill
from tests.bench.figures import Figure, Section, at_least, at_most, milliseconds, percentile, rate, within
from tests.bench.ground import Ground, prepared, run
from tests.bench.programs import wrk_program
from tests.bench.progress import say

NAME = "overload"
CONNECTIONS = 16
TIMES = 100
"""So many times the connections at which one process is busy all the time; each asks again as soon as it is answered or refused, so that
more than ten times is asked of what can be done, though who is turned away is told so in turn."""
CALLERS = 5
"""Callers apart, each asking ten times a second."""
IN_HAND = 100
"""Requests a process takes at once (REQUESTS_AT_ONCE): the last of them waits for the others."""
ADDRESS = "/referrals?limit=20"
RECOVERED_WITHIN = 30.0
LUA = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
accepted, refused, silent, other = 0, 0, 0, 0
request = function() return wrk.format("GET", os.getenv("ADDRESS"), {["Authorization"] = os.getenv("AUTHORIZATION")}) end
response = function(status, headers)
  if status == 200 then accepted = accepted + 1
  elseif status == 429 or status == 503 then
    refused = refused + 1
    if not (headers["retry-after"] or headers["Retry-After"]) then silent = silent + 1 end
  else other = other + 1 end
end
done = function(summary, latency)
  local t = threads[1]
  local errors = summary.errors
  io.write(string.format("counted accepted=%d refused=%d silent=%d other=%d broken=%d microseconds=%d\\n", t:get("accepted"),
    t:get("refused"), t:get("silent"), t:get("other"), errors.connect + errors.read + errors.write + errors.timeout, summary.duration))
end
"""


@dataclass
class Felt:
    """What the callers see who ask ten times a second throughout."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0


@dataclass(frozen=True)
class Counted:
    """What the load generator counted."""

    accepted: int
    refused: int
    silent: int
    other: int
    broken: int
    seconds: float


async def measure(quick: bool) -> Section:
    """At capacity, at ten times as much, and after."""
    seconds = 4.0 if quick else 15.0
    async with prepared("referrals") as ground:
        administrator = await ground.administrator("referrals")
        say("overload: filling")
        await fill(administrator, "referrals", England(20_000, 20_000, 19_800, bare=True))
        await administrator.close()
        (ground.folder / "overload.lua").write_text(LUA)
        async with ground.running("referrals", "api") as http:
            http.headers.update(ground.signed_in(council(7)))
            await _loaded(ground, CONNECTIONS, 2.0)  # warms up
            say(f"overload: {CONNECTIONS} connections, as much as one process can do")
            quiet, usual = await _felt_during(http, _loaded(ground, CONNECTIONS, seconds / 2))
            say(f"overload: {TIMES * CONNECTIONS} connections")
            felt, over = await _felt_during(http, _loaded(ground, TIMES * CONNECTIONS, seconds))
            recovered = await _until_as_before(http, percentile(quiet.times, 0.95))
            memory = ground.processes[-1].memory()
    return _section(quiet, usual, felt, over, recovered, memory)


def _section(quiet: Felt, usual: Counted, felt: Felt, over: Counted, recovered: float, memory: int) -> Section:
    capacity = usual.accepted / usual.seconds
    asked = (over.accepted + over.refused) / over.seconds
    answered = over.accepted / over.seconds
    p99 = percentile(felt.times, 0.99) if felt.times else float("inf")
    told = over.silent + over.other + over.broken + felt.without_retry_after
    return Section(
        "Overload",
        f"`GET {ADDRESS}` of one api process: `wrk -t1` with {CONNECTIONS} connections, then with {TIMES} times as many, which ask "
        f"again as soon as they are answered or refused. {CALLERS} callers apart ask ten times a second each throughout; their "
        "times are those of requests that were taken.",
        [
            Figure("answered a second at capacity", rate(capacity), f"p99 {milliseconds(percentile(quiet.times, 0.99))}"),
            Figure("answered a second meanwhile", rate(answered), rate(capacity), f"{answered / capacity:.2f}"),
            at_most(
                f"what was taken, p99, by the time {IN_HAND} requests take at capacity",
                3,
                p99,
                IN_HAND / capacity,
                measured=f"{milliseconds(p99)} ({len(felt.times)} requests)",
                against=milliseconds(IN_HAND / capacity),
            ),
            at_least("asked, by the capacity", 10, asked, capacity, measured=rate(asked), against=rate(capacity)),
            Figure(
                "refused, of all that was asked",
                f"{over.refused / max(1, over.accepted + over.refused):.0%}",
                goal="each 429 or 503 with Retry-After",
                met=told == 0,
            ),
            within("as quick as before after the end of the load", RECOVERED_WITHIN, recovered),
            Figure("memory of the process afterwards", f"{memory / 1e6:.0f} MB"),
        ],
        [
            f"Of the callers apart {sum(felt.statuses.values())} requests were "
            + ", ".join(f"{count} × {status}" for status, count in sorted(felt.statuses.items()))
            + ".",
            f"Replies that were neither taken nor told when to come again: {told}.",
            "The load generator shares the two cores, so what is answered under overload is less than at capacity by what refusing "
            "costs and by what the generator takes.",
        ],
        LUA,
    )


async def _loaded(ground: Ground, connections: int, seconds: float) -> Counted:
    url = f"http://127.0.0.1:{ground.ports['referrals']}"
    environment = {"ADDRESS": ADDRESS, "AUTHORIZATION": ground.signed_in(council(7))["Authorization"]}
    script = str(ground.folder / "overload.lua")
    command = (wrk_program(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", script, url)
    said = await run(*command, environment=environment)
    found = re.search(r"counted accepted=(\d+) refused=(\d+) silent=(\d+) other=(\d+) broken=(\d+) microseconds=(\d+)", said)
    if not found:
        raise RuntimeError(f"wrk said something unexpected:\n{said}")
    accepted, refused, silent, other, broken, microseconds = (int(part) for part in found.groups())
    return Counted(accepted, refused, silent, other, broken, microseconds / 1e6)


async def _felt_during(http: httpx.AsyncClient, load: object) -> tuple[Felt, Counted]:
    felt = Felt()
    running: asyncio.Task[Counted] = asyncio.ensure_future(load)  # type: ignore[arg-type]

    async def one_caller() -> None:
        while not running.done():
            due = time.perf_counter() + 0.1
            await _ask(http, felt)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    await asyncio.gather(*(one_caller() for _ in range(CALLERS)))
    return felt, await running


async def _ask(http: httpx.AsyncClient, felt: Felt) -> float:
    began = time.perf_counter()
    reply = await http.get(ADDRESS)
    took = time.perf_counter() - began
    felt.statuses[reply.status_code] += 1
    if reply.status_code == 200:
        felt.times.append(took)
    elif "retry-after" not in reply.headers:
        felt.without_retry_after += 1
    return took if reply.status_code == 200 else float("inf")


async def _until_as_before(http: httpx.AsyncClient, before: float) -> float:
    """Seconds until ten requests one after the other were taken and as quick as at capacity; at most a minute."""
    began, in_a_row, felt = time.perf_counter(), 0, Felt()
    while in_a_row < 10 and time.perf_counter() - began < 60:
        in_a_row = in_a_row + 1 if await _ask(http, felt) <= before else 0
    return time.perf_counter() - began
