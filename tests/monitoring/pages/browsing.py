"""A browser without a screen: keeps cookies, follows where it is sent, fills in the issuer's form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

import httpx

from tests.running.services import RunningService


@dataclass
class Browser:
    """One jar of cookies for the pages, and a plain client for the issuer."""

    client: httpx.AsyncClient
    origin: str

    async def get(self, address: str, **changes: str) -> httpx.Response:
        """One request, not following."""
        return await self.client.get(address, params=changes or None)

    async def post(self, address: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """One form sent, as our own page would send it unless told otherwise."""
        sent = {"origin": self.origin, "sec-fetch-site": "same-origin"} | headers
        return await self.client.post(address, data=form, headers={name: value for name, value in sent.items() if value})

    async def at_issuer(self, address: str, **chosen: str) -> str:
        """Where the issuer sends the browser back to, after somebody was chosen."""
        async with httpx.AsyncClient() as outside:
            shown = await outside.get(address)
            assert shown.status_code == 200, shown.text
            form = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text)}
            back = await outside.post(address.partition("?")[0], data=form | chosen)
        assert back.status_code == 303, back.text
        return back.headers["location"]

    async def sign_in(self, next: str = "/pages", **chosen: str) -> httpx.Response:
        """All the way; the reply that begins the session."""
        begun = await self.get("/pages/sign-in", next=next)
        assert begun.status_code == 303, begun.text
        return await self.get(await self.at_issuer(begun.headers["location"], **chosen))

    def form_token(self, page: str) -> str:
        """What the forms of a page carry."""
        found = re.search(r'name="form_token" value="([^"]+)"', page)
        assert found, page
        return found.group(1)


@dataclass
class Pages:
    """The service under test and the issuer beside it."""

    service: RunningService
    issuer: str
    origin: str

    def browser(self) -> Browser:
        """A new one."""
        transport = httpx.ASGITransport(self.service.app, raise_app_exceptions=False)
        return Browser(httpx.AsyncClient(transport=transport, base_url=self.origin), self.origin)

    async def visitor(self, person: str = "", *, organisation: str = "", role: str = "") -> Browser:
        """A browser in which somebody of the issuer's list, or of any organisation in a role, has signed in."""
        one = self.browser()
        reply = await one.sign_in(person=person, organisation=organisation, role=role)
        assert reply.status_code == 303, reply.text
        return one


def with_query(address: str, **values: str) -> str:
    """An address with a query."""
    return f"{address}?{urlencode(values)}"
