"""Each list and page of the journey at England's size, beside a hundredth of it."""

from __future__ import annotations

import importlib
import time
from collections import defaultdict
from dataclasses import dataclass

from shared import clock, long_lived
from tests.bench.england import AGENCIES, COUNCILS, England, fill
from tests.bench.england_pages import asked
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


@dataclass(frozen=True)
class Measured:
    """One size: how long each page took, and filling the tables."""

    size: England
    times: dict[str, list[float]]
    filled_in: float
    bytes_kept: int

    def p95(self, name: str) -> float:
        """Of one page."""
        return percentile(self.times[name], 0.95)


async def measure(quick: bool, share: float = 0.1) -> Section:
    """A hundredth, then ``share`` of England."""
    turns = 5 if quick else 20
    small, large = England.share(SMALL), England.share(0.02 if quick else share)
    return section(await _measured(small, turns), await _measured(large, turns), 0.02 if quick else share, turns)


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
        f"{turns} times, each for another council, agency and referral.",
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


async def _measured(size: England, turns: int) -> Measured:
    times: dict[str, list[float]] = defaultdict(list)
    filled_in, kept = 0.0, 0
    for name in SERVICES:
        async with prepared(name) as ground:
            began = time.perf_counter()
            kept += await _filled(ground, name, size)
            filled_in += time.perf_counter() - began
            say(f"england: {name} filled with {size.in_words}; its pages")
            await _asked(ground, name, size, turns, times)
    return Measured(size, times, filled_in, kept)


async def _filled(ground: Ground, service: str, size: England) -> int:
    administrator = await ground.administrator(service)
    await fill(administrator, service, size, lambda words: say(f"england: filling {words}"))
    kept = await administrator.fetchval("SELECT pg_database_size(current_database())")
    await administrator.close()
    return int(kept)


async def _asked(ground: Ground, name: str, size: England, turns: int, times: dict[str, list[float]]) -> None:
    declared = importlib.import_module(f"{name}.app").SERVICE
    service = RunningService.start(declared, {None: (ground.databases[name].app_url, "")}, ground.key, reads_a_minute=0)
    long_lived.set_aside()  # as a service's own process does
    said = clock.now()
    for turn in range(turns + 1):
        for one in asked(size, turn):
            if one.service != name:
                continue
            async with service.as_(one.organisation) as http:
                began = time.perf_counter()
                reply = await http.get(one.address)
                took = time.perf_counter() - began
            if reply.status_code != 200:
                raise RuntimeError(f"{one.name}: {reply.status_code} {reply.text[:300]}")
            if turn:  # the first of each loads what is loaded once, and warms the connections
                times[one.name].append(took)
            if (clock.now() - said).total_seconds() > 5:
                said = clock.now()
                say(f"england: {name}, turn {turn} of {turns}")
    await service.close()
