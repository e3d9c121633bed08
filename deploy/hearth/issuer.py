"""A small OpenID issuer for one machine, so that the services meet the same discovery document, key set and tokens as in production.

It checks nobody: every well-formed organisation is a client that may ask for a token for itself, and whoever opens its page chooses
who to be (``hearth.authorising``). That is why it refuses to run without the development flag, and listens on loopback only. Production
uses Keycloak (deploy/keycloak) or any other issuer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.authorising import CLIENT, Codes, Granted
from hearth.data_folder import write_secret
from shared import clock, ids
from shared.key_files import KeyFile
from shared.organisation import ROLES, Organisation, Role

AUDIENCE = "hearth"
LIFETIME = timedelta(minutes=30)
ALGORITHM = "RS256"
LOOPBACK = "127.0.0.1"


class DevelopmentOnlyError(Exception):
    """The issuer was asked to run without saying that this is a development machine."""


PUBLISHED_BEFORE = timedelta(seconds=15)
"""How long a new key is in the key set before anything is signed with it: longer than a service waits before it fetches the set again."""
STILL_PUBLISHED = LIFETIME + timedelta(minutes=1)
"""How long a key stays in the set after another signs: as long as what it signed is good."""


@dataclass(frozen=True)
class SigningKey:
    """A key, and from which moment (seconds since 1970) it signs until a later one does."""

    key: RSAKey
    signs_from: float

    @classmethod
    def new(cls, signs_from: float) -> SigningKey:
        """A key that nobody has seen."""
        return cls(RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM, "kid": secrets.token_hex(8)}), signs_from)


def signs_at(keys: Sequence[SigningKey], moment: float) -> RSAKey:
    """The key that signs at this moment: the latest whose time has come. ``keys``: the earliest first, never empty."""
    return next((each.key for each in reversed(keys) if each.signs_from <= moment), keys[0].key)


def published_at(keys: Sequence[SigningKey], moment: float) -> list[RSAKey]:
    """The keys in the key set: those to come, the one that signs, and those whose tokens may still be good."""
    later = [*(each.signs_from for each in keys[1:]), float("inf")]
    return [each.key for each, until in zip(keys, later, strict=True) if moment < until + STILL_PUBLISHED.total_seconds()]


class Keys:
    """The signing keys of a data folder, and the secret every client's own secret is made from.

    Read again whenever the file changes, so that ``hearth new-signing-key`` beside a running issuer is all that a rotation takes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: KeyFile[tuple[Sequence[SigningKey], str]] = KeyFile(path, _parsed, ((), ""))
        self._file.now()

    @classmethod
    def kept_in(cls, path: Path) -> Keys:
        """The keys of a data folder, made on first use, so that tokens outlive a restart."""
        if not path.exists():
            _write(path, [SigningKey.new(0.0)], secrets.token_urlsafe(32))
        return cls(path)

    @property
    def signing(self) -> RSAKey:
        """The key that signs now."""
        return signs_at(self._file.now()[0], clock.now().timestamp())

    @property
    def published(self) -> list[RSAKey]:
        """The keys that tokens are checked with now."""
        return published_at(self._file.now()[0], clock.now().timestamp())

    def rotate(self) -> None:
        """Add a key that signs once every service can know it; forget those whose tokens are all over."""
        moment = clock.now().timestamp()
        kept, secret = self._file.again()
        good = published_at(kept, moment)
        new = SigningKey.new(moment + PUBLISHED_BEFORE.total_seconds())
        _write(self._path, [*(each for each in kept if each.key in good and each.signs_from <= moment), new], secret)

    def client_secret(self, organisation: Organisation) -> str:
        """The secret one organisation's client signs in with; another's cannot be worked out from it."""
        return hmac.new(self._file.now()[1].encode(), str(organisation).encode(), hashlib.sha256).hexdigest()


def _write(path: Path, keys: Iterable[SigningKey], secret: str) -> None:
    signing = [{"key": each.key.as_dict(private=True), "signs_from": each.signs_from} for each in keys]
    write_secret(path, json.dumps({"signing": signing, "secret": secret}))


def _parsed(text: str) -> tuple[Sequence[SigningKey], str]:
    kept = json.loads(text)
    # A folder of before keys rotated holds one key, which has signed from the beginning.
    every = kept["signing"] if isinstance(kept["signing"], list) else [{"key": kept["signing"], "signs_from": 0.0}]
    return tuple(SigningKey(RSAKey.import_key(each["key"]), float(each["signs_from"])) for each in every), str(kept["secret"])


_PERSON = re.compile(r"[A-Za-z0-9.-]{1,60}")


def ordinary_roles(organisation: Organisation) -> frozenset[Role]:
    """What a client of this organisation may do unless it asks for less: everything but the reader's view."""
    return ROLES[organisation.kind] - {Role.READER}


def token(keys: Keys, issuer: str, organisation: Organisation, roles: Iterable[Role], person: str = "") -> str:
    """A signed access token with the claims that the realm file of deploy/keycloak gives too; for one person of it, if one is named."""
    now = clock.now()
    claims = {
        "iss": issuer,
        "sub": f"{organisation}/{person}" if person else str(organisation),
        "aud": AUDIENCE,
        "azp": str(organisation),
        "client_id": str(organisation),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": str(ids.new_id()),
        "organisation": str(organisation),
        "roles": sorted(roles),
    }
    key = keys.signing
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}, claims, key)


def id_token(keys: Keys, issuer: str, granted: Granted) -> str:
    """Who signed in, for the program that asked; carries back the nonce it asked with."""
    now, person = clock.now(), granted.person
    claims = {
        "iss": issuer,
        "sub": f"{person.organisation}/{person.name}",
        "aud": CLIENT,
        "azp": CLIENT,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "nonce": granted.nonce,
    }
    key = keys.signing
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


def application(keys: Keys, issuer: str, *, development: bool, redirects: Iterable[str] = ()) -> Starlette:
    """The issuer's addresses. ``redirects``: where people may be sent back to with a code. DevelopmentOnlyError without the flag."""
    if not development:
        raise DevelopmentOnlyError("The local issuer gives a token to any organisation: it runs only with HEARTH_DEVELOPMENT=1.")

    codes = Codes(frozenset(redirects))

    async def discovery(request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/jwks",
                "token_endpoint": f"{issuer}/token",
                "authorization_endpoint": f"{issuer}/authorize",
                "end_session_endpoint": f"{issuer}/sign-out",
                "response_types_supported": ["token", "code"],
                "subject_types_supported": ["public"],
                "grant_types_supported": ["client_credentials", "authorization_code"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "scopes_supported": ["openid", *sorted(Role)],
            }
        )

    async def key_set(request: Request) -> Response:
        return JSONResponse(KeySet([*keys.published]).as_dict(private=False))

    async def token_endpoint(request: Request) -> Response:
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        if form.get("grant_type") == "authorization_code":
            return _for_code(keys, issuer, codes.exchange(form))
        return _grant(keys, issuer, form, request.headers.get("authorization", ""))

    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", key_set),
            Route("/token", token_endpoint, methods=["POST"]),
            Route("/authorize", codes.page, methods=["GET"]),
            Route("/authorize", codes.chosen, methods=["POST"]),
            Route("/sign-out", codes.sign_out, methods=["GET"]),
        ]
    )
    app.state.issuer = issuer
    return app


def _for_code(keys: Keys, issuer: str, granted: Granted | None) -> Response:
    if granted is None:
        return _refusal("invalid_grant", "The code is spent, too old, or not this program's.")
    person = granted.person
    return JSONResponse(
        {
            "access_token": token(keys, issuer, person.organisation, person.roles, person.name),
            "id_token": id_token(keys, issuer, granted),
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": "openid",
        },
        headers={"Cache-Control": "no-store"},
    )


def _grant(keys: Keys, issuer: str, form: dict[str, str], authorization: str) -> Response:
    if form.get("grant_type") != "client_credentials":
        return _refusal("unsupported_grant_type", "Only grant_type=client_credentials or authorization_code is given here.")
    client, secret = _client(form, authorization)
    try:
        organisation = Organisation.parse(client)
    except ValueError:
        return _refusal("invalid_client", "A client is an organisation: council:<ONS code>, agency:<Ofsted URN> or consortium.", 401)
    if not hmac.compare_digest(secret.encode(), keys.client_secret(organisation).encode()):
        return _refusal("invalid_client", "The client secret is wrong; `hearth token` knows the right one.", 401)
    roles = ordinary_roles(organisation)
    asked = form.get("scope", "").split()
    if asked:
        held = sorted(ROLES[organisation.kind])
        if not set(asked) <= set(held):
            return _refusal("invalid_scope", f"The roles of a {organisation.kind} are: {', '.join(held)}.")
        roles = frozenset(Role(role) for role in asked)
    person = form.get("person", "")
    if person and not _PERSON.fullmatch(person):
        return _refusal("invalid_request", "A person is named with letters, digits, dots and dashes, at most 60.")
    return JSONResponse(
        {
            "access_token": token(keys, issuer, organisation, roles, person),
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": " ".join(sorted(roles)),
        },
        headers={"Cache-Control": "no-store"},
    )


def _client(form: dict[str, str], authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    # RFC 6749 §2.3.1: both halves are form-encoded; a client that forgot leaves one colon more, which belongs to its name.
    if client in ("council", "agency"):
        code, _, secret = secret.partition(":")
        client = f"{client}:{code}"
    return unquote(client), unquote(secret)


def _refusal(error: str, description: str, status: int = 400) -> JSONResponse:
    headers = {"WWW-Authenticate": 'Basic realm="hearth"'} if status == 401 else {}
    return JSONResponse({"error": error, "error_description": description}, status_code=status, headers=headers)
