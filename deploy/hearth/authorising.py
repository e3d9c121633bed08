"""The local issuer's part for people: authorization code flow with PKCE, where whoever sits at the machine chooses who to be.

Development only, loopback only, like the rest of the issuer. What production's issuer checks is checked here too, so that the pages
meet the same refusals: a registered address to go back to, S256, a code that is good once, for a minute, to who asked for it.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hearth.people import PEOPLE, Person, somebody
from shared import clock

CLIENT = "hearth-pages"
CODE_LASTS = timedelta(seconds=60)
_MOST_CODES = 1_000


@dataclass(frozen=True)
class Granted:
    """What a code stands for until it is exchanged."""

    redirect_uri: str
    challenge: str
    nonce: str
    person: Person
    until: datetime


@dataclass
class Codes:
    """The codes given and not yet exchanged, and the addresses people may be sent back to."""

    redirects: frozenset[str] = frozenset()
    _given: dict[str, Granted] = field(default_factory=dict)

    def give(self, granted: Granted) -> str:
        """A code for it."""
        while len(self._given) >= _MOST_CODES:
            del self._given[next(iter(self._given))]
        code = secrets.token_urlsafe(24)
        self._given[code] = granted
        return code

    def exchange(self, form: Mapping[str, str]) -> Granted | None:
        """What a code stands for, once; None when it is spent, too old, or brought by another than who asked for it."""
        found = self._given.pop(form.get("code", ""), None)
        if found is None or clock.now() >= found.until or form.get("client_id") != CLIENT or form.get("redirect_uri") != found.redirect_uri:
            return None
        made = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        return found if hmac.compare_digest(made, found.challenge) else None

    async def page(self, request: Request) -> Response:
        """Who do you want to be? A request that could lead elsewhere is refused here and not sent back."""
        asked = dict(request.query_params)
        fault = self._fault(asked)
        return _html(_refusal(fault), 400) if fault else _html(_choice(asked, ""), leads=asked["redirect_uri"])

    async def chosen(self, request: Request) -> Response:
        """Back to where they came from, with a code."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        fault = self._fault(form)
        if fault:
            return _html(_refusal(fault), 400)
        person = somebody(form.get("person", ""), form.get("organisation", "").strip(), form.get("role", "").strip())
        if person is None:
            words = "Choose somebody, or write an organisation as council:E06000045, agency:SC900001 or consortium, and one of its roles."
            return _html(_choice(form, words), 422, leads=form["redirect_uri"])
        granted = Granted(form["redirect_uri"], form["code_challenge"], form["nonce"], person, clock.now() + CODE_LASTS)
        back = urlencode({"code": self.give(granted), "state": form["state"], "iss": request.app.state.issuer})
        return RedirectResponse(
            f"{form['redirect_uri']}?{back}", 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )

    async def sign_out(self, request: Request) -> Response:
        """Nobody stays signed in here, so this only leads back, to a registered host."""
        back = request.query_params.get("post_logout_redirect_uri", "")
        known = {urlsplit(each).netloc for each in self.redirects}
        if request.query_params.get("client_id") != CLIENT or urlsplit(back).netloc not in known or urlsplit(back).scheme != "http":
            return _html(_refusal("post_logout_redirect_uri is not one of the pages' own addresses."), 400)
        return RedirectResponse(back, 303)

    def _fault(self, asked: Mapping[str, str]) -> str:
        """The first thing wrong with a request to sign in; empty when nothing is."""
        checks = (
            (asked.get("client_id") == CLIENT, f"client_id is not {CLIENT}."),
            (asked.get("redirect_uri") in self.redirects, "redirect_uri is not a registered address."),
            (asked.get("response_type") == "code", "Only response_type=code is answered."),
            ("openid" in asked.get("scope", "").split(), "The scope lacks openid."),
            (asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43, "PKCE with S256 is needed."),
            (bool(asked.get("state")) and bool(asked.get("nonce")), "state and nonce are needed."),
        )
        return next((words for kept, words in checks if not kept), "")


_CARRIED = ("client_id", "redirect_uri", "response_type", "scope", "code_challenge", "code_challenge_method", "state", "nonce")
_STYLE = (
    "body{font:19px/1.4 arial,sans-serif;max-width:40em;margin:2em auto;padding:0 1em;color:#0b0c0c}"
    "label{display:block;padding:.5em 0}button{font:inherit;padding:.4em 1em;margin:1em 0}input[type=text]{font:inherit;width:100%}"
    "fieldset{border:1px solid #b1b4b6;margin:1em 0;padding:.5em 1em}.fault{color:#b3261e;font-weight:bold}"
)


def _choice(asked: Mapping[str, str], fault: str) -> str:
    carried = "".join(f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">' for name in _CARRIED)
    people = "".join(
        f'<label><input type="radio" name="person" value="{person.name}"{"" if number else " checked"}> {html.escape(person.words)}</label>'
        for number, person in enumerate(PEOPLE)
    )
    said = f'<p class="fault" role="alert">{html.escape(fault)}</p>' if fault else ""
    return (
        "<h1>Sign in as…</h1>"
        f"<p>This issuer is for development machines: it asks for no password and answers on this machine alone.</p>{said}"
        f'<form method="post" action="/authorize">{carried}<fieldset><legend>Somebody of the example</legend>{people}</fieldset>'
        "<fieldset><legend>Or anybody else</legend>"
        '<label>Organisation <input type="text" name="organisation" autocomplete="off"></label>'
        '<label>Role <input type="text" name="role" autocomplete="off"></label></fieldset>'
        "<button>Sign in</button></form>"
    )


def _refusal(words: str) -> str:
    return f"<h1>This sign-in cannot go on</h1><p>{html.escape(words)}</p>"


def _html(body: str, status: int = 200, *, leads: str = "") -> HTMLResponse:
    digest = hashlib.sha256(_STYLE.encode()).digest()
    parts = urlsplit(leads)
    onward = f" {parts.scheme}://{parts.netloc}" if leads else ""
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>Sign in for development</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>",
        status,
        headers={
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{b64encode(digest).decode()}'; img-src data:; "
            f"form-action 'self'{onward}; base-uri 'none'; frame-ancestors 'none'",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )
