"""Webhooks' signing secrets, sealed: made here, shown once, kept so that a copy of the database signs nothing.

Fernet of ``cryptography`` (AES-128-CBC with HMAC-SHA256). The webhook's id is inside what is sealed, so that a sealed secret put
into another webhook's row does not open there.
"""

from __future__ import annotations

import base64
import json
import secrets as random
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared import logs
from shared.key_files import KeyFile
from shared.refusals import unavailable
from shared.settings import SettingsMissing

SECRET_BYTES = 32
PREFIX = "whsec_"

_log = logs.logger("matching.secrets")


class Ring:
    """Keys in their order: the first seals, each of them opens. It has no repr, so that no log line can show a key."""

    def __init__(self, keys: Iterable[str]) -> None:
        ferns = [Fernet(key) for key in keys]
        self.newest = ferns[0]
        self.every = MultiFernet(ferns)


class Keys:
    """The keys secrets are sealed under, newest first: the lines of ``WEBHOOK_KEYS_FILE``, then ``WEBHOOK_KEYS``, separated by commas.

    The file is read again whenever it changes (``shared.key_files``); the other setting only when a process starts. Without any key, and
    only under the local launcher's development flag, one that everybody knows. Without that either, nothing can be sealed or opened, and
    the refusal says so.
    """

    def __init__(self, keys: str, *, development: bool, file: str = "") -> None:
        self._told = [key.strip() for key in keys.split(",") if key.strip()]
        if not self._told and not file and development:
            self._told = [_development_key()]
        try:
            told = Ring(self._told) if self._told else None
        except ValueError:
            raise SettingsMissing("WEBHOOK_KEYS must be keys as `hearth webhook-key` prints them, separated by commas") from None
        self._fixed = told
        self._file = KeyFile(Path(file), self._parsed, told) if file else None

    def _parsed(self, text: str) -> Ring:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines:
            raise ValueError("no key")
        return Ring([*lines, *self._told])

    def ring(self) -> Ring | None:
        """The keys at this moment: another object whenever they were read again."""
        return self._file.now() if self._file is not None else self._fixed

    def __bool__(self) -> bool:
        return self.ring() is not None

    def seal(self, webhook: UUID, secret: str) -> str:
        """A secret as it is stored."""
        text = json.dumps({"webhook": str(webhook), "secret": secret})
        return self._have().every.encrypt(text.encode()).decode()

    def open(self, webhook: UUID, sealed: str) -> str:
        """The secret back; refused in words when its key is missing, or the row is not the one that was sealed."""
        try:
            kept = json.loads(self._have().every.decrypt(sealed.encode()))
        except InvalidToken:
            kept = {}
        if kept.get("webhook") != str(webhook):
            _log.error("a webhook's secret does not open: its key is missing, or it was moved", webhook=str(webhook))
            raise unavailable(
                "The secret of this webhook cannot be opened. Rotate it; if that is refused too, tell whoever runs the platform."
            )
        secret: str = kept["secret"]
        return secret

    def under_newest(self, sealed: str) -> str | None:
        """What is sealed under an older key, sealed under the newest; None for what is already, or opens under none."""
        ring = self._have()
        try:
            ring.newest.decrypt(sealed.encode())
        except InvalidToken:
            try:
                return ring.every.rotate(sealed.encode()).decode()
            except InvalidToken:
                return None
        return None

    def _have(self) -> Ring:
        ring = self.ring()
        if ring is None:
            raise unavailable(
                "Webhooks are not set up on this server: it has neither WEBHOOK_KEYS_FILE nor WEBHOOK_KEYS. Poll GET /notices meanwhile."
            )
        return ring


def new_secret() -> str:
    """A new signing secret, in the form Standard Webhooks gives it."""
    return PREFIX + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode()


def _development_key() -> str:
    key = HKDF(hashes.SHA256(), 32, None, b"hearth development key, invented webhooks only").derive(b"webhooks")
    return base64.urlsafe_b64encode(key).decode()
