"""A decision record in the one form that is hashed, and its hash, so that anybody can work it out again.

* canonical form: a JSON object, keys in alphabetical order at every depth, no spaces, every character that is not ASCII escaped (RFC 8785
  as far as strings, whole numbers, true, false, lists and null go; a record holds nothing else);
* the hash is SHA-256 of ``hearth/1/decision``, a zero byte, and that form.

It goes out with ``offer.selected`` and ``offer.confirmed``, so that ``referrals`` writes it into the disclosure ledger. Who reads the
hash and not the record learns nothing: the record names no child, and its ``blind`` is 128 random bits made for this decision alone, so
that a guess at prices, votes or reasons cannot be tried against the hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from matching.domain.decision import Decision

HOW = (
    "SHA-256 of the text hearth/1/decision, one zero byte, and the record as JSON with keys in alphabetical order, no spaces, and every "
    "character that is not ASCII escaped. In a shell, from one decision of this reply in decision.json: "
    "(printf 'hearth/1/decision\\0'; jq -cSja .record decision.json) | sha256sum"
)


def canonical(record: Mapping[str, Any]) -> bytes:
    """A record in the one form that is hashed."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def hash_of(record: Mapping[str, Any]) -> bytes:
    """A record's hash, 32 bytes."""
    return hashlib.sha256(b"hearth/1/decision\0" + canonical(record)).digest()


def altered(decision: Decision) -> tuple[str, ...]:
    """What of a decision is not as it was written: the record, or what stands beside it and differs from what the record says.

    Empty for one that is whole. A decision made before decisions had hashes cannot be checked and is not asked about.
    """
    said = decision.record
    beside = {
        "council": decision.council,
        "decision": str(decision.decision),
        "offer": str(decision.offer),
        "decided_at": decision.decided_at.isoformat(),
        "reason_code": decision.reason,
    }
    found = [] if hash_of(said) == decision.hash else ["record"]
    found += [name for name, value in beside.items() if said.get(name) != value]
    found += ["referral"] if _inner(said, "referral", "referral") != str(decision.referral) else []
    found += ["decided_by"] if _inner(said, "decided_by", "subject") != decision.decided_by else []
    return tuple(found)


def _inner(said: Mapping[str, Any], outer: str, inner: str) -> Any:
    found = said.get(outer)
    return found.get(inner) if isinstance(found, Mapping) else None
