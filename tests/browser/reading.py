"""A page in a real browser, as somebody reads it; whatever it asks of the network is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

from tests.browser.site import Site
from tests.monitoring.returns.filled import last_quarter

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
]

READERS = {"manager": "priya.shah", "reader": "ravi.dunn", "council": "helen.moss", "agency": "tom.hart"}
"""Kind of reader → who they are at the local issuer."""

LAST_RETURN = f"/pages/returns/quarterly/{last_quarter().first}"
"""Not made yet: the agency's form."""
PAST_RETURN = f"/pages/returns/quarterly/{last_quarter(1).first}"
"""Made and accepted."""

EVERY_PAGE: dict[str, tuple[str, ...]] = {
    "/pages": ("manager", "reader", "council", "agency"),
    "/pages/figures": ("manager", "council", "agency"),
    "/pages/figures/unplanned_endings": ("manager", "reader", "council", "agency"),
    "/pages/figures/spend": ("manager",),
    "/pages/figures/placements/records": ("manager", "council", "agency"),
    "/pages/agencies": ("manager", "reader", "council"),
    "/pages/agencies/SC900002": ("manager", "council"),
    "/pages/scorecard": ("agency",),
    "/pages/savings": ("manager", "council"),
    "/pages/savings?by=agency": ("manager",),
    "/pages/savings/lines": ("manager", "council"),
    "/pages/gaps": ("manager", "council"),
    "/pages/gaps?by=area": ("manager",),
    "/pages/gaps/needs": ("manager", "council"),
    "/pages/market": ("manager", "council"),
    "/pages/returns": ("manager", "council", "agency"),
    f"{LAST_RETURN}": ("agency",),
    f"{PAST_RETURN}?agency=SC900001": ("manager", "council"),
    f"{PAST_RETURN}": ("agency",),
    f"{PAST_RETURN}/differences?agency=SC900001": ("manager", "council"),
    f"{PAST_RETURN}/versions?agency=SC900001": ("manager",),
    "/pages/alerts": ("manager", "council", "agency"),
    "/pages/alerts?state=all": ("manager",),
    "/pages/leagues": ("manager",),
    "/pages/leagues/general": ("manager", "council"),
    "/pages/meetings": ("manager", "council", "agency"),
    "/pages/meetings/new": ("manager",),
    "/pages/nowhere": ("manager",),
    "/pages/signed-out": ("manager",),
}
"""Each page, and the readers it is looked at as. A new page is added here: accessibility, 360 px and the rest are then tried on it."""

LOOKS = [(address, reader) for address, readers in EVERY_PAGE.items() for reader in readers]


class Reading:
    """One tab."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, address: str) -> Response:
        """Open an address of the pages."""
        reply = self.page.goto(self.site.origin + address)
        assert reply is not None
        return reply

    def sign_in(self, person: str) -> None:
        """From nothing, through the issuer's page, to the overview."""
        self.go("/pages")
        self.page.check(f"input[value='{person}']")
        self.page.click("button:has-text('Sign in')")
        self.page.wait_for_url(f"{self.site.origin}/pages")

    def hosts(self) -> set[str]:
        """Whom the browser asked for anything."""
        return {urlsplit(address).netloc for address in self.asked if not address.startswith("data:")}

    def wider_than_its_window(self) -> bool:
        """Whether the page scrolls sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def close(self) -> None:
        """The tab and its cookies."""
        self.page.context.close()
