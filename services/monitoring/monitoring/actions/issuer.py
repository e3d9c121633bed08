"""Speaking with the OpenID issuer for the pages: authorization code flow with PKCE (RFC 7636), as its discovery document says."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

with warnings.catch_warnings(record=True):  # authlib says at import that it would rather have httpx's successor
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.httpx_client import AsyncOAuth2Client

from monitoring.domain.page_session import Attempt
from shared.refusals import Reason, RefusalKind, Refused, unavailable

_KEEP_SECONDS = 600.0
_SCOPE = "openid"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for."""

    access: str
    id: str


class Issuer:
    """The issuer as the pages' own client sees it. Discovery is fetched when first needed and again every ten minutes."""

    def __init__(
        self, name: str, *, discovery_url: str, client: str, secret: str, back_to: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self.client = client
        self.back_to = back_to
        self._secret = secret
        self._discovery_url = discovery_url or f"{name}/.well-known/openid-configuration"
        self._transport = transport
        self._says: dict[str, Any] = {}
        self._asked_at = float("-inf")

    async def sign_in_address(self, attempt: Attempt) -> str:
        """Where the browser goes to sign in."""
        async with await self._open() as client:
            address, _ = client.create_authorization_url(
                self._says["authorization_endpoint"], state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(address)

    async def exchange(self, code: str, attempt: Attempt) -> Tokens:
        """The tokens for a code; refused when the issuer does not take it (used before, too old, another browser's)."""
        async with await self._open() as client:
            try:
                found = await client.fetch_token(
                    self._says["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=attempt.verifier
                )
                return Tokens(str(found["access_token"]), str(found["id_token"]))
            except (OAuthError, KeyError) as error:
                message = "The sign-in service did not accept this sign-in: it may have been used before or taken too long. Sign in again."
                raise Refused(RefusalKind.NOT_SIGNED_IN, message, (Reason("code", "code_accepted", message),)) from error
            except (httpx.HTTPError, ValueError) as error:
                raise unavailable("The sign-in service does not answer just now; please try again in a moment.") from error

    async def sign_out_address(self, after: str) -> str | None:
        """Where the browser goes to sign out at the issuer as well (RP-initiated logout); None when it offers none or is away."""
        try:
            await self._discover()
        except Refused:
            return None
        ends = self._says.get("end_session_endpoint")
        return f"{ends}?{urlencode({'client_id': self.client, 'post_logout_redirect_uri': after})}" if ends else None

    def origins(self) -> tuple[str, ...]:
        """Where a form of ours may lead besides to ourselves: a sign-out goes on to the issuer."""
        parts = urlsplit(str(self._says.get("end_session_endpoint", "")))
        return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()

    async def _open(self) -> AsyncOAuth2Client:
        await self._discover()
        return AsyncOAuth2Client(
            client_id=self.client,
            client_secret=self._secret or None,
            scope=_SCOPE,
            redirect_uri=self.back_to,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=5,
            trust_env=False,
        )

    async def _discover(self) -> None:
        if time.monotonic() - self._asked_at < _KEEP_SECONDS:
            return
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=5, trust_env=False) as client:
                reply = await client.get(self._discovery_url)
                reply.raise_for_status()
                said = reply.json()
            if said["issuer"] != self.name or not said["authorization_endpoint"] or not said["token_endpoint"]:
                raise ValueError("the discovery document is another issuer's")
        except (httpx.HTTPError, KeyError, ValueError, TypeError) as error:
            if self._says:
                return  # the issuer is away; where its addresses were they still are
            raise unavailable("The sign-in service does not answer just now; please try again in a moment.") from error
        self._says, self._asked_at = said, time.monotonic()
