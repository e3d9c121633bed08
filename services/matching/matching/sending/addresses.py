"""Where a name leads, and whether that may be sent to: asked when a webhook is registered, and again at each sending.

The connection goes to the very address that was checked, so that a name which leads elsewhere a moment later (DNS rebinding) gains
nothing. Certificate and host name are those of the name all the same.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

import httpx

from matching.domain.address import Address, faults_in_address, may_be_sent_to, not_public
from matching.domain.faults import Fault

RESOLVE_SECONDS: Final = 5.0
_ADDRESSES_TRIED: Final = 3

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port → IP addresses; NameNotFound when there are none."""


class NameNotFound(Exception):
    """The name leads nowhere, or was not answered for in time."""


class AddressNotAllowed(Exception):
    """The address breaks a rule, or one of those its name leads to is not public."""


class Resolver:
    """The machine's own resolver, on threads of its own: a name server that never answers holds up only itself."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(32, thread_name_prefix="resolving")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Every address the name leads to, each once."""
        loop = asyncio.get_running_loop()
        try:
            looking = loop.run_in_executor(self._threads, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
            found = await asyncio.wait_for(looking, RESOLVE_SECONDS)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise NameNotFound from error
        return list(dict.fromkeys(str(one[4][0]) for one in found))

    def close(self) -> None:
        """Let go of the threads; one that still waits for a name server ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def parts(url: httpx.URL) -> Address:
    """An address as the client that will call it reads it."""
    port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
    return Address(url.scheme, url.raw_host.decode("ascii"), port, bool(url.userinfo), bool(url.fragment))


async def faults_in_url(text: str, resolve: Resolve, *, development: bool) -> list[Fault]:
    """Every rule that an address breaks, its name looked up."""
    try:
        address = parts(httpx.URL(text))
    except (httpx.InvalidURL, ValueError):
        return [Fault("url", "host_named", "Give a whole address, as in https://example.org/hearth.")]
    if faults := faults_in_address(address, development=development):
        return faults
    try:
        await checked(address, resolve, development=development)
    except (NameNotFound, AddressNotAllowed):
        return [not_public()]
    return []


async def checked(address: Address, resolve: Resolve, *, development: bool) -> Sequence[str]:
    """The IP addresses to connect to, every one of them allowed."""
    if faults_in_address(address, development=development):
        raise AddressNotAllowed
    found = await resolve(address.host, address.port)
    if not found:
        raise NameNotFound
    if not all(may_be_sent_to(ip, development=development) for ip in found):
        raise AddressNotAllowed
    return found


class CheckedTransport(httpx.AsyncBaseTransport):
    """Looks a request's name up, checks every address it leads to, and connects to one of those; each request on a connection of its own.

    Connections are not kept: they are pooled by IP address, and two names behind one address have different certificates.
    """

    def __init__(self, resolve: Resolve, *, development: bool, inner: httpx.AsyncBaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._inner = inner or httpx.AsyncHTTPTransport(trust_env=False, limits=limits)
        self._resolve = resolve
        self._development = development

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send to the first of the checked addresses that can be connected to."""
        address = parts(request.url)
        found = (await checked(address, self._resolve, development=self._development))[:_ADDRESSES_TRIED]
        for number, ip in enumerate(found, start=1):
            try:
                return await self._inner.handle_async_request(_to(ip, address.host, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(found):
                    raise
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


def _to(ip: str, host: str, request: httpx.Request) -> httpx.Request:
    """The same request to an IP address; its Host header, and the name its certificate must have, stay."""
    named = {} if _is_ip(host) else {"sni_hostname": host}
    return httpx.Request(
        request.method,
        request.url.copy_with(host=ip),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, **named},
    )


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
