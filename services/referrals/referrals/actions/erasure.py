"""Erasing a child's record, or all that a council keeps: asked for by one person, done by another, written in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referrals.domain import erasure as rules
from referrals.domain.disclosure import Right
from referrals.domain.erasure import ErasureState, Ground, HoldReason
from referrals.store import care, children, disclosures, erasing, keys, settings
from referrals.store import erasures as store
from referrals.store.disclosures import Act
from referrals.store.erasures import Erasure, Hold
from referrals.store.vault import Keyring
from shared import clock, ids
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction

_AT_ONCE = 500


@dataclass(frozen=True)
class Done:
    """An erasure that was done: how many children's records, and how many data keys."""

    erasure: Erasure
    children: int
    keys_destroyed: int


async def ask(transaction: Transaction, ring: Keyring, child: UUID, ground: Ground, *, subject: str) -> Erasure:
    """Ask for a child's record to be erased, on a named ground; nothing is erased before another person confirms it.

    Refused (409) with everything that stands in its way: an open referral, a current placement, the child being looked after, a legal hold,
    a retention that is not over, and an erasure asked for already.
    """
    await _may_be_erased(transaction, ring, child, ground)
    return await _asked(transaction, child, ground, subject=subject)


async def _asked(transaction: Transaction, child: UUID | None, ground: Ground, *, subject: str) -> Erasure:
    asked = Erasure(ids.new_id(), child, ground, ErasureState.ASKED, subject, clock.now())
    if not await store.ask(transaction, asked):
        words = "This erasure is asked for already. Another person confirms it, or it is withdrawn."
        raise conflict(words, Reason("child", "asked_once", words))
    return asked


async def _may_be_erased(transaction: Transaction, ring: Keyring, child: UUID, ground: Ground) -> None:
    record = await children.one(transaction, ring, child)
    standing = (await erasing.standing_of(transaction, {child: record.identity.date_of_birth}))[child]
    broken = rules.obstacles(standing)
    if ground is Ground.RETENTION_OVER:
        years = (await settings.current(transaction)).settings.retention_years
        broken += rules.retention_broken(standing, years, clock.today())
    if broken:
        raise conflict(broken[0].message if len(broken) == 1 else f"{len(broken)} things stand in the way of this erasure.", *broken)


async def read(transaction: Transaction, child: UUID) -> Erasure:
    """The last erasure asked for of this child."""
    found = await store.latest(transaction, child)
    if found is None:
        raise not_found("erasure")
    return found


async def confirm(transaction: Transaction, ring: Keyring, child: UUID, *, subject: str) -> Done:
    """Erase the child's record: a second person, never the one who asked. From the commit on nobody can read it, in any copy.

    What stands in the way is checked again. The council gets a new search key, so that no older copy of the search terms can be asked.
    """
    asked = await _to_settle(transaction, child)
    _by_another(asked, subject)
    await care.hold(transaction, child)
    await erasing.hold(transaction, [child])
    await _may_be_erased(transaction, ring, child, asked.ground)
    at = clock.now()
    destroyed = await erasing.erase(transaction, [child], at)
    await erasing.forget_replies(transaction, [child])
    await children.hash_terms_anew(transaction, ring)
    done = await store.settle(transaction, asked, ErasureState.DONE, by=subject, at=at)
    await _write_down(transaction, [child], subject=subject)
    return Done(done, 1, destroyed)


async def withdraw(transaction: Transaction, child: UUID | None, *, subject: str) -> Erasure:
    """Take back what was asked for; whoever asked may do so, or another."""
    asked = await _to_settle(transaction, child)
    return await store.settle(transaction, asked, ErasureState.WITHDRAWN, by=subject, at=clock.now())


async def _to_settle(transaction: Transaction, child: UUID | None) -> Erasure:
    asked = await store.latest(transaction, child, to_change=True)
    if asked is None:
        raise not_found("erasure")
    if asked.state is not ErasureState.ASKED:
        words = f"This erasure was {'done' if asked.state is ErasureState.DONE else 'withdrawn'} already."
        raise conflict(words, Reason("state", "asked", words))
    return asked


def _by_another(asked: Erasure, subject: str) -> None:
    if asked.asked_by == subject:
        words = "You asked for this erasure yourself. Another administrator of your council must confirm it."
        raise conflict(words, Reason("confirmed_by", "another_person", words))


async def _write_down(transaction: Transaction, erased: Sequence[UUID], *, subject: str) -> None:
    await disclosures.record(
        transaction,
        erased,
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.ERASED,
        right=Right.ERASURE,
        fields=(),
        at=clock.now(),
    )


async def set_hold(transaction: Transaction, ring: Keyring, child: UUID, reason: HoldReason, *, subject: str) -> Hold:
    """Keep a child's record from being erased, for a named reason, until the hold is lifted."""
    await children.one(transaction, ring, child)
    await erasing.hold(transaction, [child])
    held = Hold(ids.new_id(), reason, subject, clock.now())
    if not await store.set_hold(transaction, child, held):
        words = "A legal hold is in force for this child already."
        raise conflict(words, Reason("child", "one_hold", words))
    return held


async def lift_hold(transaction: Transaction, child: UUID, *, subject: str) -> None:
    """Lift the legal hold in force."""
    if not await store.lift_hold(transaction, child, by=subject, at=clock.now()):
        raise not_found("legal hold")


@dataclass(frozen=True)
class Due:
    """A record that the council need no longer keep: since when, and what stands in the way of erasing it."""

    child: UUID
    due_on: date
    obstacles: tuple[Reason, ...]


async def due(transaction: Transaction, ring: Keyring) -> Sequence[Due]:
    """The records whose retention is over, longest first, by their numbers alone. Nothing is ever erased without two people."""
    years, today = (await settings.current(transaction)).settings.retention_years, clock.today()
    everybody, found = await erasing.not_erased(transaction), list[Due]()
    for start in range(0, len(everybody), _AT_ONCE):
        records = await children.opened(transaction, ring, everybody[start : start + _AT_ONCE])
        born = {child: record.identity.date_of_birth for child, record in records.items()}
        for child, standing in (await erasing.standing_of(transaction, born)).items():
            if (day := rules.due_on(standing, years)) <= today:
                found.append(Due(child, day, rules.obstacles(standing)))
    return sorted(found, key=lambda each: (each.due_on, each.child))


async def ask_for_all(transaction: Transaction, council: str, ground: Ground, *, subject: str) -> Erasure:
    """Ask for the council's key to be destroyed, and with it all that names its children; ``council`` is its code, written out.

    For a council that leaves and has taken its archive. Refused while a home is being sought for a child of it.
    """
    _named(transaction, council)
    if not await erasing.not_erased(transaction):
        words = "Your council keeps no record of a child that could be erased."
        raise conflict(words, Reason("council", "something_to_erase", words))
    await _nothing_open(transaction)
    return await _asked(transaction, None, ground, subject=subject)


def _named(transaction: Transaction, council: str) -> None:
    if council != transaction.organisation.code:
        words = "Write your own council's code here. It is asked so that nobody destroys its key by mistake."
        raise invalid(Reason("council", "your_own_code", words))


async def _nothing_open(transaction: Transaction) -> None:
    broken = []
    if open_referrals := await erasing.open_referrals(transaction):
        words = f"{open_referrals} referrals are open. Withdraw them first, or wait until they are placed."
        broken.append(Reason("council", rules.Obstacle.OPEN_REFERRAL, words))
    if holds := await erasing.holds_in_force(transaction):
        broken.append(Reason("council", rules.Obstacle.LEGAL_HOLD, f"{holds} legal holds are in force. Whoever set them must lift them."))
    if broken:
        raise conflict("Your council's key cannot be destroyed as things stand.", *broken)


async def read_of_all(transaction: Transaction) -> Erasure:
    """The last time that the council's key was asked to be destroyed."""
    found = await store.latest(transaction, None)
    if found is None:
        raise not_found("destruction of your council's key")
    return found


async def confirm_for_all(transaction: Transaction, ring: Keyring, council: str, *, subject: str) -> Done:
    """Destroy the council's key: every data key it wraps is deleted, and no new one is made under it.

    A second person, with the council's code written out again. Counts and ledger stay. Whoever runs the platform then takes the key out of
    the key file (docs/erasure.md); until there is a new one, nothing that names a child is recorded.
    """
    _named(transaction, council)
    asked = await _to_settle(transaction, None)
    _by_another(asked, subject)
    everybody = await erasing.hold(transaction, await erasing.not_erased(transaction))
    await _nothing_open(transaction)
    at, key_ids = clock.now(), {*await keys.under(transaction), ring.newest(transaction.organisation).id}
    destroyed = await erasing.erase(transaction, everybody, at)
    await erasing.forget_replies(transaction, None)
    key_ids |= set(await store.drop_search_key(transaction))
    done = await store.settle(transaction, asked, ErasureState.DONE, by=subject, at=at, key_ids=sorted(key_ids))
    await _write_down(transaction, everybody, subject=subject)
    return Done(done, len(everybody), destroyed)


async def again(transaction: Transaction, ring: Keyring) -> int:
    """After a backup of before an erasure was put back: take out again what was erased since; how many children's records.

    What was erased is known from the table of erasures, which is put back with the keys. The keys are gone already, so nothing that names a
    child can be read meanwhile: this takes out the plain rows about them.
    """
    there = await erasing.hold(transaction, await erasing.erased_but_there(transaction))
    if there:
        await erasing.erase(transaction, there, clock.now())
        await children.hash_terms_anew(transaction, ring)
        await _write_down(transaction, there, subject="put back from a backup, erased again")
    return len(there)
