"""The decision record as its council reads it: what was decided, by the hash the ledger holds, beside the children's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from referrals.domain import wishes as rules
from referrals.domain.decision import HeardDecision, InLedger, Verdict, hash_of, held_against
from referrals.domain.disclosure import Right
from referrals.domain.placement import Placement
from referrals.domain.referral import Referral
from referrals.domain.wishes import Wishes
from referrals.store import decisions, disclosures, placements, referrals
from referrals.store import wishes as store
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from referrals.store.wishes import KeptWishes
from shared import clock
from shared.cursors import Wanted
from shared.refusals import Reason, invalid, not_found
from shared.tenancy import Transaction

SHOWN = ("wishes",)
"""What of a child a reading of its wishes tells, as the disclosure ledger names it."""


@dataclass(frozen=True, repr=False)
class Record:
    """All that ``referrals`` holds of what was decided on a referral."""

    referral: Referral
    decisions: Sequence[HeardDecision]
    lines: Sequence[InLedger]
    wishes: Sequence[KeptWishes]
    placement: Placement | None


async def hear(transaction: Transaction, ring: Keyring, referral: UUID, child: UUID, heard: Wishes, *, subject: str) -> int:
    """Record what a child of the referral said; the number of this version.

    Refused: another council's referral (404), a child that is not of the referral, what ``broken_rules`` names, an erased child (410).
    """
    found = await referrals.get(transaction, referral, to_change=True)
    if found is None:
        raise not_found("referral")
    broken = list(rules.broken_rules(heard, clock.today()))
    if child not in [needs.child for needs in found.terms.children]:
        broken.append(Reason("child", "child_of_the_referral", "This child is not one of the referral's."))
    if broken:
        raise invalid(*broken)
    return await store.add(transaction, ring, referral, child, heard, recorded_by=subject, now=clock.now())


async def wishes_of(transaction: Transaction, ring: Keyring, referral: UUID, *, subject: str) -> Sequence[KeptWishes]:
    """What the children of a referral said; each child whose words are shown gets a line in the disclosure ledger."""
    if await referrals.get(transaction, referral) is None:
        raise not_found("referral")
    found = await store.of_referral(transaction, ring, referral)
    await _write_down(transaction, found, subject)
    return found


async def whole(transaction: Transaction, ring: Keyring, referral: UUID, *, subject: str) -> Record:
    """The decision record of a referral; showing the children's words is written to the disclosure ledger."""
    found = await referrals.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    heard = await decisions.of_referral(transaction, referral)
    lines = await decisions.in_ledger(transaction, [one.decision for one in heard])
    agreed = await placements.newest(transaction, Wanted(None, 1), state=None, referral=referral)
    said = await store.of_referral(transaction, ring, referral)
    await _write_down(transaction, said, subject)
    return Record(found, heard, lines, said, agreed[0] if agreed else None)


async def verify(transaction: Transaction, referral: UUID, record: Mapping[str, Any]) -> tuple[Verdict, bytes, Sequence[InLedger]]:
    """Hold a decision's record, as ``matching`` gave it, against the disclosure ledger: the verdict, the record's hash, and the lines."""
    if await referrals.get(transaction, referral) is None:
        raise not_found("referral")
    heard = await decisions.of_referral(transaction, referral)
    lines = await decisions.in_ledger(transaction, [one.decision for one in heard])
    verdict, of_it = held_against(record, lines)
    return verdict, hash_of(record), of_it


async def _write_down(transaction: Transaction, shown: Sequence[KeptWishes], subject: str) -> None:
    children = list(dict.fromkeys(one.child for one in shown if one.heard is not None))
    await disclosures.record(
        transaction,
        children,
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=Right.OWN_RECORD,
        fields=SHOWN,
        at=clock.now(),
    )
