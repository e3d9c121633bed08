"""One notice as one signed request (Standard Webhooks 1.0.0), and what became of it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from standardwebhooks import Webhook as Signer

from matching.domain.notice import Notice
from matching.domain.webhook import Failure, Outcome
from matching.sending.addresses import AddressNotAllowed, NameNotFound

SECONDS: Final = 20.0
"""How long a receiver has, from looking its name up to the last of its headers."""

_BUSY = (429, 503)
_TOO_LONG_A_NUMBER = 10


def body_of(notice: Notice) -> str:
    """The body: type, time, and where to read the rest. Nothing of a child is in it."""
    data = {
        "id": str(notice.notice),
        "council": notice.council,
        "referral": notice.referral and str(notice.referral),
        "reference": notice.reference,
        "offer": notice.offer and str(notice.offer),
        "subject": notice.subject and str(notice.subject),
        "service": notice.service,
        "path": notice.path,
    }
    told = {"type": notice.type, "timestamp": notice.happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(told, separators=(",", ":"))


def headers_of(notice: Notice, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """Id, time of the attempt, and a signature under each secret."""
    name = str(notice.notice)
    moment = now.astimezone(UTC)
    return {
        "content-type": "application/json",
        "user-agent": "Hearth-Webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(name, moment, body) for secret in secrets),
    }


async def send(client: httpx.AsyncClient, url: str, notice: Notice, secrets: Sequence[str], now: datetime) -> Outcome:
    """Send it once. Only the status is read: the reply's body could be anything, so it is neither read nor kept."""
    body = body_of(notice)
    headers = headers_of(notice, body, secrets, now)
    try:
        async with (
            asyncio.timeout(SECONDS),
            client.stream("POST", url, content=body.encode(), headers=headers, follow_redirects=False) as reply,
        ):
            return _outcome(reply, now)
    except (TimeoutError, httpx.TimeoutException):
        return Outcome(None, Failure.TIMED_OUT)
    except NameNotFound:
        return Outcome(None, Failure.NAME_NOT_FOUND)
    except AddressNotAllowed:
        return Outcome(None, Failure.ADDRESS_NOT_ALLOWED)
    except httpx.ProtocolError:
        return Outcome(None, Failure.NOT_HTTP)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Outcome(None, Failure.NOT_TRUSTED if _is_about_the_certificate(error) else Failure.NOT_CONNECTED)


def _outcome(reply: httpx.Response, now: datetime) -> Outcome:
    status = reply.status_code
    if reply.is_success:
        return Outcome(status, None)
    if reply.is_redirect or 300 <= status < 400:
        return Outcome(status, Failure.REDIRECT)
    if status == httpx.codes.GONE:
        return Outcome(status, Failure.GONE)
    asked = retry_after(reply.headers.get("retry-after", ""), now) if status in _BUSY else None
    return Outcome(status, Failure.STATUS, asked)


def retry_after(text: str, now: datetime) -> timedelta | None:
    """What a ``Retry-After`` header asks for, in seconds or as a date; None when it asks for nothing sensible."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) < _TOO_LONG_A_NUMBER else None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta(0) else None


def _is_about_the_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
