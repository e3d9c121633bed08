"""A placement decision as the disclosure ledger holds it: the hash of a record that ``matching`` keeps, and how the two are compared.

The hash is SHA-256 of ``hearth/1/decision``, a zero byte, and the record in canonical form (JSON, keys in alphabetical order at every
depth, no spaces, every character that is not ASCII escaped). ``matching`` states the same rule where it makes the hash; it is written out
here too so that a record can be checked without trusting the service that kept it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

HOW = (
    "SHA-256 of the text hearth/1/decision, one zero byte, and the record as JSON with keys in alphabetical order, no spaces, and every "
    "character that is not ASCII escaped. The record is at GET /referrals/{referral}/decision of matching."
)


@dataclass(frozen=True)
class HeardDecision:
    """What was heard of one decision on a referral."""

    decision: UUID
    referral: UUID
    offer: UUID
    hash: bytes
    heard_at: datetime


@dataclass(frozen=True)
class InLedger:
    """A line of the disclosure ledger that holds a decision's hash: of which child, its number, and the decision's hash."""

    child: UUID
    line: int
    decision: UUID
    decision_hash: bytes
    line_hash: bytes


class Verdict(StrEnum):
    """What comes of holding a record against the ledger."""

    AS_WRITTEN = "as_written"
    ALTERED = "altered"
    NOT_IN_LEDGER = "not_in_ledger"


VERDICT_WORDS = {
    Verdict.AS_WRITTEN: "The record is the one whose hash was written into the ledger when the decision was made.",
    Verdict.ALTERED: "The record of this decision is not what was decided: its hash is another than the ledger's. It was altered.",
    Verdict.NOT_IN_LEDGER: "The ledger holds no such decision on this referral: the news of it is on its way, or the record is of another.",
}


def hash_of(record: Mapping[str, Any]) -> bytes:
    """A record's hash, 32 bytes."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    return hashlib.sha256(b"hearth/1/decision\0" + text).digest()


def held_against(record: Mapping[str, Any], lines: Sequence[InLedger]) -> tuple[Verdict, tuple[InLedger, ...]]:
    """Whether a record is what the ledger's lines of its decision hold; and those lines."""
    of_it = tuple(line for line in lines if str(line.decision) == record.get("decision"))
    if not of_it:
        return Verdict.NOT_IN_LEDGER, ()
    found = hash_of(record)
    return (Verdict.AS_WRITTEN if all(line.decision_hash == found for line in of_it) else Verdict.ALTERED), of_it
