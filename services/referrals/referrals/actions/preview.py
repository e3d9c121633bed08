"""What a referral would tell every provider of the lot, before it does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from referrals.actions import held, small_cells
from referrals.actions.small_cells import Judged
from referrals.domain import referral as rules
from referrals.domain.broadcast import view_of
from referrals.domain.deadlines import closing_time, rule_in_words
from referrals.domain.disclosure import Stage, withheld
from referrals.domain.referral import Act, Referral
from referrals.domain.words import Found, Words
from referrals.store import referrals as store
from referrals.store import settings
from referrals.store import words as kept_words
from referrals.store.vault import Keyring
from shared import clock
from shared.contracts.referrals import ReferralView
from shared.refusals import not_found
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Preview:
    """Exactly what providers will see, in the referral and in words, when it would close, what is kept back, what holds it."""

    version: int
    referral: Referral
    view: ReferralView
    words: Words
    found: tuple[Found, ...]
    closing_rule: str
    withheld: tuple[tuple[str, str], ...]
    next: str | None
    small_cells: Judged


async def preview(transaction: Transaction, ring: Keyring, referral: UUID) -> Preview:
    """What every provider of the lot will see; its closing time is the one it was sent with, or the one it would have if sent now."""
    found = await store.get(transaction, referral)
    if found is None:
        raise not_found("referral")
    deadlines = (await settings.current(transaction)).settings.deadlines
    known = await store.background(transaction, ring, found.terms)
    closes_at = found.closes_at or closing_time(found.terms.urgency, clock.now(), deadlines)
    kept = await kept_words.of(transaction, ring, referral)
    words = kept.now.of(held.children_of(found)) if kept else Words()
    return Preview(
        found.version,
        found,
        view_of(
            found,
            known.identities,
            clock.today(),
            closes_at,
            age_bands=known.lot.age_bands if known.lot else (),
            has_words=held.anything_in(words),
        ),
        words,
        await held.found(transaction, found, kept, known.identities),
        rule_in_words(found.terms.urgency, deadlines),
        withheld(Stage.BROADCAST),
        rules.refusal(Act.BROADCAST, found.state),
        await small_cells.judge(transaction, found, known, closes_at),
    )
