"""Sign-in: an access token of an OpenID issuer, checked against its key set; who may call is a parameter type.

Issuer, audience, expiry, algorithm and signature are all checked. The claims ``organisation`` and ``roles`` say whose rows the
caller may touch and what the person may do there; a role that belongs to another kind of organisation counts for nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase

from shared import allowances, clock
from shared.organisation import ROLES, Kind, Organisation, Role
from shared.refusals import Reason, RefusalKind, Refused, not_allowed, unavailable

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Asymmetric only: never ``none``, and no shared secret that a key set would have to publish."""

_REFRESH_SECONDS = 10.0
_KEEP_SECONDS = 600.0
_LEEWAY_SECONDS = 10
_CHECKED_TOKENS = 5_000


@dataclass(frozen=True)
class Caller:
    """Who signed in: the organisation, the roles held there, and the person or client (the token's ``sub``)."""

    organisation: Organisation
    roles: frozenset[Role]
    subject: str

    @property
    def council(self) -> str:
        """The council's ONS code; only for callers that are councils."""
        assert self.organisation.kind is Kind.COUNCIL
        return self.organisation.code

    @property
    def agency(self) -> str:
        """The agency's Ofsted URN; only for callers that are agencies."""
        assert self.organisation.kind is Kind.AGENCY
        return self.organisation.code


class KeySet:
    """The issuer's public keys, fetched when first needed and again when a token names one we do not know."""

    def __init__(self, issuer: str, jwks_url: str = "", transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.issuer = issuer
        self._jwks_url = jwks_url
        self._transport = transport
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> jwt.PyJWK | None:
        """The key of that id, or None when the issuer has no such key."""
        age = time.monotonic() - self._asked_at
        if (key_id not in self._keys and age > _REFRESH_SECONDS) or age > _KEEP_SECONDS:
            async with self._lock:
                if time.monotonic() - self._asked_at > (_REFRESH_SECONDS if key_id not in self._keys else _KEEP_SECONDS):
                    await self._refresh()
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=5, trust_env=False) as client:
                address = self._jwks_url or (await self._fetch(client, f"{self.issuer}/.well-known/openid-configuration"))["jwks_uri"]
                found = await self._fetch(client, address)
            keys = {
                key["kid"]: jwt.PyJWK(key) for key in found["keys"] if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC")
            }
        except (httpx.HTTPError, KeyError, ValueError, TypeError, jwt.PyJWTError) as error:
            if self._keys:
                return  # the issuer is away; what it signed with before is still good
            raise unavailable("The sign-in service does not answer just now; please try again in a moment.") from error
        self._keys = keys
        self._asked_at = time.monotonic()

    @staticmethod
    async def _fetch(client: httpx.AsyncClient, address: str) -> Any:
        reply = await client.get(address)
        reply.raise_for_status()
        return reply.json()


@dataclass(frozen=True)
class _Checked:
    """A token every part of which was checked: with which key, until when that holds, and who it says is calling."""

    key_id: str
    key: jwt.PyJWK
    until: float
    caller: Caller


@dataclass(frozen=True)
class SignIn:
    """What a service needs to check a token.

    A caller sends the same token with every request until it expires, and checking one costs a quarter of a small write. So what
    was found of a token is kept by its hash, and holds for that very token until it expires or the issuer's key is replaced.
    """

    keys: KeySet
    issuer: str
    audience: str
    _checked: dict[bytes, _Checked] = field(default_factory=dict, repr=False, compare=False)

    async def caller(self, token: str) -> Caller:
        """Who this token says is calling; refused with the rule it breaks."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._checked.get(digest)
        if known and clock.now().timestamp() < known.until and await self.keys.key(known.key_id) is known.key:
            return known.caller
        found = await self._check(token)
        self._checked.pop(digest, None)
        while len(self._checked) >= _CHECKED_TOKENS:
            del self._checked[next(iter(self._checked))]
        self._checked[digest] = found
        return found.caller

    async def identity(self, id_token: str, *, client: str, nonce: str) -> str:
        """The person (``sub``) an id token names, meant for this client and answering this very request; refused as an access token is."""
        _, _, claims = await self._claims(id_token, client)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("nonce", "The sign-in that came back is not the one that was asked for. Sign in again.")
        if claims.get("azp", client) != client:
            raise _refused("authorised_party", "The sign-in that came back was meant for another program.")
        return str(claims["sub"])

    async def _check(self, token: str) -> _Checked:
        key_id, key, claims = await self._claims(token, self.audience)
        return _Checked(key_id, key, _seconds(claims["exp"]) + _LEEWAY_SECONDS, _caller(claims))

    async def _claims(self, token: str, audience: str) -> tuple[str, jwt.PyJWK, dict[str, Any]]:
        """What a token says, after issuer, audience, expiry, algorithm and signature were checked, and the key it was signed with."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise _refused("token_readable", "The access token cannot be read.") from error
        if header.get("alg") not in ALGORITHMS:
            raise _refused("algorithm_allowed", "The access token is not signed in a way that is accepted here.")
        key_id = str(header.get("kid", ""))
        key = await self.keys.key(key_id)
        if key is None or key.algorithm_name not in ALGORITHMS:
            raise _refused("key_known", "The access token was not signed by the sign-in service this platform trusts.")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=audience,
                issuer=self.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise _refused("not_expired", "The access token has expired; ask the sign-in service for a new one.") from error
        except jwt.InvalidAudienceError as error:
            raise _refused("audience", "The access token is meant for another service.") from error
        except jwt.InvalidIssuerError as error:
            raise _refused("issuer", "The access token was given by another sign-in service.") from error
        except jwt.PyJWTError as error:
            raise _refused("signature_and_claims", "The access token is not valid.") from error
        return key_id, key, claims


def _seconds(expiry: Any) -> float:
    try:
        return float(expiry)
    except OverflowError as error:
        raise _refused("signature_and_claims", "The access token is not valid.") from error


def _caller(claims: dict[str, Any]) -> Caller:
    try:
        organisation = Organisation.parse(claims["organisation"])
    except (KeyError, ValueError) as error:
        raise _refused("organisation_named", "The access token does not say which council or agency you act for.") from error
    named = claims.get("roles", ())
    given = [name for name in named if isinstance(name, str)] if isinstance(named, list | tuple) else []
    roles = frozenset(Role(name) for name in given if name in set(Role))
    return Caller(organisation, roles & ROLES[organisation.kind], str(claims["sub"]))


def _refused(rule: str, message: str) -> Refused:
    return Refused(RefusalKind.NOT_SIGNED_IN, message, (Reason("Authorization", rule, message),))


_bearer = HTTPBearer(auto_error=False, description="An access token of the OpenID issuer: Authorization: Bearer …")


_KIND_WORDS = {Kind.COUNCIL: "a council", Kind.AGENCY: "an agency", Kind.CONSORTIUM: "the consortium"}


def _role_words(roles: frozenset[Role]) -> str:
    return " or ".join(sorted(str(role).replace("_", " ") for role in roles))


@dataclass(frozen=True)
class MayCall:
    """Kinds of organisation that may call, and in each the roles, any one of which suffices."""

    allowed: Mapping[Kind, frozenset[Role]]

    def check(self, caller: Caller) -> Caller:
        """The caller, if it may; refused with what would be needed."""
        kind_words = " or ".join(_KIND_WORDS[kind] for kind in self.allowed)
        roles = self.allowed.get(caller.organisation.kind)
        if roles is None:
            raise not_allowed(f"This is for {kind_words}.", Reason("Authorization", "organisation_kind", f"Sign in as {kind_words}."))
        if not caller.roles & roles:
            needed = _role_words(roles)
            raise not_allowed(
                f"This needs the role {needed}.", Reason("Authorization", "role", f"Ask your administrator for the role {needed}.")
            )
        return caller


class ByToken(SecurityBase):
    """Who is calling by the request's access token, and whether they may: one step, since the framework's own work for each step of a
    chain costs more than the checks."""

    model = _bearer.model
    scheme_name = _bearer.scheme_name

    def __init__(self, who: MayCall) -> None:
        self.who = who

    async def __call__(self, request: Request) -> Caller:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:  # of one request once, however often it is asked: it counts once against its organisation's allowance
            caller = await _known_by_token(request)
            request.state.caller = caller
        return self.who.check(caller)


async def _known_by_token(request: Request) -> Caller:
    given = await _bearer(request)
    if given is None:
        raise _refused("token_present", "Sign in first: send an access token as Authorization: Bearer …")
    signin: SignIn = request.app.state.signin
    caller = await signin.caller(given.credentials)
    request.state.organisation = str(caller.organisation)
    allowances.take(request, caller.organisation)
    return caller


def signed_in(
    allowed: Mapping[Kind, frozenset[Role]], *, by: Callable[..., Coroutine[Any, Any, Caller]] | None = None
) -> Callable[..., Coroutine[Any, Any, Caller]]:
    """The check behind a parameter type: kinds of organisation that may call, and in each the roles, any one of which suffices.

    ``by`` says how the caller is known: by the request's access token, unless a service's pages know people by a session.
    """
    who = MayCall(allowed)
    if by is None:
        return ByToken(who)

    async def checked(caller: Caller = Depends(by)) -> Caller:  # noqa: B008 (a default is how FastAPI takes a dependency that is an argument)
        return who.check(caller)

    return checked


def roles_except_reader(kind: Kind) -> frozenset[Role]:
    """Everybody of that kind who may change something."""
    return ROLES[kind] - {Role.READER}


_OFFICERS = frozenset({Role.PLACEMENTS_OFFICER, Role.SOCIAL_WORKER})

COUNCIL_STAFF = ROLES[Kind.COUNCIL] - {Role.PANEL_MEMBER}
"""Everybody in a council but those who only sit on panels, who may be of the health service or a school and see their panels alone."""

AnyCaller = Annotated[Caller, Depends(signed_in(ROLES | {Kind.COUNCIL: COUNCIL_STAFF}))]
"""Anybody who is signed in with any role but that of a panel member."""
CouncilCaller = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF}))]
"""Any role in a council but that of a panel member."""
PlacementsOfficer = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: _OFFICERS}))]
"""A council's placements officer or social worker: those who refer, choose and place."""
SocialCareStaff = PlacementsOfficer
"""Those in a council who may read who a child is."""
FosteringService = Annotated[
    Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.FOSTERING_SERVICE}), Kind.AGENCY: roles_except_reader(Kind.AGENCY)}))
]
"""Whoever has carers: an agency, or a council's in-house fostering service."""
CouncilAdministrator = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.ADMINISTRATOR})}))]
"""Who sets what is the council's own."""
Evaluator = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.EVALUATOR})}))]
"""A council's evaluator of tenders."""
AgencyCaller = Annotated[Caller, Depends(signed_in({Kind.AGENCY: ROLES[Kind.AGENCY]}))]
"""Any role in an agency."""
AgencyOfficer = Annotated[Caller, Depends(signed_in({Kind.AGENCY: roles_except_reader(Kind.AGENCY)}))]
"""Those in an agency who answer referrals."""
ConsortiumCaller = Annotated[Caller, Depends(signed_in({Kind.CONSORTIUM: ROLES[Kind.CONSORTIUM]}))]
"""Any role in the consortium."""
ProjectManager = Annotated[Caller, Depends(signed_in({Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})}))]
"""The consortium's project manager."""
ProcurementLead = Annotated[Caller, Depends(signed_in({Kind.CONSORTIUM: frozenset({Role.PROCUREMENT_LEAD})}))]
"""Who runs the tender."""
