"""Access tokens from an OpenID issuer's token endpoint, kept until they are nearly over."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import httpx

from hearth.data_folder import DataFolder, Running
from hearth.issuer import Keys
from shared.organisation import Organisation

EARLY = 60.0
"""How many seconds before its end a token is fetched anew."""


class TokenRefusedError(Exception):
    """The issuer would not give a token; its own words."""


@dataclass
class Tokens:
    """Signs in as any organisation at the local issuer, with the client secrets of one data folder."""

    http: httpx.AsyncClient
    issuer: str
    keys: Keys
    _kept: dict[tuple[str, str, str], tuple[str, float]] = field(default_factory=dict)

    async def of(self, organisation: str, role: str = "", person: str = "") -> str:
        """A token of this organisation, with all its ordinary roles or the one named, for the person named if there is one.

        TokenRefusedError with the issuer's words.
        """
        kept = self._kept.get((organisation, role, person))
        if kept and kept[1] > time.monotonic():
            return kept[0]
        client = Organisation.parse(organisation)
        form = {
            "grant_type": "client_credentials",
            "client_id": str(client),
            "client_secret": self.keys.client_secret(client),
            **({"scope": role} if role else {}),
            **({"person": person} if person else {}),
        }
        reply = await self.http.post(f"{self.issuer}/token", data=form)
        body = reply.json()
        if reply.status_code != httpx.codes.OK:
            raise TokenRefusedError(str(body.get("error_description") or body.get("error")))
        token = str(body["access_token"])
        self._kept[organisation, role, person] = (token, time.monotonic() + float(body["expires_in"]) - EARLY)
        return token


def signed_in(http: httpx.AsyncClient, folder: DataFolder, running: Running) -> Tokens:
    """Tokens of the issuer that runs from a data folder."""
    return Tokens(http, running.issuer, Keys.kept_in(folder.issuer_keys))
