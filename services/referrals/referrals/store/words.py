"""What officers wrote on a referral, sealed under the referral's key: as it stands, as it was last sent, and what was cleared in it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.words import ChildWords, Clearing, ClearingReason, Found, Words
from referrals.store import keys
from referrals.store.vault import Keyring
from referrals.tables import referral_words, word_clearings
from shared import ids
from shared.tenancy import Transaction

_SALT_BYTES = 16


@dataclass(frozen=True, repr=False)
class KeptWords:
    """The words of a referral, as they stand and as they were last sent (None before); and the salt that goes into every hash of them."""

    now: Words
    sent: Words | None
    salt: bytes

    @property
    def all_sent(self) -> bool:
        """Whether those who may read the words see them as they stand."""
        return self.sent == self.now


def bound_to(referral: UUID, which: str) -> str:
    """What sealed words are tied to: their referral, and whether they are those of ``now`` or those last ``sent``."""
    return f"words/{referral}/{which}"


def _written(words: Words, salt: bytes) -> str:
    plain = asdict(words) | {"children": {str(child): asdict(each) for child, each in words.children.items()}}
    return json.dumps({"salt": salt.hex(), "words": plain}, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> tuple[Words, bytes]:
    whole = json.loads(text)
    plain = whole["words"]
    children = {UUID(child): ChildWords(**each) for child, each in plain["children"].items()}
    return Words(plain["about_contact"], plain["what_matters"], children), bytes.fromhex(whole["salt"])


async def of(transaction: Transaction, ring: Keyring, referral: UUID) -> KeptWords | None:
    """The words of a referral of the council; None where nothing was written, or where the key was destroyed."""
    table = referral_words.c
    query = select(table.sealed, table.sent).where(table.organisation == str(transaction.organisation), table.referral == referral)
    row = (await transaction.execute(query)).one_or_none()
    if row is None:
        return None
    text = await keys.unseal_text(transaction, ring, referral, row.sealed, bound_to=bound_to(referral, "now"))
    if text is None:
        return None
    now, salt = _read(text)
    sent = await keys.unseal_text(transaction, ring, referral, row.sent, bound_to=bound_to(referral, "sent")) if row.sent else None
    return KeptWords(now, _read(sent)[0] if sent else None, salt)


async def keep(
    transaction: Transaction, ring: Keyring, referral: UUID, words: Words, before: KeptWords | None, *, by: str, at: datetime
) -> KeptWords:
    """Keep the words in place of those before; what was sent stays as it was."""
    salt = before.salt if before else secrets.token_bytes(_SALT_BYTES)
    sealed = await keys.seal_text(transaction, ring, referral, _written(words, salt), bound_to=bound_to(referral, "now"))
    row = {"organisation": str(transaction.organisation), "referral": referral, "sealed": sealed, "changed_at": at, "changed_by": by}
    statement = upsert(referral_words).values(row)
    newer = {name: statement.excluded[name] for name in ("sealed", "changed_at", "changed_by")}
    await transaction.execute(statement.on_conflict_do_update(index_elements=["organisation", "referral"], set_=newer))
    return KeptWords(words, before.sent if before else None, salt)


async def send(transaction: Transaction, ring: Keyring, referral: UUID, kept: KeptWords, words: Words, at: datetime) -> None:
    """What may be read from now on by those the referral was sent to."""
    sealed = await keys.seal_text(transaction, ring, referral, _written(words, kept.salt), bound_to=bound_to(referral, "sent"))
    table = referral_words.c
    mine = (table.organisation == str(transaction.organisation), table.referral == referral)
    await transaction.execute(update(referral_words).where(*mine).values(sent=sealed, sent_at=at))


async def clearings(transaction: Transaction, referral: UUID) -> dict[str, Clearing]:
    """Every clearing ever recorded for a referral, by the finding's id."""
    table = word_clearings.c
    rows = await transaction.execute(
        select(table.finding, table.reason, table.cleared_by, table.cleared_at).where(
            table.organisation == str(transaction.organisation), table.referral == referral
        )
    )
    return {row.finding: Clearing(row.finding, ClearingReason(row.reason), row.cleared_by, row.cleared_at) for row in rows}


async def clear(transaction: Transaction, referral: UUID, found: Sequence[Found], reason: ClearingReason, *, by: str, at: datetime) -> None:
    """Record that these findings may stand. One that was cleared before keeps its first clearing."""
    rows = [
        {
            "organisation": str(transaction.organisation),
            "id": ids.new_id(),
            "referral": referral,
            "finding": one.id,
            "field": one.field,
            "from_character": one.finding.start,
            "to_character": one.finding.end,
            "kind": one.finding.kind,
            "why": one.finding.why,
            "text_hash": one.text_hash,
            "reason": reason,
            "cleared_by": by,
            "cleared_at": at,
        }
        for one in found
        if one.cleared is None
    ]
    if rows:
        await transaction.execute(insert(word_clearings), rows)
