"""Webhooks' signing secrets, sealed: made here, shown once, kept so that a copy of the database signs nothing.

Fernet of ``cryptography`` (AES-128-CBC with HMAC-SHA256). The webhook's id is inside what is sealed, so that a sealed secret put
into another webhook's row does not open there.
"""

from __future__ import annotations

import base64
import json
import secrets as random
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared import logs
from shared.refusals import unavailable
from shared.settings import SettingsMissing

SECRET_BYTES = 32
PREFIX = "whsec_"

_log = logs.logger("matching.secrets")


class Keys:
    """The keys secrets are sealed under: ``WEBHOOK_KEYS``, newest first, separated by commas.

    Without any, and only under the local launcher's development flag, one that everybody knows. Without that either, nothing can be
    sealed or opened, and the refusal says so.
    """

    def __init__(self, keys: str, *, development: bool) -> None:
        named = [key.strip() for key in keys.split(",") if key.strip()]
        if not named and development:
            named = [_development_key()]
        try:
            self._ring = MultiFernet([Fernet(key) for key in named]) if named else None
        except ValueError:
            raise SettingsMissing("WEBHOOK_KEYS must be keys as `hearth webhook-key` prints them, separated by commas") from None

    def __bool__(self) -> bool:
        return self._ring is not None

    def seal(self, webhook: UUID, secret: str) -> str:
        """A secret as it is stored."""
        text = json.dumps({"webhook": str(webhook), "secret": secret})
        return self._have().encrypt(text.encode()).decode()

    def open(self, webhook: UUID, sealed: str) -> str:
        """The secret back; refused in words when its key is missing, or the row is not the one that was sealed."""
        try:
            kept = json.loads(self._have().decrypt(sealed.encode()))
        except InvalidToken:
            kept = {}
        if kept.get("webhook") != str(webhook):
            _log.error("a webhook's secret does not open: its key is missing, or it was moved", webhook=str(webhook))
            raise unavailable(
                "The secret of this webhook cannot be opened. Rotate it; if that is refused too, tell whoever runs the platform."
            )
        secret: str = kept["secret"]
        return secret

    def _have(self) -> MultiFernet:
        if self._ring is None:
            raise unavailable("Webhooks are not set up on this server: its WEBHOOK_KEYS is not set. Poll GET /notices meanwhile.")
        return self._ring


def new_secret() -> str:
    """A new signing secret, in the form Standard Webhooks gives it."""
    return PREFIX + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode()


def _development_key() -> str:
    key = HKDF(hashes.SHA256(), 32, None, b"hearth development key, invented webhooks only").derive(b"webhooks")
    return base64.urlsafe_b64encode(key).decode()
