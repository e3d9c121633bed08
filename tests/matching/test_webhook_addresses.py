"""Where notices may be sent: asked at registration and again at each sending, and the connection goes to what was checked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from matching.domain.notice import Notice, NoticeType
from matching.domain.webhook import Failure, Outcome
from matching.sending import addresses, requests
from matching.sending.addresses import CheckedTransport, NameNotFound, Resolver
from matching.store.secrets import new_secret
from shared import clock, ids
from tests.matching.events import OAK
from tests.matching.receiver import receiving
from tests.running.services import RunningService

PUBLIC = "93.184.215.14"


@dataclass
class Names:
    """A name server that says in turn what it was told to say, and at last that for ever."""

    answers: list[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if not answer:
            raise NameNotFound
        return answer


@dataclass
class Reached(httpx.AsyncBaseTransport):
    """Stands for the network beyond: notes whom a connection would have been made to, and refuses those it is told to."""

    dead: frozenset[str] = frozenset()
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host in self.dead:
            raise httpx.ConnectError("unreachable")
        return httpx.Response(204)


def notice() -> Notice:
    """Something to send."""
    return Notice(1, ids.new_id(), NoticeType.OFFER_RELEASED, clock.now(), "E06000045", ids.new_id(), "K7M4-WQ3P", ids.new_id(), None)


async def send(url: str, transport: CheckedTransport) -> Outcome:
    """Send one notice there."""
    async with httpx.AsyncClient(transport=transport, timeout=5) as client:
        return await requests.send(client, url, notice(), [new_secret()], clock.now())


REFUSED = [
    ("http://hooks.example/", [PUBLIC], "https_only"),
    ("ftp://hooks.example/", [PUBLIC], "https_only"),
    ("hooks.example", [PUBLIC], "https_only"),
    ("https://", [PUBLIC], "host_named"),
    ("https:///path", [PUBLIC], "host_named"),
    ("https://exa mple/", [PUBLIC], "host_named"),
    ("https://[::1", [PUBLIC], "host_named"),
    ("https://hooks.example:99999/", [PUBLIC], "port_allowed"),
    ("https://me:secret@hooks.example/", [PUBLIC], "no_userinfo"),
    ("https://hooks.example/#part", [PUBLIC], "no_fragment"),
    ("https://hooks.example:25/", [PUBLIC], "port_allowed"),
    ("https://localhost/", [PUBLIC], "public_address"),
    ("https://hooks.example/", ["10.0.0.5"], "public_address"),
    ("https://hooks.example/", [PUBLIC, "127.0.0.1"], "public_address"),
    ("https://hooks.example/", ["169.254.169.254"], "public_address"),
    ("https://hooks.example/", ["::ffff:10.0.0.5"], "public_address"),
    ("https://hooks.example/", [], "public_address"),
]


async def test_an_address_that_may_not_be_sent_to_is_not_kept_and_why_is_said_without_it(
    running: Callable[..., Awaitable[RunningService]],
) -> None:
    service = await running("matching", development=False, webhook_keys="x" * 43 + "=")
    async with service.as_(OAK) as client:
        for url, leads_to, rule in REFUSED:
            service.app.state.resolver = Names([leads_to])
            reply = await client.post("/webhooks", json={"url": url})
            assert reply.status_code == 422, url
            assert rule in [one["rule"] for one in reply.json()["errors"]], url
            assert {one["field"] for one in reply.json()["errors"]} == {"url"}
            assert not [said for said in ("hooks.example", "10.0.0.5", "169.254") if said in reply.text]
        assert (await client.get("/webhooks")).json()["items"] == []


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"]
)
async def test_an_ip_address_in_any_spelling_is_seen_through(url: str) -> None:
    resolver = Resolver()
    assert [fault.rule for fault in await addresses.faults_in_url(url, resolver, development=False)] == ["public_address"]
    resolver.close()


async def test_a_public_https_address_is_kept_in_production(running: Callable[..., Awaitable[RunningService]]) -> None:
    service = await running("matching", development=False, webhook_keys="x" * 43 + "=")
    service.app.state.resolver = Names([[PUBLIC]])
    async with service.as_(OAK) as client:
        made = await client.post("/webhooks", json={"url": "https://hooks.example/hearth"})
        assert made.status_code == 201, made.text
        service.app.state.resolver = Names([["192.168.0.1"]])
        path = made.headers["location"]
        changed = await client.put(path, json={"url": "https://other.example/"}, headers={"If-Match": '"1"'})
        assert changed.status_code == 422, "a change is checked like a registration"


async def test_a_name_that_leads_inside_only_after_the_check_is_never_connected_to() -> None:
    """DNS rebinding: one lookup a request, and the connection goes to what that lookup said."""
    names, beyond = Names([[PUBLIC], ["127.0.0.1"]]), Reached()
    transport = CheckedTransport(names, development=False, inner=beyond)
    url = "https://hooks.example/hearth"
    assert await addresses.faults_in_url(url, Names([[PUBLIC]]), development=False) == []
    assert (await send(url, transport)).failure is None
    [request] = beyond.requests
    assert request.url.host == PUBLIC
    assert request.headers["host"] == "hooks.example"
    assert request.extensions["sni_hostname"] == "hooks.example"
    assert len(names.asked) == 1
    assert (await send(url, transport)).failure is Failure.ADDRESS_NOT_ALLOWED
    assert len(beyond.requests) == 1


async def test_of_several_addresses_the_next_is_tried_when_one_cannot_be_reached() -> None:
    beyond = Reached(dead=frozenset({"2606:4700::1111"}))
    outcome = await send("https://hooks.example/", CheckedTransport(Names([["2606:4700::1111", PUBLIC]]), development=False, inner=beyond))
    assert outcome.failure is None
    assert [request.url.host for request in beyond.requests] == ["2606:4700::1111", PUBLIC]


@pytest.mark.parametrize(
    ("leads_to", "failure"),
    [
        (["10.0.0.1"], Failure.ADDRESS_NOT_ALLOWED),
        ([PUBLIC, "10.0.0.1"], Failure.ADDRESS_NOT_ALLOWED),
        ([], Failure.NAME_NOT_FOUND),
    ],
)
async def test_what_a_name_leads_to_is_checked_at_each_sending(leads_to: list[str], failure: Failure) -> None:
    beyond = Reached()
    assert (await send("https://hooks.example/", CheckedTransport(Names([leads_to]), development=False, inner=beyond))).failure is failure
    assert beyond.requests == []


@dataclass(frozen=True)
class Authority:
    """A certificate of a made-up name, and a client that trusts it."""

    serving: ssl.SSLContext
    trusting: ssl.SSLContext


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "hooks.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    return Authority(serving, ssl.create_default_context(cafile=str(pem)))


async def test_over_tls_the_certificate_must_be_the_names_although_the_connection_goes_to_the_address(authority: Authority) -> None:
    async with receiving(authority.serving) as receiver:

        async def outcome(host: str, trusting: ssl.SSLContext | bool) -> Outcome:
            inner = httpx.AsyncHTTPTransport(verify=trusting, trust_env=False)
            return await send(f"https://{host}:{receiver.port}/", CheckedTransport(Names([["127.0.0.1"]]), development=True, inner=inner))

        assert (await outcome("hooks.example", authority.trusting)).failure is None
        assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"
        assert (await outcome("other.example", authority.trusting)).failure is Failure.NOT_TRUSTED
        assert (await outcome("hooks.example", True)).failure is Failure.NOT_TRUSTED
        assert len(receiver.received) == 1


async def test_a_receiver_that_says_nothing_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "SECONDS", 0.05)
    async with receiving() as receiver:
        receiver.answering.clear()
        outcome = await send(receiver.url, CheckedTransport(Resolver(), development=True))
    assert (outcome.status, outcome.failure) == (None, Failure.TIMED_OUT)


async def test_an_endless_answer_is_not_read() -> None:
    written = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                await writer.drain()
                written += 65536
        except OSError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outcome = await send(f"http://127.0.0.1:{port}/", CheckedTransport(Resolver(), development=True))
    server.close()
    assert (outcome.status, outcome.failure) == (200, None)
    assert written < 50_000_000
