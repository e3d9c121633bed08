"""A child's record: searched for before it is made, read only by those who may, every reading written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from referrals.domain import identity as rules
from referrals.domain import unaccompanied
from referrals.domain.disclosure import CHILD, Right, Stage, fields_shown
from referrals.domain.identity import Confirmation, Identity
from referrals.domain.search_terms import SearchField, Term, asked_for, likely_same_child, terms_of
from referrals.store import children as store
from referrals.store import disclosures
from referrals.store.children import KeptChild
from referrals.store.disclosures import Act, Disclosure
from referrals.store.vault import Keyring
from shared import clock, ids, postcodes
from shared.cursors import Wanted
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction

SEARCH_SHOWS = ("child_id", "given_names", "family_name", "date_of_birth")
"""The fields a search shows of each record it finds: enough to tell two children apart."""

MOST_FOUND = 20


async def create(
    transaction: Transaction, ring: Keyring, identity: Identity, *, confirmation: Confirmation | None, subject: str
) -> KeptChild:
    """Record a child, unless the council likely holds the record already.

    Refused with every broken rule (422), and (409) with the ids of the council's records that are likely the same child, until
    ``confirmation`` says why it is another. The same child id is refused always: it is the council's own and names one child.
    """
    identity = _checked(unaccompanied.settled(identity))
    shared = await store.sharing_terms(transaction, ring, terms_of(identity))
    likely = {child: fields for child, fields in shared.items() if likely_same_child(fields)}
    if likely and (confirmation is None or any(SearchField.CHILD_ID in fields for fields in likely.values())):
        raise _duplicate(likely)
    child = ids.new_id()
    kept = await store.add(transaction, ring, child, identity, confirmation=confirmation, now=clock.now(), subject=subject)
    if not kept:
        raise _child_id_taken()
    return KeptChild(child, 1, identity)


async def change(
    transaction: Transaction, ring: Keyring, child: UUID, changes: Mapping[str, Any], require: Callable[[int], None]
) -> KeptChild:
    """Change a child's record; ``require`` refuses a version that is no longer current."""
    before = await store.one(transaction, ring, child)
    require(before.version)
    identity = _checked(unaccompanied.settled(replace(before.identity, **changes), before.identity))
    if not await store.change(transaction, ring, child, identity, version=before.version):
        require(before.version + 1)  # somebody else was quicker: refused as stale
    if terms_of(identity) != terms_of(before.identity) and not await store.change_terms(transaction, ring, child, identity):
        raise _child_id_taken()
    return KeptChild(child, before.version + 1, identity)


async def search(transaction: Transaction, ring: Keyring, terms: Sequence[Term], *, subject: str) -> list[KeptChild]:
    """The council's records that match everything given, at most 20; names match by sound. What is shown of each is written down."""
    wanted = [term for term in terms if asked_for(term)]
    if not wanted:
        raise invalid(Reason("body", "something_to_search_for", "Give a name, a date of birth, a UPN, an NHS number or the child's id."))
    found = await store.matching_all(transaction, ring, wanted, limit=MOST_FOUND)
    records = await store.opened(transaction, ring, found)
    await _write_down(transaction, found, subject=subject, right=Right.SEARCH, fields=SEARCH_SHOWS)
    return [records[child] for child in found]


async def read(transaction: Transaction, ring: Keyring, child: UUID, *, subject: str) -> KeptChild:
    """Who the child is, for the child's own council; the reading is written down in the same transaction."""
    record = await store.one(transaction, ring, child)
    fields = [field for field in fields_shown(CHILD, Stage.COUNCIL_ONLY) if hasattr(record.identity, field)]
    await _write_down(transaction, [child], subject=subject, right=Right.OWN_RECORD, fields=fields)
    return record


async def who_knows(transaction: Transaction, child: UUID, wanted: Wanted) -> list[Disclosure]:
    """Who was shown which fields of this child, when and by which right; oldest first."""
    return await disclosures.of_child(transaction, child, wanted)


async def _write_down(transaction: Transaction, children: Sequence[UUID], *, subject: str, right: Right, fields: Sequence[str]) -> None:
    await disclosures.record(
        transaction,
        children,
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=right,
        fields=fields,
        at=clock.now(),
    )


def _checked(identity: Identity) -> Identity:
    """The record with its postcode written one way; refused with every rule it breaks."""
    broken = [*rules.broken_rules(identity, clock.today()), *unaccompanied.broken_rules(identity, clock.today())]
    if identity.home_postcode is not None:
        parsed = postcodes.parse(identity.home_postcode)
        if parsed is None or not postcodes.district_exists(parsed.district):
            broken.append(Reason("home_postcode", "possible_postcode", "This postcode does not exist. Write it as on a letter: SO14 7LY."))
        else:
            identity = replace(identity, home_postcode=parsed.text)
    if broken:
        raise invalid(*broken)
    return identity


def _duplicate(likely: Mapping[UUID, frozenset[SearchField]]) -> Exception:
    words = (
        "Your council likely has this child's record already. Open the record named; "
        "if it is another child, send confirmed_new with a confirmation_reason."
    )
    reasons = (
        Reason("child", "likely_duplicate", f"Record {child} has the same {', '.join(sorted(f.replace('_', ' ') for f in fields))}.")
        for child, fields in sorted(likely.items())
    )
    return conflict(words, *reasons)


def _child_id_taken() -> Exception:
    words = "Another record of your council has this child id: search for it. Each id names one child."
    return conflict(words, Reason("child_id", "one_child_one_id", words))
