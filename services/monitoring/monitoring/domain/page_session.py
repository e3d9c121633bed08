"""What a browser holds of a sign-in, and for how long it is good."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shared.organisation import Organisation

SEEN_EVERY = timedelta(minutes=1)
"""How often a session's last use is written: more would be a write with every page."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a session is good without being used, and altogether."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class PageSession:
    """Somebody signed in: which person of the organisation, with which roles, since when, last seen when."""

    subject: str
    roles: frozenset[str]
    began_at: datetime
    seen_at: datetime

    def over(self, now: datetime, lasting: Lasting) -> bool:
        """Whether it is past: unused too long, or begun too long ago, used or not."""
        return now >= self.seen_at + lasting.idle or now >= self.began_at + lasting.longest


@dataclass(frozen=True, slots=True)
class Held:
    """What the cookie holds: the organisation whose row it is, and the secret that the row is known by the hash of.

    The organisation is no secret and proves nothing; it says under whose row security to look. Altered, it leads to no row.
    """

    organisation: Organisation
    secret: str

    def __str__(self) -> str:
        return f"{self.organisation}.{self.secret}"

    @classmethod
    def read(cls, cookie: str) -> Self | None:
        """None for anything that is not written so."""
        named, _, secret = cookie.partition(".")
        try:
            organisation = Organisation.parse(named)
        except ValueError:
            return None
        return cls(organisation, secret) if 20 <= len(secret) <= 100 and secret.isascii() else None

    @property
    def digest(self) -> bytes:
        """What is stored."""
        return hashlib.sha256(self.secret.encode()).digest()

    @property
    def form_token(self) -> str:
        """What every form of this session carries; it cannot be worked out without the secret, nor the secret from it."""
        return derived(self.secret, "form")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in on its way: one secret in a cookie of ten minutes, from which all that must come back unchanged is derived."""

    secret: str

    @property
    def state(self) -> str:
        """Comes back in the address: that it is this browser's own sign-in."""
        return derived(self.secret, "state")

    @property
    def nonce(self) -> str:
        """Comes back in the id token: that it was made for this sign-in."""
        return derived(self.secret, "nonce")

    @property
    def verifier(self) -> str:
        """What the code is exchanged with (RFC 7636); the issuer has seen only its hash."""
        return derived(self.secret, "verifier")


def derived(secret: str, purpose: str) -> str:
    """43 letters that follow from a secret and a purpose, and tell neither the secret nor what another purpose gives."""
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()


def same(given: str, expected: str) -> bool:
    """Compared in a time that does not tell how much of it was right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
