"""A real browser (Debian's chromium, driven by playwright) on a seeded Hearth; each kind of reader signs in once.

All of it ends with this folder: playwright keeps a loop running in the tests' thread, in which no asynchronous test can run.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.reading import ARGUMENTS, READERS, Reading
from tests.browser.site import Site, seeded_site
from tests.running.databases import TestDatabases


def _in_own_loop(work: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="package")
def site(databases_of_tests: TestDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Seeded once for all tests of this folder."""
    database = _in_own_loop(lambda: databases_of_tests.take("monitoring"))
    with seeded_site(database.app_url, tmp_path_factory.mktemp("site")) as found:
        yield found
    _in_own_loop(lambda: databases_of_tests.give_back(database))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser of the system."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("These tests drive a real browser: install chromium (Debian and Ubuntu: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def states(site: Site, chromium: Browser) -> dict[str, Any]:
    """What each reader's browser holds once signed in."""
    found = {}
    for reader, person in READERS.items():
        with _context(chromium) as context:
            Reading(context.new_page(), site).sign_in(person)
            found[reader] = context.storage_state()
    return found


@pytest.fixture
def as_reader(site: Site, chromium: Browser, states: dict[str, Any]) -> Iterator[Callable[..., Reading]]:
    """``as_reader("manager")``: a page of a browser in which that reader has signed in; ``width=360``, ``script=False``."""
    opened: list[Reading] = []

    def open_page(reader: str, *, width: int = 1200, script: bool = True) -> Reading:
        context = chromium.new_context(storage_state=states[reader], viewport={"width": width, "height": 900}, java_script_enabled=script)
        context.set_default_timeout(10_000)
        opened.append(Reading(context.new_page(), site))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()


@pytest.fixture(scope="package")
def _tabs(site: Site, chromium: Browser, states: dict[str, Any]) -> Iterator[dict[str, Reading]]:
    opened = {reader: Reading(chromium.new_context(storage_state=states[reader]).new_page(), site) for reader in READERS}
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture
def kept_tab(_tabs: dict[str, Reading]) -> Callable[[str], Reading]:
    """``kept_tab("manager")``: that reader's one tab, as wide as a desk's screen again, with nothing asked so far."""

    def given(reader: str) -> Reading:
        tab = _tabs[reader]
        tab.page.set_viewport_size({"width": 1200, "height": 900})
        tab.asked.clear()
        tab.complaints.clear()
        return tab

    return given


@contextmanager
def _context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()
