"""What is said of the children in words: shown to those who may read it, found fault with, cleared by an officer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from referrals.actions import held
from referrals.domain.disclosure import WORDS, Right, Stage, shown
from referrals.domain.referral import Referral, State
from referrals.domain.words import ClearingReason, Found, Words
from referrals.store import disclosures, placements, readers, referrals
from referrals.store import words as store
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from shared import clock
from shared.refusals import Reason, conflict, not_allowed, not_found
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Told:
    """The words of a referral for one reader, with the children in the order they are numbered in."""

    referral: UUID
    reference: str
    version: int
    words: Words
    children: Sequence[UUID]


async def for_officers(transaction: Transaction, ring: Keyring, referral: UUID) -> Told:
    """The words as the council has them, sent or not."""
    found = await _one(transaction, referral)
    kept = await store.of(transaction, ring, referral)
    return told_of(found, kept.now if kept else Words())


async def for_own_service(transaction: Transaction, ring: Keyring, referral: UUID) -> Told:
    """The words as they were last sent, for the council's own fostering service; none before it was asked."""
    found = await _one(transaction, referral)
    kept = await store.of(transaction, ring, referral)
    return told_of(found, kept.sent if kept and kept.sent else Words())


async def for_agency(transaction: Transaction, ring: Keyring, referral: UUID, *, subject: str) -> Told:
    """The words as they were last sent, for an agency the referral was broadcast to; written to the disclosure ledger as it reads.

    Open to it until the referral is withdrawn or placed, and then to the one that has the placement, while it may know the child. Every
    other organisation is told that there is no such referral.
    """
    asking = transaction.organisation
    council = await readers.council_of(transaction, referral)
    if council is None:
        raise not_found("referral")
    # The words are the council's own. This agency's right was proven just now by a row between the two that it can read itself.
    async with transaction.acting_as(council):
        found = await _one(transaction, referral)
        placement = await placements.of_referral(transaction, referral)
    knows_the_child = bool(placement and await placements.granted_children(transaction, placement))
    if found.state is not State.BROADCAST and not (found.state is State.PLACED and knows_the_child):
        raise not_allowed("This referral is closed, and with it the right to read what was said on it. Ask the council if you need it.")
    async with transaction.acting_as(council):  # as above
        kept = await store.of(transaction, ring, referral)
        told = told_of(found, kept.sent if kept and kept.sent else Words())
        fields = sorted({name.rpartition(".")[2] for name, _ in told.words.texts(told.children)})
        if fields:
            await disclosures.record(
                transaction,
                told.children,
                seen_by=asking,
                subject=subject,
                act=Act.READ,
                right=Right.BROADCAST,
                fields=fields,
                at=clock.now(),
            )
    return told


def shown_in_words(told: Told) -> tuple[dict[str, str | None], list[dict[str, str | None]]]:
    """What the declared table lets a provider see of the words: of the referral, and of each child."""
    words = told.words
    ours = {"about_contact": words.about_contact, "what_matters": words.what_matters}
    children = [
        {"about_the_child": each.about_the_child, "routines": each.routines} if (each := words.children.get(child)) else {}
        for child in told.children
    ]
    return shown(WORDS, Stage.BROADCAST, ours), [shown(WORDS, Stage.BROADCAST, each) for each in children]


async def findings(transaction: Transaction, ring: Keyring, referral: UUID) -> tuple[Found, ...]:
    """Every finding in the words as they stand, checked now against the children's records as they are now."""
    return await _findings(transaction, ring, await _one(transaction, referral))


async def clear(
    transaction: Transaction, ring: Keyring, referral: UUID, wanted: Sequence[str], reason: ClearingReason, *, subject: str
) -> tuple[Found, ...]:
    """Let findings stand, with the reason; all of them or none. Returned with every finding as it is then.

    Refused (409) for one that is not in the words as they stand, because there never was such a one or the text was changed since it was
    read; and for what no officer may let stand.
    """
    one = await referrals.get(transaction, referral, to_change=True)
    if one is None:
        raise not_found("referral")
    found = {each.id: each for each in await _findings(transaction, ring, one)}
    broken = []
    for number, id in enumerate(wanted):
        if id not in found:
            words = "There is no such finding in the words as they stand: they were changed, or it never was one. Read the findings again."
            broken.append(Reason(f"findings.{number}", "in_the_words_as_they_stand", words))
        elif found[id].must_be_removed:
            words = "This is in a child's record and cannot be cleared: take it out of the words."
            broken.append(Reason(f"findings.{number}", "may_be_cleared", words))
    if broken:
        raise conflict(broken[0].message if len(broken) == 1 else f"{len(broken)} findings cannot be cleared; see errors.", *broken)
    await store.clear(transaction, referral, [found[id] for id in dict.fromkeys(wanted)], reason, by=subject, at=clock.now())
    return await _findings(transaction, ring, one)


async def _findings(transaction: Transaction, ring: Keyring, referral: Referral) -> tuple[Found, ...]:
    known = await referrals.background(transaction, ring, referral.terms)
    return await held.found(transaction, referral, await store.of(transaction, ring, referral.id), known.identities)


async def _one(transaction: Transaction, referral: UUID) -> Referral:
    found = await referrals.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    return found


def told_of(referral: Referral, words: Words) -> Told:
    """These words of a referral, for one reader."""
    children = held.children_of(referral)
    return Told(referral.id, referral.reference, referral.version, words.of(children), children)
