"""Each list and page of the journey at England's size, beside a hundredth of it."""

from __future__ import annotations

import importlib
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shared import clock, long_lived
from tests.bench.england import AGENCIES, COUNCILS, England, fill
from tests.bench.england_pages import Asked, asked
from tests.bench.figures import Figure, Section, at_most, milliseconds, percentile
from tests.bench.ground import Ground, prepared
from tests.bench.progress import say
from tests.running.services import RunningService

NAME = "england_size"
SERVICES = ("referrals", "matching", "providers")
SMALL = 0.01
GOAL = 3
SHORTEST = 0.020
"""A page quicker than this at the larger size is quick enough, whatever it took at the smaller: a tick of the scheduler is as long."""


@dataclass
class Measured:
    """One size: how long each page took, and filling the tables."""

    size: England
    times: dict[str, list[float]]
    filled_in: float = 0.0
    bytes_kept: int = 0

    def p95(self, name: str) -> float:
        """Of one page."""
        return percentile(self.times[name], 0.95)


async def measure(quick: bool, share: float = 0.1) -> Section:
    """A hundredth beside ``share`` of England: each page of one, then the same of the other, so that both have the same weather."""
    turns, share = (5, 0.02) if quick else (20, share)
    small, large = (Measured(England.share(each), defaultdict(list)) for each in (SMALL, share))
    for name in SERVICES:
        async with prepared(name) as beside, prepared(name) as ground:
            sides = [_Side(small, beside, name), _Side(large, ground, name)]
            for side in sides:
                await side.fill()
            await _asked(sides, turns)
    return section(small, large, share, turns)


def section(small: Measured, large: Measured, share: float, turns: int) -> Section:
    """The page furthest from its goal, the slowest, and all of them in a table."""
    growth = {name: large.p95(name) / small.p95(name) for name in large.times}
    worst = max(growth, key=lambda name: growth[name] if large.p95(name) > SHORTEST else growth[name] / 1000)
    slowest = max(large.times, key=large.p95)
    middle = percentile(growth.values(), 0.5)
    lines = [
        f"{milliseconds(large.p95(name)):>10}  {milliseconds(small.p95(name)):>10}  {growth[name]:5.2f}  {name}"
        for name in sorted(large.times, key=large.p95, reverse=True)
    ]
    rows = f"{large.size.referrals / small.size.referrals:.0f} times the referrals"
    return Section(
        f"Lists and pages at {share:g} of England",
        f"{COUNCILS} councils, {AGENCIES} agencies, three years: {large.size.in_words}, beside {small.size.in_words}. "
        "Rows are written by SQL; each service answers in this process, on PostgreSQL as elsewhere on this page; every page "
        f"{turns} times, each for another council, agency and referral, at one size and at the other in turn.",
        [
            at_most(
                f"the page that grows most ({worst}), p95, {rows}",
                GOAL,
                large.p95(worst),
                small.p95(worst),
                measured=milliseconds(large.p95(worst)),
                against=milliseconds(small.p95(worst)),
            ),
            Figure(f"growth of the usual page, p95, {rows}", f"{middle:.2f} times"),
            Figure(f"slowest page ({slowest}), p95", milliseconds(large.p95(slowest)), milliseconds(small.p95(slowest))),
            Figure("filling the tables", f"{large.filled_in:.0f} s", f"{large.bytes_kept / 1e9:.1f} GB with indexes"),
        ],
        [
            "The whole size is `python -m tests.bench --only england_size --england 1`: some minutes and some 15 GB.",
            "Councils, agencies and open referrals are as many at every size, so that a page shows the same and only what lies behind it "
            f"grows. A page under {milliseconds(SHORTEST)} at the larger size counts as met.",
            "A referral is sent to 20 agencies. Pages of figures are measured apart, with a made-up past that comes in as events.",
        ],
        "p95 large   p95 small   ratio  page\n" + "\n".join(lines),
    )


class _Side:
    """One service at one size."""

    def __init__(self, measured: Measured, ground: Ground, service: str) -> None:
        self.measured = measured
        self.ground = ground
        self.name = service

    async def fill(self) -> None:
        """Write its tables, and leave them as a database in use is: PostgreSQL would else clear up while pages are asked for."""
        began = time.perf_counter()
        administrator = await self.ground.administrator(self.name)
        await fill(administrator, self.name, self.measured.size, lambda words: say(f"england: filling {words}"))
        await administrator.execute("VACUUM")
        await administrator.execute("CHECKPOINT")
        self.measured.bytes_kept += int(await administrator.fetchval("SELECT pg_database_size(current_database())"))
        await administrator.close()
        self.measured.filled_in += time.perf_counter() - began
        say(f"england: {self.name} filled with {self.measured.size.in_words}")

    def start(self) -> RunningService:
        """The service in this process, on its tables."""
        declared = importlib.import_module(f"{self.name}.app").SERVICE
        return RunningService.start(declared, {None: (self.ground.databases[self.name].app_url, "")}, self.ground.key, reads_a_minute=0)


async def _asked(sides: Sequence[_Side], turns: int) -> None:
    services = [side.start() for side in sides]
    long_lived.set_aside()  # as a service's own process does
    said = clock.now()
    for turn in range(turns + 1):
        requests = [[one for one in asked(side.measured.size, turn) if one.service == side.name] for side in sides]
        for same in zip(*requests, strict=True):
            for side, service, one in zip(sides, services, same, strict=True):
                took = await _took(service, one)
                if turn:  # the first of each loads what is loaded once, and warms the connections
                    side.measured.times[one.name].append(took)
        if (clock.now() - said).total_seconds() > 5:
            said = clock.now()
            say(f"england: {sides[0].name}, turn {turn} of {turns}")
    for service in services:
        await service.close()


async def _took(service: RunningService, one: Asked) -> float:
    async with service.as_(one.organisation) as http:
        began = time.perf_counter()
        reply = await http.get(one.address)
        took = time.perf_counter() - began
    if reply.status_code != 200:
        raise RuntimeError(f"{one.name}: {reply.status_code} {reply.text[:300]}")
    return took
