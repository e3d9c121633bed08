"""One service in this process: its application over ASGI, its handlers through the real delivery, on real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from sqlalchemy import text

from shared import clock, delivery, ids, tenancy
from shared.contracts import Envelope, Event
from shared.organisation import ROLES, Organisation, Role
from shared.service import Service, create_app, furnish
from shared.settings import OwnDatabase, Settings
from shared.signin import KeySet, SignIn

ISSUER = "http://issuer.test"
AUDIENCE = "hearth"


@dataclass(frozen=True)
class SigningKey:
    """The test issuer: signs tokens, and serves its discovery document and key set without a socket."""

    private: rsa.RSAPrivateKey
    key_id: str = "test-key"

    @classmethod
    def new(cls) -> Self:
        """A new key; slow enough to make once a session."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def token(self, organisation: str, /, *roles: str, **changes: Any) -> str:
        """An access token; without roles, all roles of that kind but reader. ``changes`` replace or (with None) remove claims."""
        kind = Organisation.parse(organisation).kind
        moment = clock.now()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"person@{organisation}",
            "iat": moment,
            "exp": moment + timedelta(minutes=30),
            "organisation": organisation,
            "roles": list(roles) or sorted(ROLES[kind] - {Role.READER}),
        } | changes
        return jwt.encode({name: value for name, value in claims.items() if value is not None}, self.private, "RS256", {"kid": self.key_id})

    def transport(self) -> httpx.MockTransport:
        """Serves what a verifier fetches."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("openid-configuration"):
                return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})
            return httpx.Response(200, json={"keys": [public | {"kid": self.key_id, "use": "sig", "alg": "RS256"}]})

        return httpx.MockTransport(answer)


class Applications:
    """Applications not in use: the framework needs half a second to understand a service's routes, and each test would wait for it."""

    def __init__(self) -> None:
        self._free: dict[tuple[int, frozenset[str]], list[tuple[Service, FastAPI]]] = {}

    def take(self, service: Service, settings: Settings, databases: tenancy.Databases) -> FastAPI:
        """One of this service, as though just made; no two callers have the same one at once."""
        free = self._free.get(self._kind(service, settings))
        if not free:
            return create_app(service, settings, databases=databases)
        _, app = free.pop()
        app.dependency_overrides.clear()
        furnish(app, settings, databases)
        return app

    def give_back(self, running: RunningService) -> None:
        """It is used no more."""
        self._free.setdefault(self._kind(running.service, running.settings), []).append((running.service, running.app))

    @staticmethod
    def _kind(service: Service, settings: Settings) -> tuple[int, frozenset[str]]:
        """What an application is built from: the declared service itself, and the one setting that adds to it."""
        return id(service), settings.cors_origins


_applications = Applications()


@dataclass
class RunningService:
    """A service under test. ``as_`` signs somebody in, ``deliver`` brings it news, ``published`` is what it said."""

    service: Service
    app: FastAPI
    databases: tenancy.Databases
    settings: Settings
    key: SigningKey
    owner_urls: Mapping[str | None, str]

    @classmethod
    def start(cls, service: Service, databases: Mapping[str | None, tuple[str, str]], key: SigningKey, **changes: Any) -> Self:
        """Open the service on these databases (None: the shared one; an ONS code: that council's own)."""
        settings = Settings(
            **{
                "database_url": databases[None][0],
                "owner_database_url": databases[None][1],
                "broker_url": "amqp://unused.test/",
                "issuer": ISSUER,
                "audience": AUDIENCE,
                "development": True,
                "tenancy_map": {council: OwnDatabase(*urls) for council, urls in databases.items() if council},
                "pool_size": 20,
            }
            | changes
        )
        pools = tenancy.Databases.from_settings(settings, service=service.name)
        app = _applications.take(service, settings, pools)
        app.state.signin = SignIn(KeySet(ISSUER, transport=key.transport()), ISSUER, AUDIENCE)
        return cls(service, app, pools, settings, key, {council: urls[1] for council, urls in databases.items()})

    def as_(self, organisation: str, /, *roles: str, **claims: Any) -> httpx.AsyncClient:
        """A client signed in for this organisation; without roles, with all but reader."""
        return self.with_token(self.key.token(organisation, *roles, **claims))

    def with_token(self, token: str | None) -> httpx.AsyncClient:
        """A client with this very token, or none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://{self.service.name}.test", headers=headers)

    async def deliver(
        self,
        event: Event,
        *,
        subject: str,
        organisation: str,
        version: int = 1,
        council: str | None = None,
        id: UUID | None = None,
        time: datetime | None = None,
    ) -> Envelope:
        """Bring the service this event as its bus would; returns the envelope, to be delivered again with ``deliver_again``."""
        envelope = Envelope.of(
            event,
            id=id or ids.new_id(),
            source="/test",
            time=time or clock.now(),
            subject=subject,
            version=version,
            organisation=organisation,
            council=council,
            requestid="test-request",
        )
        await self.deliver_again(envelope)
        return envelope

    async def deliver_again(self, envelope: Envelope) -> None:
        """Bring the service this very envelope, as a bus that delivers twice would."""
        await delivery.deliver_one(self.service.name, self.service.hears, self.databases, envelope)

    async def published(self, type: str | None = None) -> list[Envelope]:
        """Every event the service has recorded, in order, in each of its databases; of one type if named."""
        found: list[Envelope] = []
        for engine in self.databases.every():
            async with tenancy.plumbing(engine) as transaction:
                rows = await transaction.execute(text("SELECT envelope FROM outbox ORDER BY position"))
                found += [Envelope.model_validate_json(row.envelope) for row in rows]
        return [each for each in found if type is None or each.type == type]

    async def close(self) -> None:
        """Give the connections back, and the application to the next test."""
        await self.databases.close()
        _applications.give_back(self)
