"""A short text that one service hands another through somebody who may not read it: sealed under a key that only the two hold.

AES-256-GCM, bound to what the text is of and for whom: the seal of one thing passed off as another's does not open. Keys are 32 bytes in
base64, one a line, newest first, in a file that both services are given (``LOCATIONS_KEY_FILE``): the first seals, each of them opens, so
that the key is changed while both run. Without one, under the local launcher's development flag alone, it is derived from a fixed word:
enough to try the platform, and no protection.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.key_files import KeyFile
from shared.refusals import Refused, unavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12


class HandOver:
    """Seals with the first key of one file and opens with any of them. It has no repr, so that no log line can show a key."""

    def __init__(self, file: str, *, development: bool) -> None:
        self._file: KeyFile[Sequence[bytes]] | None = KeyFile(Path(file), _parsed, ()) if file else None
        self._development = development

    def sealed(self, text: str, *, bound_to: str) -> str:
        """The text as only the other service can read it; refused in words while there is no key."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + AESGCM(self._held()[0]).encrypt(nonce, text.encode(), bound_to.encode())).decode()

    def opened(self, sealed: str, *, bound_to: str) -> str:
        """The text back. ValueError for what was not sealed for this with one of the keys."""
        raw = base64.b64decode(sealed, validate=True)
        for key in self._held():
            with contextlib.suppress(InvalidTag):
                return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode()).decode()
        raise ValueError("not sealed with this key for this")

    def _held(self) -> Sequence[bytes]:
        held = self._file.now() if self._file is not None else ()
        if not held and self._development:
            held = (HKDF(hashes.SHA256(), _KEY_BYTES, None, b"hearth development hand-over, invented carers only").derive(b"hearth"),)
        if not held:
            raise _no_key()
        return held


def _no_key() -> Refused:
    return unavailable(
        "Exact distances cannot be measured: the key that keeps where carers live between two services is not on this server. "
        "Ask whoever runs the platform to set LOCATIONS_KEY_FILE for referrals and providers."
    )


def _parsed(text: str) -> Sequence[bytes]:
    keys = tuple(base64.b64decode(line.strip(), validate=True) for line in text.splitlines() if line.strip())
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise ValueError("a key is not 32 bytes long")
    return keys


def location_of(council: str, household: object) -> str:
    """What a household's location is bound to: the council it is offered to, and the household."""
    return f"hearth/1/location/{council}/{household}"
