"""`python -m tests.attack.by_the_clock`: whether the time of a refusal tells a thing that exists from one that does not.

Every endpoint with an id in its address is asked by every other kind of organisation, in turn for an id that a council's thing has and for
one that nobody has. For each, how often the first took longer than the second: a half of the time where nothing is told. Whatever is far
from a half is asked again with many more requests, since among hundreds some are far by chance. At the end the same of a service with a
mistake planted: it looks first. Ends with 1 when an endpoint can be told apart, or the planted one cannot.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import itertools
import math
import sys
import time
from dataclasses import dataclass
from statistics import median

import httpx

from shared import logs
from shared.contracts import SERVICES
from shared.organisation import Kind
from tests.attack.one_council import NOWHERE, OTHERS, THERE, LooksFirst, Question, fill, of_others
from tests.bench.progress import step
from tests.running.child import end_all
from tests.running.databases import TestDatabases
from tests.running.postgresql import postgres_url
from tests.running.services import RunningService, SigningKey

FAR = 3.0
"""Standard errors from a half: by chance three comparisons in a thousand are further."""
MORE = 10


@dataclass(frozen=True)
class Comparison:
    """Seconds each request took, for the id that is there and for the one that is not."""

    organisation: str
    question: Question
    there: list[float]
    nowhere: list[float]

    @property
    def longer(self) -> float:
        """How often asking for what exists took longer (Mann and Whitney's U as a share): 0.5 where the two are alike."""
        wins = sum((a > b) + 0.5 * (a == b) for a, b in itertools.product(self.there, self.nowhere))
        return wins / (len(self.there) * len(self.nowhere))

    @property
    def far(self) -> float:
        """The same in standard errors from a half."""
        m, n = len(self.there), len(self.nowhere)
        return abs(self.longer - 0.5) / math.sqrt((m + n + 1) / (12 * m * n))

    @property
    def difference(self) -> float:
        """Microseconds between the medians."""
        return 1e6 * (median(self.there) - median(self.nowhere))

    def words(self) -> str:
        """One line of it."""
        return (
            f"{self.organisation} {self.question.method} {self.question.path}: longer {self.longer:.0%} of the time, "
            f"{self.far:.1f} standard errors from a half, medians {self.difference:+.0f} µs apart of {1e6 * median(self.nowhere):.0f}"
        )


async def compare(client: httpx.AsyncClient, organisation: str, question: Question, times: int) -> Comparison:
    """Ask for both in turn, each first as often as the other."""
    taken: dict[str, list[float]] = {THERE: [], NOWHERE: []}
    for id in (NOWHERE, THERE):  # what is opened once is opened
        await client.request(**question.of(id))
    for turn in range(times):
        for id in (THERE, NOWHERE) if turn % 2 else (NOWHERE, THERE):
            request = question.of(id)
            began = time.perf_counter()
            await client.request(**request)
            taken[id].append(time.perf_counter() - began)
    return Comparison(organisation, question, taken[THERE], taken[NOWHERE])


@dataclass(frozen=True)
class Measured:
    """Every comparison of one service, those that were far again when asked again, and the planted mistake's."""

    found: list[Comparison]
    still: list[Comparison]
    planted: Comparison

    @property
    def wrong(self) -> list[str]:
        """What must not be, in words."""
        unseen = [f"NOT SEEN: the planted look-up: {self.planted.words()}"] if self.planted.far <= FAR else []
        return [f"TOLD APART: {each.words()}" for each in self.still] + unseen

    def line(self, service: str) -> str:
        """Its line of the table."""
        furthest = max(abs(each.difference) / (1e6 * median(each.nowhere)) for each in self.found)
        return (
            f"| {service} | {len(self.found)} | {sum(each.far > FAR for each in self.found)} | {len(self.still)} | {furthest:.0%} apart "
            f"| longer {self.planted.longer:.0%} of the time |"
        )


async def measure(service: str, databases: TestDatabases, key: SigningKey, times: int) -> Measured:
    """Ask one service everything, ``times`` times for either id."""
    taken = await databases.take(service)
    one = RunningService.start(
        importlib.import_module(f"{service}.app").SERVICE,
        {None: (taken.app_url, taken.owner_url)},
        key,
        reads_a_minute=0,
        writes_a_minute=0,
    )
    try:
        await fill(one, databases.admin_url)
        found, still = [], []
        for organisation, roles, question in of_others(one):
            async with one.as_(organisation, *roles) as client:
                found.append(await compare(client, organisation, question, times))
                if found[-1].far > FAR:
                    again = await compare(client, organisation, question, MORE * times)
                    still += [again] if again.far > FAR else []
        async with one.as_(OTHERS[Kind.COUNCIL]) as client:
            client._transport = httpx.ASGITransport(LooksFirst(one))
            planted = await compare(client, OTHERS[Kind.COUNCIL], Question("GET", "/nothing/{id}", None), times)
        return Measured(found, still, planted)
    finally:
        await one.close()
        await databases.give_back(taken)


async def main(times: int) -> int:
    """Prints a line a service and each that can be told apart."""
    logs.configure("attack", "CRITICAL")
    databases, key, wrong = TestDatabases(postgres_url()), SigningKey.new(), []
    lines = ["| service | comparisons | far at first | far again | furthest medians | planted look-up |", "|---|---|---|---|---|---|"]
    for service in SERVICES:
        with step(f"{service}: each endpoint with an id, {times} times for what is there and for what is not"):
            measured = await measure(service, databases, key, times)
        lines.append(measured.line(service))
        wrong += [f"{service}: {words}" for words in measured.wrong]
    await databases.drop_all()
    print("\n".join([*lines, *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attack.by_the_clock", description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="how often each is asked for either")
    try:
        sys.exit(asyncio.run(main(parser.parse_args().times)))
    finally:
        end_all()
