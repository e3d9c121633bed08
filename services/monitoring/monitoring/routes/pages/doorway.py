"""How people come to the pages and are known there: the issuer, the cookies, and how long they are good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from monitoring.actions.issuer import Issuer
from monitoring.domain.page_session import Lasting
from shared.settings import Settings

ATTEMPT_SECONDS = 600
SIGNED_IN = "/pages/signed-in"
SIGNED_OUT = "/pages/signed-out"


@dataclass(frozen=True, slots=True)
class Doorway:
    """What follows from the settings for everybody who comes to the pages."""

    issuer: Issuer
    origin: str
    lasting: Lasting
    session_cookie: str
    attempt_cookie: str
    secure: bool

    @classmethod
    def of(cls, settings: Settings) -> Doorway:
        """Served over https, cookies carry ``__Host-``: no other host and no plain connection can set or read them.

        On this machine alone the name carries the port, since browsers keep one jar for all ports of a host.
        """
        url = settings.pages_url or f"http://127.0.0.1:{settings.port}"
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        before, after = ("__Host-", "") if secure else ("", f"-{parts.port}")
        issuer = Issuer(
            settings.issuer,
            discovery_url=settings.discovery_url,
            client=settings.pages_client_id,
            secret=settings.pages_client_secret,
            back_to=url + SIGNED_IN,
        )
        lasting = Lasting(timedelta(minutes=settings.pages_idle_minutes), timedelta(hours=settings.pages_hours))
        return cls(issuer, f"{parts.scheme}://{parts.netloc}", lasting, f"{before}hearth{after}", f"{before}hearth-sign-in{after}", secure)

    def give(self, response: Response, cookie: Literal["session", "attempt"], value: str) -> None:
        """Set one of the two cookies. The session's ends with the browser; the row behind it ends earlier if unused."""
        name = self.session_cookie if cookie == "session" else self.attempt_cookie
        seconds = None if cookie == "session" else ATTEMPT_SECONDS
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax")

    def take(self, response: Response, cookie: Literal["session", "attempt"]) -> None:
        """Take a cookie back."""
        name = self.session_cookie if cookie == "session" else self.attempt_cookie
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")


def doorway(request: Request) -> Doorway:
    """The application's own, made when first needed."""
    found: Doorway | None = getattr(request.app.state, "doorway", None)
    if found is None:
        found = request.app.state.doorway = Doorway.of(request.app.state.settings)
    return found
