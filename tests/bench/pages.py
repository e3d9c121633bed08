"""Every page at the server, with three years of eleven councils, and with a tenth of it: how long, and how it grows."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import asyncpg

from hearth.issuer import Keys
from hearth.serving import issuer_running
from hearth.simulate.bringing import Brought, bring_in
from hearth.simulate.history import past
from hearth.simulate.plan import Plan
from monitoring.actions import ledger, recounting
from monitoring.app import SERVICE
from monitoring.domain.period import month_of, next_month
from monitoring.handlers import watching
from shared import clock, long_lived
from shared.signin import KeySet, SignIn
from tests.bench.figures import Figure, Section, at_most, milliseconds, percentile, within
from tests.bench.ground import Ground, prepared
from tests.bench.progress import say
from tests.deploy.test_simulate_brings import consortium_known, sender_to
from tests.deploy.test_simulated_past import found
from tests.monitoring.pages.browsing import Browser, Pages
from tests.running.child import free_port
from tests.running.services import AUDIENCE, ISSUER, RunningService

NAME = "pages"
GOAL = 0.2
"""Seconds a page may take at the server."""
ORIGIN = "http://127.0.0.1:8104"
TIMES = 9
"""More than the five after which PostgreSQL may keep one plan for whatever is asked: so the middle one is what a page takes all day."""
MOST_OF_A_SHAPE = 3
"""Pages of one address but for its code or name: so many of each are looked at."""
OVER_ALL = ("", "/figures", "/agencies", "/leagues", "/savings", "/savings/lines", "/gaps", "/gaps/needs", "/market")
"""Sections that take a period: looked at over the whole past too, beside the year that they show unasked."""
SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|SC\d{6}|E\d{8}|(?<=figures/)[a-z0-9_]+")
FILE = re.compile(r"format=|\.ics$")


@dataclass(frozen=True)
class Size:
    """One past as it was measured."""

    scale: float
    brought: Brought
    seconds_in: float
    seconds_counted: float
    pages: dict[str, float]
    """Address → the middle one of its times, in seconds."""

    @property
    def worst(self) -> tuple[str, float]:
        """The slowest page."""
        return max(self.pages.items(), key=lambda page: page[1])


async def measure(quick: bool) -> Section:
    """Two pasts, one ten times the other, each brought in by the documented door and looked at page by page."""
    small, large = (0.01, 0.05) if quick else (0.1, 1.0)
    return section(await _size(small), await _size(large))


def section(small: Size, large: Size) -> Section:
    """The figures: the slowest page, the usual one, and how both grow."""
    address, slowest = large.worst
    usual, usual_small = percentile(large.pages.values(), 0.5), percentile(small.pages.values(), 0.5)
    count = large.brought.by_type
    figures = [
        within(f"slowest page ({address})", GOAL, slowest),
        Figure("usual page", milliseconds(usual), f"{len(large.pages)} pages, each {TIMES} times"),
        at_most(
            "usual page at ten times the records", 3, usual, usual_small, measured=milliseconds(usual), against=milliseconds(usual_small)
        ),
        at_most(
            "slowest page at ten times the records",
            5,
            slowest,
            small.worst[1],
            measured=milliseconds(slowest),
            against=milliseconds(small.worst[1]),
        ),
        Figure(
            "bringing the past in",
            f"{large.seconds_in:.0f} s",
            f"{large.brought.lines:,} events",
            f"{large.brought.lines / large.seconds_in:,.0f} a second",
        ),
        Figure("counting it, and looking for what changed", f"{large.seconds_counted:.0f} s"),
    ]
    table = "\n".join(
        f"{milliseconds(seconds):>10}  {page}" for page, seconds in sorted(large.pages.items(), key=lambda each: -each[1])[:15]
    )
    how = (
        "The service answers in this process, on PostgreSQL as elsewhere on this page; a browser's requests as the project manager, the "
        f"middle of {TIMES}. Pages are found by following links, and those that take a period are asked for all three "
        f"years too. The past: {count['referral.created']:,} referrals, "
        f"{count['placement.agreed']:,} placements, {large.brought.returns} returns (scale {large.scale:g}), "
        f"beside one of scale {small.scale:g}."
    )
    return Section("Pages", how, figures, shown=table)


async def _size(scale: float) -> Size:
    plan = Plan(3, 1, clock.today() - timedelta(days=1), scale)
    async with _visited() as (service, browser):
        await consortium_known(service)
        say(f"pages: a past of three years at scale {scale:g}")
        began = time.perf_counter()
        brought = await bring_in(sender_to(service), past(found(), plan), plan, quiet=True)
        seconds_in = time.perf_counter() - began
        say(f"pages: {brought.lines:,} events are in after {seconds_in:.0f} s; they are counted")
        recounting.STILL_COMING = timedelta(0)  # it has stopped coming
        began = time.perf_counter()
        await recounting.sweep(service.databases)
        await ledger.sweep(service.databases)
        await watching.catch_up(service.databases)
        seconds_counted = time.perf_counter() - began
        await _analysed(service)
        long_lived.set_aside()  # as each process of Hearth does once it is loaded; this one holds the bench besides
        say(f"pages: counted in {seconds_counted:.0f} s; page by page")
        first = plan.first
        last = next_month(month_of(plan.until)) - timedelta(days=1)  # the form offers whole months, the running one too
        over_all = [f"/pages{section}?from={first}&to={last}" for section in OVER_ALL]
        pages = {address: await _middle(browser, address) for address in over_all + await _addresses(browser)}
    return Size(scale, brought, seconds_in, seconds_counted, pages)


@asynccontextmanager
async def _visited() -> AsyncIterator[tuple[RunningService, Browser]]:
    """Monitoring on a new database, and a browser in which the project manager has signed in."""
    async with prepared("monitoring") as ground:
        with issuer_running(
            Keys.kept_in(ground.folder / "keys.json"), free_port(), development=True, redirects=[f"{ORIGIN}/pages/signed-in"]
        ) as issuer:
            service = _service(ground, issuer)
            service.app.state.signin = SignIn(KeySet(issuer), issuer, AUDIENCE)
            browser = await Pages(service, issuer, ORIGIN).visitor("priya.shah")
            service.app.state.signin = SignIn(KeySet(ISSUER, transport=ground.key.transport()), ISSUER, AUDIENCE)
            try:
                yield service, browser
            finally:
                await service.close()


def _service(ground: Ground, issuer: str) -> RunningService:
    urls = (ground.databases["monitoring"].app_url, ground.databases["monitoring"].owner_url)
    return RunningService.start(SERVICE, {None: urls}, ground.key, pages_url=ORIGIN, issuer=issuer)


async def _analysed(service: RunningService) -> None:
    """What autovacuum does within a minute on a running server."""
    owner = await asyncpg.connect(service.owner_urls[None])
    await owner.execute("VACUUM (ANALYZE)")
    await owner.close()


async def _addresses(browser: Browser) -> list[str]:
    """Pages reached by following links from the first one: all shapes of address, some of each."""
    known, waiting, shapes = list[str](), ["/pages"], defaultdict[str, int](int)
    while waiting:
        address = waiting.pop(0)
        shape = SHAPE.sub("…", urlsplit(address).path)
        if address in known or shapes[shape] >= MOST_OF_A_SHAPE or FILE.search(address):
            continue
        reply = await browser.get(address)
        if reply.status_code != 200 or not reply.headers["content-type"].startswith("text/html"):
            continue
        known.append(address)
        shapes[shape] += 1
        links = (unescape(link) for link in re.findall(r'href="(/pages[^"#]*)"', reply.text))
        waiting += [link for link in links if "/static/" not in link and "sign" not in link]
    return known


async def _middle(browser: Browser, address: str) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        reply = await browser.get(address)
        times.append(time.perf_counter() - began)
        assert reply.status_code == 200, f"{address}: {reply.status_code}"
    return percentile(times, 0.5)
