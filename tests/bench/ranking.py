"""Ranking: one referral held against 1,000, 10,000 and 100,000 vacancies, with the reason of every rejection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from uuid import UUID

from matching.actions.judging import about_miles, miles_to_places
from matching.app import SERVICE
from matching.domain.fit import DEFAULT_WEIGHTS, fit
from matching.domain.kernel import Candidates, Columns, candidates, masks
from matching.domain.referral import Referral
from matching.domain.suitability import reasons
from matching.store import referrals, vacancies
from shared import ids, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.bench.consortium import tiers_news
from tests.bench.events import broadcast_event
from tests.bench.figures import Figure, Section, at_most, milliseconds, percentile, within
from tests.bench.ground import Ground, prepared
from tests.bench.homes import agency, fill
from tests.bench.progress import say
from tests.running.services import RunningService

NAME = "ranking"
COUNCIL = Organisation.council("E06000045")
AGENCIES = 330
SIZES = (1_000, 10_000, 100_000)
GOALS = {10_000: 0.015, 100_000: 0.050}
PAGE = 50


async def measure(quick: bool) -> Section:
    """Each size in turn on one table that grows."""
    async with prepared("matching") as ground:
        bench = _Ranking(ground, SIZES[:2] if quick else SIZES)
        await bench.run()
        return bench.section()


@dataclass
class _Times:
    """Seconds of each part at one size."""

    explained: list[float]
    kernel: list[float]
    obstacles: list[float]
    loading: list[float]
    refresh: list[float]
    all_words: float
    asked: list[float]
    suitable: int


@dataclass
class _Ranking:
    ground: Ground
    sizes: tuple[int, ...]
    times: dict[int, _Times] = field(default_factory=dict)
    referral: UUID = field(default_factory=ids.new_id)

    async def run(self) -> None:
        administrator = await self.ground.administrator("matching")
        key = self.ground.key
        service = RunningService.start(SERVICE, {None: (self.ground.databases["matching"].app_url, "")}, key, development=False)
        tiers, lot = tiers_news("general", AGENCIES // 2)  # half of the agencies are on the list
        await service.deliver(tiers, subject=lot, organisation=str(CONSORTIUM))
        event = broadcast_event(self.referral)
        await service.deliver(event, subject=str(self.referral), organisation=str(COUNCIL), council=COUNCIL.code, version=4)
        async with tenancy.transaction(service.databases, COUNCIL) as transaction:
            known = await referrals.one(transaction, str(COUNCIL), self.referral)
        assert known is not None
        assert known.view is not None
        before = 0
        for size in self.sizes:
            say(f"ranking: {size:,} vacancies")
            await fill(administrator, before, size, AGENCIES)
            before = size
            self.times[size] = await self._measured(service, known.view, size)
        await service.close()
        await administrator.close()

    async def _measured(self, service: RunningService, view: Referral, size: int) -> _Times:
        loading, columns = await self._loaded(service, 5 if size <= 10_000 else 3)
        tiers = {f"agency:{agency(number)}": 1 + 6 * number // AGENCIES for number in range(AGENCIES // 2)}

        def explained() -> Candidates:
            found = candidates(columns, view, tiers, lambda district: about_miles("SO14", district))
            found.counted()
            for position in range(min(PAGE, len(found))):
                one = found.at(position)
                reasons(one.obstacles, one.home, view)
                fit(one.home, view, miles_to_places(view, one.home.district), DEFAULT_WEIGHTS)
            return found

        found = explained()
        assert len(found) == size
        repeats = 15 if size <= 10_000 else 9
        return _Times(
            explained=_timed(explained, repeats),
            kernel=_timed(lambda: candidates(columns, view, tiers, lambda district: about_miles("SO14", district)), repeats),
            obstacles=_timed(lambda: masks(columns, view, tiers), repeats),
            loading=loading,
            refresh=await self._refreshed(service),
            all_words=_timed(lambda: _all_words(found, view), 1)[0],
            asked=await self._asked(service),
            suitable=found.suitable,
        )

    async def _loaded(self, service: RunningService, times: int) -> tuple[list[float], Columns]:
        """From the table into columns, as a process does once after its start."""
        took = []
        for _ in range(times):
            cold = tenancy.Databases.from_settings(service.settings, service="matching")
            async with tenancy.transaction(cold, COUNCIL) as transaction:
                began = time.perf_counter()
                columns = await vacancies.columns(transaction)
                took.append(time.perf_counter() - began)
            await cold.close()
        return took, columns

    async def _refreshed(self, service: RunningService) -> list[float]:
        """The same again when nothing has changed: what every later match pays."""
        took = []
        async with tenancy.transaction(service.databases, COUNCIL) as transaction:
            for _ in range(10):
                began = time.perf_counter()
                await vacancies.columns(transaction)
                took.append(time.perf_counter() - began)
        return took[1:]

    async def _asked(self, service: RunningService) -> list[float]:
        """The whole request for the first page, through the application and the database."""
        took = []
        async with service.as_(str(COUNCIL), "placements_officer") as http:
            for _ in range(8):
                began = time.perf_counter()
                reply = await http.get(f"/referrals/{self.referral}/candidates", params={"limit": PAGE})
                took.append(time.perf_counter() - began)
                reply.raise_for_status()
        return took[1:]

    def section(self) -> Section:
        figures = []
        for size in self.sizes:
            times = self.times[size]
            if size in GOALS:
                figures.append(within(f"explained match of {size:,} homes", GOALS[size], median(times.explained)))
            else:
                figures.append(Figure(f"explained match of {size:,} homes", milliseconds(median(times.explained))))
        for size in self.sizes:
            times = self.times[size]
            ours, beside = median(times.kernel), median(times.loading)
            name = f"its kernel, without any words, by loading {size:,} rows"
            figures.append(at_most(name, 0.2, ours, beside, measured=milliseconds(ours), against=milliseconds(beside)))
        for size in self.sizes:
            figures.append(Figure(f"GET candidates, first {PAGE} of {size:,}, whole request", milliseconds(median(self.times[size].asked))))
        smallest, largest = self.sizes[0], self.sizes[-1]
        growth = median(self.times[largest].explained) / median(self.times[smallest].explained)
        figures.append(Figure(f"growth for {largest // smallest} times the homes", f"{growth:.0f} times the time"))
        return Section(
            "Ranking: one referral against every published vacancy",
            "An explained match gives every vacancy all its obstacles, counts them, sorts the list, and puts the reasons and the fit of "
            f"the first {PAGE} into words. Medians of {len(self.times[smallest].explained)} and of {len(self.times[largest].explained)} "
            "(largest). Made-up vacancies in real districts, 330 agencies, half of them on the lot's list.",
            figures,
            self._notes(),
        )

    def _notes(self) -> list[str]:
        largest = self.sizes[-1]
        times = self.times[largest]
        return [
            f"Of {largest:,} homes {times.suitable:,} could take the child. Obstacles alone take {milliseconds(median(times.obstacles))}; "
            "sorting, counting and the first page's words are the rest.",
            "Every home's obstacles are found and kept as bits; words are made for what is shown. All homes' reasons in words would take "
            + ", ".join(f"{milliseconds(self.times[size].all_words)} for {size:,}" for size in self.sizes)
            + ".",
            "Loading happens once a process; afterwards a match reads only what changed since: "
            + ", ".join(f"{milliseconds(percentile(self.times[size].refresh, 0.5))} at {size:,}" for size in self.sizes)
            + " when nothing did.",
        ]


def _timed(work: Callable[[], Any], repeats: int) -> list[float]:
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took


def _all_words(found: Candidates, view: Referral) -> None:
    for position in range(len(found)):
        one = found.at(position)
        reasons(one.obstacles, one.home, view)
