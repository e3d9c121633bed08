"""A short text that one service hands another through somebody who may not read it: sealed under a key that only the two hold.

AES-256-GCM, bound to what the text is of and for whom: the seal of one thing passed off as another's does not open. The key is 32 bytes in
base64 in a file that both services are given (``LOCATIONS_KEY_FILE``). Without one, under the local launcher's development flag alone, it
is derived from a fixed word: enough to try the platform, and no protection.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared import logs
from shared.refusals import Refused, unavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12
_log = logs.logger("shared.handed_over")


class HandOver:
    """Seals and opens with the key of one file. It has no repr, so that no log line can show the key."""

    def __init__(self, file: str, *, development: bool) -> None:
        self._key = _read(Path(file)) if file else None
        if self._key is None and development:
            self._key = HKDF(hashes.SHA256(), _KEY_BYTES, None, b"hearth development hand-over, invented carers only").derive(b"hearth")

    def sealed(self, text: str, *, bound_to: str) -> str:
        """The text as only the other service can read it; refused in words while there is no key."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + AESGCM(self._held()).encrypt(nonce, text.encode(), bound_to.encode())).decode()

    def opened(self, sealed: str, *, bound_to: str) -> str:
        """The text back. ValueError for what was not sealed with this key for this."""
        raw = base64.b64decode(sealed, validate=True)
        try:
            return AESGCM(self._held()).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode()).decode()
        except InvalidTag as error:
            raise ValueError("not sealed with this key for this") from error

    def _held(self) -> bytes:
        if self._key is None:
            raise _no_key()
        return self._key


def _no_key() -> Refused:
    return unavailable(
        "Exact distances cannot be measured: the key that keeps where carers live between two services is not on this server. "
        "Ask whoever runs the platform to set LOCATIONS_KEY_FILE for referrals and providers."
    )


def _read(file: Path) -> bytes | None:
    try:
        key = base64.b64decode(file.read_text(encoding="ascii").strip(), validate=True)
    except (OSError, ValueError, binascii.Error) as error:
        _log.error("the file of the hand-over key cannot be read", kind=type(error).__name__)
        return None
    if len(key) != _KEY_BYTES:
        _log.error("the hand-over key is not 32 bytes long")
        return None
    return key


def location_of(council: str, household: object) -> str:
    """What a household's location is bound to: the council it is offered to, and the household."""
    return f"hearth/1/location/{council}/{household}"
