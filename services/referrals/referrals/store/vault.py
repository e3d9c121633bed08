"""The identity vault: what is sealed about a child, a placement or a care period, and the key of each, wrapped under its council's.

AES-256-GCM throughout (``cryptography``). What is sealed is bound to its council and subject as associated data, so a ciphertext that
is moved to another row, or to another council's, does not open. Rotating a council's key re-wraps the small data keys and leaves what is
sealed alone. There is one way to seal: with a subject's data key, which lies in the table ``data_keys`` and nowhere else (``store.keys``).
Whoever deletes that row destroys everything sealed under it, in this database and in every backup that has not the row; so nothing else
may keep a wrapped key beside what it sealed. Decisions and their price: ``docs/decisions/0201-how-a-childs-identity-is-kept.md``, 0235.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from referrals.domain.identity import Identity
from referrals.domain.search_terms import Term
from shared import logs
from shared.key_files import KeyFile
from shared.organisation import Organisation
from shared.refusals import RefusalKind, Refused, unavailable

KEY_BYTES = 32
_NONCE_BYTES = 12
DEVELOPMENT_KEY_ID = "development"

_log = logs.logger("referrals.vault")


@dataclass(frozen=True, repr=False)
class CouncilKey:
    """One key of a council. It has no repr, so that no log line and no traceback can show it."""

    id: str
    key: bytes


@dataclass(frozen=True, repr=False)
class Wrapped:
    """A data key as it is stored: under which council key, and its ciphertext with the nonce in front."""

    key_id: str
    wrapped_key: bytes


@dataclass(frozen=True, repr=False)
class Sealed:
    """Something sealed as it is stored, with the data key of its subject."""

    key: Wrapped
    sealed: bytes


class Keyring:
    """The councils' keys: from a JSON file, newest first, read again whenever it changes (``shared.key_files``).

    So a new key seals at once in every process, and one that was taken out opens nothing more, without a restart. Without a file, and
    only under the local launcher's development flag, each council has a key derived from its code: enough to try the platform with
    invented children, and no protection at all.
    """

    def __init__(self, file: str, *, development: bool) -> None:
        self._file: KeyFile[Mapping[str, Sequence[CouncilKey]]] | None = KeyFile(Path(file), _parsed, {}) if file else None
        self._development = development

    def newest(self, council: Organisation) -> CouncilKey:
        """The key new records are wrapped under; refused in words when the council has none."""
        found = self._of(council)
        if not found:
            self.refresh()
            found = self._of(council)
        if not found:
            raise _missing()
        return found[0]

    def named(self, council: Organisation, key_id: str) -> CouncilKey:
        """The key of that id; refused in words when the ring does not hold it."""
        for attempt in (1, 2):
            for key in self._of(council):
                if key.id == key_id:
                    return key
            if attempt == 1:
                self.refresh()
        raise _missing()

    def refresh(self) -> None:
        """Read the file again, as before a rotation."""
        if self._file is not None:
            self._file.again()

    def _of(self, council: Organisation) -> Sequence[CouncilKey]:
        held = self._file.now().get(council.code, ()) if self._file is not None else ()
        if held or not self._development:
            return held
        return (CouncilKey(DEVELOPMENT_KEY_ID, _development_key(council)),)


def _parsed(text: str) -> dict[str, Sequence[CouncilKey]]:
    ring: dict[str, Sequence[CouncilKey]] = {}
    for code, keys in json.loads(text).items():
        ring[code] = tuple(CouncilKey(str(entry["id"]), base64.b64decode(entry["key"], validate=True)) for entry in keys)
        if any(len(key.key) != KEY_BYTES for key in ring[code]):
            raise ValueError("a key is not 32 bytes long")
        if len({key.id for key in ring[code]}) < len(ring[code]):
            raise ValueError("two keys of a council have one id")  # a record names its key by it: the other would open nothing
    return ring


def _development_key(council: Organisation) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, None, b"hearth development key, invented children only").derive(str(council).encode())


def _missing() -> Refused:
    return unavailable(
        "The key that opens your council's records is not on this server, so nothing can be shown or recorded. "
        "Nothing is lost: ask whoever runs the platform to put the key back into its key file."
    )


def destroyed(what: str) -> Refused:
    """The key of this was destroyed by an erasure that two people asked for: nobody can bring it back."""
    return Refused(RefusalKind.GONE, f"{what} was erased: its key was destroyed and nobody can read it any more. What was counted stays.")


def key_not_here() -> Refused:
    """A record whose key should be in the database and is not: a backup was put back without the tables of keys."""
    _log.error("a record's data key is not in the database")
    return unavailable(
        "The key of this record is not in the database. If a backup was just put back, its tables of keys must be put back too: "
        "tell whoever runs the platform, with the request id."
    )


def council_key_destroyed() -> Refused:
    """No new identity is written under a key that the council had destroyed."""
    words = "Your council's key was destroyed: nothing that names a child can be recorded until whoever runs the platform makes a new one."
    return Refused(RefusalKind.GONE, words)


def _damaged() -> Refused:
    _log.error("a sealed record does not open: it was damaged or moved")
    return unavailable("This record cannot be opened: it does not match its key. Tell whoever runs the platform, with the request id.")


def _lock(key: bytes, text: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, bound_to.encode())


def _opened(key: bytes, locked: bytes, bound_to: str) -> bytes:
    return AESGCM(key).decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], bound_to.encode())


def _unlock(key: bytes, locked: bytes, bound_to: str) -> bytes:
    try:
        return _opened(key, locked, bound_to)
    except (InvalidTag, ValueError) as error:
        raise _damaged() from error


def _data_key_of(council: Organisation, subject: UUID) -> str:
    return f"hearth/1/data-key/{council}/{subject}"


def _record_of(council: Organisation, child: UUID) -> str:
    return f"hearth/1/identity/{council}/{child}"


def _text_of(council: Organisation, bound_to: str) -> str:
    return f"hearth/1/text/{council}/{bound_to}"


def _search_key_of(council: Organisation) -> str:
    return f"hearth/1/search-key/{council}"


def new_data_key(ring: Keyring, council: Organisation, subject: UUID) -> Wrapped:
    """A random data key for a child, a placement, a referral or a care period, wrapped under the council's newest key."""
    newest = ring.newest(council)
    return Wrapped(newest.id, _lock(newest.key, AESGCM.generate_key(KEY_BYTES * 8), _data_key_of(council, subject)))


def _data_key(ring: Keyring, council: Organisation, subject: UUID, stored: Wrapped) -> bytes:
    key = ring.named(council, stored.key_id).key
    try:
        return _opened(key, stored.wrapped_key, _data_key_of(council, subject))
    except (InvalidTag, ValueError):
        # Keys of postcodes were wrapped under this name before keys had a table of their own; a rotation gives them the new one.
        return _unlock(key, stored.wrapped_key, _text_of(council, f"postcode/{subject}"))


def seal(ring: Keyring, council: Organisation, child: UUID, key: Wrapped, identity: Identity) -> bytes:
    """A child's record under the child's data key."""
    text = json.dumps(identity.to_plain(), ensure_ascii=False, separators=(",", ":")).encode()
    return _lock(_data_key(ring, council, child, key), text, _record_of(council, child))


def unseal(ring: Keyring, council: Organisation, child: UUID, stored: Sealed) -> Identity:
    """The record back. Refused in words when the key is missing, or the row is not the one that was sealed."""
    data_key = _data_key(ring, council, child, stored.key)
    return Identity.from_plain(json.loads(_unlock(data_key, stored.sealed, _record_of(council, child))))


def seal_text(ring: Keyring, council: Organisation, subject: UUID, key: Wrapped, text: str, *, bound_to: str) -> bytes:
    """A text that is not part of a child's record, as a placement's postcode, under its subject's data key.

    ``bound_to`` says what it is, within its subject: sealed text moved to another row does not open.
    """
    return _lock(_data_key(ring, council, subject, key), text.encode(), _text_of(council, bound_to))


def unseal_text(ring: Keyring, council: Organisation, subject: UUID, stored: Sealed, *, bound_to: str) -> str:
    """The text back. Refused in words when the key is missing, or the row is not the one that was sealed."""
    return _unlock(_data_key(ring, council, subject, stored.key), stored.sealed, _text_of(council, bound_to)).decode()


def rewrap(ring: Keyring, council: Organisation, subject: UUID, stored: Wrapped) -> Wrapped:
    """The same data key under the council's newest key."""
    newest = ring.newest(council)
    return Wrapped(newest.id, _lock(newest.key, _data_key(ring, council, subject, stored), _data_key_of(council, subject)))


def new_search_key(ring: Keyring, council: Organisation) -> Wrapped:
    """A council's random search key, wrapped under its newest key."""
    newest = ring.newest(council)
    return Wrapped(newest.id, _lock(newest.key, os.urandom(KEY_BYTES), _search_key_of(council)))


def rewrap_search_key(ring: Keyring, council: Organisation, stored: Wrapped) -> Wrapped:
    """The same search key under the council's newest key, so that every blind index stays good."""
    newest = ring.newest(council)
    return Wrapped(newest.id, _lock(newest.key, _open_search_key(ring, council, stored), _search_key_of(council)))


def blind_terms(ring: Keyring, council: Organisation, stored: Wrapped, terms: Iterable[Term]) -> list[tuple[str, bytes]]:
    """Each search term as (field, keyed hash): equal terms of one council have equal hashes, and nothing else can be told from them."""
    key = _open_search_key(ring, council, stored)
    return [(str(field), hmac.new(key, f"{field}\0{text}".encode(), hashlib.sha256).digest()) for field, text in terms]


def _open_search_key(ring: Keyring, council: Organisation, stored: Wrapped) -> bytes:
    return _unlock(ring.named(council, stored.key_id).key, stored.wrapped_key, _search_key_of(council))
