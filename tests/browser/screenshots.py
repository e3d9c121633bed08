"""``make screenshots``: a picture of each page in docs/screenshots, from a seeded Hearth started for it, or from one that is up.

``python -m tests.browser.screenshots [ADDRESS]``: with an address (``make up`` prints it) the pages there are taken, as the local
issuer's people.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from shared import logs
from shared.settings import Settings
from tests.browser.reading import ARGUMENTS, LAST_RETURN, PAST_RETURN, READERS, Reading
from tests.browser.site import Site, seeded_site
from tests.running.databases import TestDatabases
from tests.running.postgresql import postgres_url

FOLDER = Path("docs/screenshots")
TALLEST = 1000
MOST_BYTES = 150_000


@dataclass(frozen=True)
class Shot:
    """A picture: the page, who reads it, and how wide the window is."""

    name: str
    address: str
    reader: str = "manager"
    width: int = 1000
    follow: str = ""
    """Of the page the first link of this kind is followed, where a page's address is not known beforehand."""


SHOTS = (
    Shot("overview", "/pages"),
    Shot("overview-phone", "/pages", "council", 360),
    Shot("figures", "/pages/figures"),
    Shot("figure", "/pages/figures/unplanned_endings"),
    Shot("records", "/pages/figures/unplanned_endings/records?agency=SC900002&side=numerator"),
    Shot("agencies", "/pages/agencies"),
    Shot("scorecard", "/pages/agencies/SC900002"),
    Shot("scorecard-agency", "/pages/scorecard", "agency"),
    Shot("returns", "/pages/returns"),
    Shot("return", LAST_RETURN, "agency"),
    Shot("differences", f"{PAST_RETURN}/differences?agency=SC900001"),
    Shot("savings", "/pages/savings"),
    Shot("gaps", "/pages/gaps"),
    Shot("market", "/pages/market"),
    Shot("alerts", "/pages/alerts"),
    Shot("alert", "/pages/alerts", follow="tbody a"),
    Shot("league", "/pages/leagues/general"),
    Shot("meetings", "/pages/meetings"),
    Shot("meeting", "/pages/meetings", follow="tbody a[href^='/pages/meetings/']"),
    Shot("savings-lines", "/pages/savings/lines?agency=SC900002"),
    Shot("gaps-phone", "/pages/gaps", "council", 360),
)
"""A new page is added here."""


def take(browser: Browser, site: Site, shots: Sequence[Shot]) -> None:
    """Every picture, each reader signed in once."""
    for reader, person in READERS.items():
        chosen = [shot for shot in shots if shot.reader == reader]
        if not chosen:
            continue
        context = browser.new_context()
        tab = Reading(context.new_page(), site)
        tab.sign_in(person)
        for shot in chosen:
            tab.page.set_viewport_size({"width": shot.width, "height": 800})
            tab.go(shot.address)
            if shot.follow:
                if not tab.page.locator(shot.follow).count():  # a Hearth that is up need not have one of each
                    print(f"  {shot.name}: left out, since {shot.address} names none yet")
                    continue
                tab.page.click(f"{shot.follow} >> nth=0")
            tall = min(int(tab.page.evaluate("document.documentElement.scrollHeight")), TALLEST)
            to = FOLDER / f"{shot.name}.png"
            tab.page.screenshot(path=to, full_page=True, clip={"x": 0, "y": 0, "width": shot.width, "height": tall})
            size = to.stat().st_size
            print(f"  {to}  {size // 1000} kB{'  LARGER THAN IT SHOULD BE' if size > MOST_BYTES else ''}")
        context.close()


@contextmanager
def _site(address: str) -> Iterator[Site]:
    if address:
        origin = address.rstrip("/").removesuffix("/pages")
        yield Site(origin, "", Settings("postgresql://unused", "amqp://unused", "http://unused"))
        return
    databases = TestDatabases(postgres_url())
    database = asyncio.run(databases.take("monitoring"))
    try:
        with seeded_site(database.app_url, Path(tempfile.mkdtemp(prefix="hearth-site-"))) as site:
            yield site
    finally:
        asyncio.run(databases.drop_all())


def main() -> None:
    """Take them all."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("Screenshots are taken with chromium: apt-get install chromium.")
    logs.configure("screenshots", "ERROR")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _site(sys.argv[1] if len(sys.argv) > 1 else "") as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        take(browser, site, SHOTS)
        browser.close()


if __name__ == "__main__":
    main()
