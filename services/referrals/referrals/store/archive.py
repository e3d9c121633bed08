"""What ``referrals`` keeps of a council, to be taken out and loaded again: who its children are in the clear, sealed anew when loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import referrals
from referrals.domain.identity import Identity
from referrals.domain.search_terms import terms_of
from referrals.store import children as records
from referrals.store import keys, postcodes, vault, wishes
from referrals.store.vault import Keyring, Sealed, Wrapped
from referrals.store.words import bound_to
from referrals.tables import metadata
from shared.archive import Keeping, Opened, Row
from shared.organisation import Organisation
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

assert referrals.__file__ is not None
FOLDER = Path(referrals.__file__).parent

LEFT_OUT = {
    "councils": "the consortium's",
    "agencies": "the consortium's",
    "lots": "the consortium's",
    "tier_lines": "the consortium's",
    "council_counts": "the consortium's",
    "data_keys": "keys of this deployment; where the archive is loaded there are others",
    "search_keys": "keys of this deployment; where the archive is loaded there are others",
    "child_terms": "made anew from the children's records where the archive is loaded",
    "idempotency_key": "replies kept for a few days for programs that ask again",
}
"""Tables of a council's rows that an archive does not hold, and why."""


def keeping(ring: Keyring) -> Keeping:
    """What is taken and loaded, opened and sealed with this ring."""

    async def opened_children(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        key_of = await keys.of(transaction, [row["id"] for row in rows])
        return [_without(row, "sealed") | {"identity": _identity(transaction, ring, row, key_of.get(row["id"]))} for row in rows]

    async def sealed_children(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        return await _sealed_children(transaction, ring, rows)

    async def opened_postcodes(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        held = await postcodes.of(transaction, ring, [row["subject"] for row in rows])
        return [_without(row, "sealed") | {"postcodes": held.get(row["subject"], ())} for row in rows]

    async def sealed_postcodes(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        key_of = await keys.made(transaction, ring, [row["subject"] for row in rows])
        return [_without(row, "postcodes") | {"sealed": _postcode(transaction, ring, row, key_of)} for row in rows]

    async def opened_words(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        return [await _opened_words(transaction, ring, row) for row in rows]

    async def sealed_words(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        return [await _sealed_words(transaction, ring, row) for row in rows]

    async def opened_wishes(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        key_of, council = await keys.of(transaction, {row["child"] for row in rows}), transaction.organisation
        return [_without(row, "sealed") | {"wishes": _opened_wish(ring, council, row, key_of.get(row["child"]))} for row in rows]

    async def sealed_wishes(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
        # Of a child whose record was erased the row is left, to be counted, and nothing is sealed under a new key.
        said = {row["child"] for row in rows if row["wishes"] is not None}
        key_of, council = await keys.made(transaction, ring, said), transaction.organisation
        return [_without(row, "wishes") | {"sealed": _sealed_wish(ring, council, row, key_of.get(row["child"]))} for row in rows]

    return Keeping(
        "referrals",
        FOLDER,
        metadata,
        LEFT_OUT,
        opened={
            "children": Opened({"sealed": "identity"}, opened_children, sealed_children),
            "wishes": Opened({"sealed": "wishes"}, opened_wishes, sealed_wishes),
            "referral_words": Opened({"sealed": "words", "sent": "words_sent"}, opened_words, sealed_words),
            "postcodes": Opened({"sealed": "postcodes"}, opened_postcodes, sealed_postcodes),
        },
    )


_WORDS = (("sealed", "words", "now"), ("sent", "words_sent", "sent"))
"""Each sealed column, how it is taken, and which of a referral's words it is."""


async def _opened_words(transaction: Transaction, ring: Keyring, row: Row) -> Row:
    opened, about = {}, row["referral"]
    for sealed, taken, which in _WORDS:
        there = row[sealed]
        opened[taken] = await keys.unseal_text(transaction, ring, about, there, bound_to=bound_to(about, which)) if there else None
    return {name: value for name, value in row.items() if name not in ("sealed", "sent")} | opened


async def _sealed_words(transaction: Transaction, ring: Keyring, row: Row) -> Row:
    if not isinstance(row["words"], str) or not isinstance(row["words_sent"], str | None):
        words = "What officers wrote is not in the form it was taken in. Send the archive as it was taken."
        raise invalid(Reason("referral_words.jsonl", "form", words))
    sealed, about = {}, row["referral"]
    for column, taken, which in _WORDS:
        text = row[taken]
        sealed[column] = await keys.seal_text(transaction, ring, about, text, bound_to=bound_to(about, which)) if text else None
    return {name: value for name, value in row.items() if name not in ("words", "words_sent")} | sealed


def _opened_wish(ring: Keyring, council: Organisation, row: Row, key: Wrapped | None) -> str | None:
    bound = wishes.bound_to(row["referral"], row["child"], row["version"])
    return vault.unseal_text(ring, council, row["child"], Sealed(key, row["sealed"]), bound_to=bound) if key else None


def _sealed_wish(ring: Keyring, council: Organisation, row: Row, key: Wrapped | None) -> bytes:
    if key is None:
        return b""
    if not isinstance(row["wishes"], str):
        words = "What a child said is not in the form it was taken in. Send the archive as it was taken."
        raise invalid(Reason("wishes.jsonl", "form", words))
    bound = wishes.bound_to(row["referral"], row["child"], row["version"])
    return vault.seal_text(ring, council, row["child"], key, row["wishes"], bound_to=bound)


def _without(row: Row, name: str) -> Row:
    return {column: value for column, value in row.items() if column != name}


def _identity(transaction: Transaction, ring: Keyring, row: Row, key: Wrapped | None) -> dict[str, Any] | None:
    if row["erased_at"] is not None:
        return None
    if key is None:
        raise vault.key_not_here()
    return vault.unseal(ring, transaction.organisation, row["id"], Sealed(key, row["sealed"])).to_plain()


async def _sealed_children(transaction: Transaction, ring: Keyring, rows: Sequence[Row]) -> list[Row]:
    council = transaction.organisation
    key_of = await keys.made(transaction, ring, [row["id"] for row in rows if row["identity"] is not None])
    ready = []
    for row in rows:
        sealed = b""
        if row["identity"] is not None:
            try:
                identity = Identity.from_plain(row["identity"])
                terms_of(identity)
            except (TypeError, KeyError, ValueError, AttributeError) as error:
                words = "A child's record is not in the form it was taken in. Send the archive as it was taken."
                raise invalid(Reason("children.jsonl", "form", words)) from error
            sealed = vault.seal(ring, council, row["id"], key_of[row["id"]], identity)
        ready.append(_without(row, "identity") | {"sealed": sealed})
    return ready


def _postcode(transaction: Transaction, ring: Keyring, row: Row, key_of: dict[UUID, Wrapped]) -> bytes:
    subject, held = row["subject"], row["postcodes"]
    if not isinstance(held, list) or any(not isinstance(each, list) or len(each) != 2 for each in held):
        words = "A postcode is not in the form it was taken in. Send the archive as it was taken."
        raise invalid(Reason("postcodes.jsonl", "form", words))
    bound_to = postcodes.bound_to(subject)
    return vault.seal_text(ring, transaction.organisation, subject, key_of[subject], json.dumps(held), bound_to=bound_to)


async def make_findable(transaction: Transaction, ring: Keyring) -> None:
    """Make the search terms of the children just loaded."""
    await records.hash_terms_anew(transaction, ring)
