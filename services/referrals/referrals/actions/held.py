"""What keeps a referral from being sent: findings in its words that nobody has removed or cleared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from referrals.domain.findings import Checker, known_of
from referrals.domain.identity import Identity
from referrals.domain.referral import Referral
from referrals.domain.words import Found, Words, found_in, held_by
from referrals.store import words as store
from referrals.store.vault import Keyring
from referrals.store.words import KeptWords
from shared import clock
from shared.refusals import conflict
from shared.tenancy import Transaction


def children_of(referral: Referral) -> list[UUID]:
    """The children of a referral in its order."""
    return [needs.child for needs in referral.terms.children]


async def found(transaction: Transaction, referral: Referral, kept: KeptWords | None, known: Mapping[UUID, Identity]) -> tuple[Found, ...]:
    """Every finding in the words as they stand, checked against the children's records as they are now."""
    if kept is None:
        return ()
    checker = Checker(known_of(known.values()), clock.today())
    return found_in(kept.now, children_of(referral), checker, kept.salt, await store.clearings(transaction, referral.id))


async def to_send(
    transaction: Transaction, ring: Keyring, referral: Referral, known: Mapping[UUID, Identity]
) -> tuple[KeptWords | None, Words]:
    """The words to be sent with a referral; refused (409) with every finding that holds them."""
    kept = await store.of(transaction, ring, referral.id)
    if held := held_by(await found(transaction, referral, kept, known)):
        words = (
            "The words on this referral may say who a child is, so it cannot be sent yet. GET …/findings shows each place; "
            "take each out or clear it with a reason."
        )
        raise conflict(words, *held)
    return kept, kept.now.of(children_of(referral)) if kept else Words()


async def send(transaction: Transaction, ring: Keyring, referral: UUID, kept: KeptWords | None, words: Words, at: datetime) -> bool:
    """Let the words be read as they stand; whether that changes what could be read before."""
    if kept is None or kept.sent == words:
        return False
    await store.send(transaction, ring, referral, kept, words, at)
    return True


def anything_in(words: Words) -> bool:
    """Whether there is anything to be read."""
    return any(True for _ in words.texts(list(words.children)))
