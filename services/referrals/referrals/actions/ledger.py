"""The disclosure ledger, checked from its first line to its last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from referrals.domain.ledger import Break, Position, Rule, beginning, ended, follow
from referrals.store import ledger as store
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Verification:
    """What a check found: how far the chain is whole, and the first broken link, or None when all of it is."""

    whole_to: Position
    broken: Break | None


async def verify(transaction: Transaction, kept: Position | None) -> Verification:
    """Follow the asking council's chain to its end and name the first line that is not as it was written.

    ``kept`` is a line's number and hash that somebody wrote down elsewhere earlier; it is compared too. Only so is a ledger found out that
    somebody with every right over the database has written anew. Nobody is kept from writing meanwhile: lines added are checked too.
    """
    position = beginning(str(transaction.organisation))
    after: store.Place | None = None
    while True:
        while lines := await store.page(transaction, after):
            position, broken = follow(position, lines)
            if broken is not None:
                return Verification(position, broken)
            after = lines[-1].number, lines[-1].entry.id
        noted, more = await store.end(transaction, after)
        if not more:
            break
    broken = ended(position, noted) or await _differs(transaction, kept)
    if broken is not None and broken.id is None and (found := await store.named(transaction, broken.line)):
        broken = replace(broken, id=found[0])
    return Verification(position, broken)


async def _differs(transaction: Transaction, kept: Position | None) -> Break | None:
    if kept is None:
        return None
    found = await store.named(transaction, kept.line)
    if found is None:
        return Break(kept.line, None, Rule.NOT_MISSING)
    return None if found[1] == kept.hash else Break(kept.line, found[0], Rule.AS_KEPT_ELSEWHERE)
