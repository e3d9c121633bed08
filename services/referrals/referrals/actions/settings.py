"""A council's own settings, changed by its administrator, every version kept; and its vault's keys, rotated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from referrals.domain import settings as rules
from referrals.store import children
from referrals.store import settings as store
from referrals.store.children import Rotation
from referrals.store.settings import KeptSettings
from referrals.store.vault import Keyring
from shared import clock, outbox
from shared.contracts.referrals import CouncilSettingsChanged
from shared.cursors import Wanted
from shared.refusals import invalid
from shared.tenancy import Transaction


async def current(transaction: Transaction) -> KeptSettings:
    """The settings in force."""
    return await store.current(transaction)


async def history(transaction: Transaction, wanted: Wanted) -> Sequence[KeptSettings]:
    """Every version made, newest first."""
    return await store.history(transaction, wanted)


async def change(
    transaction: Transaction,
    changes: Mapping[str, Any],
    deadlines: Mapping[str, Any],
    placements: Mapping[str, Any],
    require: Callable[[int], None],
    *,
    subject: str,
) -> KeptSettings:
    """Put changed settings in force at once; refused with every rule they break, or when they changed since they were read.

    ``deadlines`` are those closing times that change, ``placements`` the numbers for placements, ``changes`` the other settings.
    Referrals already sent keep their closing time.
    """
    before = await store.current(transaction)
    require(before.version)
    settings = replace(
        before.settings,
        **changes,
        deadlines=replace(before.settings.deadlines, **deadlines),
        placements=replace(before.settings.placements, **placements),
    )
    if broken := rules.broken_rules(settings):
        raise invalid(*broken)
    after = KeptSettings(before.version + 1, settings, subject, clock.now())
    if not await store.add(transaction, after):
        require(after.version)  # somebody else was quicker: refused as stale
    assert after.changed_at is not None
    council = transaction.organisation.code
    event = CouncilSettingsChanged(
        council=council, weights=dict(settings.weights), approval_miles=settings.approval_miles, effective_from=after.changed_at
    )
    outbox.record(transaction, event, subject=council, version=after.version, council=council)
    return after


async def rotate_key(transaction: Transaction, ring: Keyring) -> Rotation:
    """Re-wrap every child's data key under the council's newest key, so that the older ones can be taken out of the key file."""
    ring.refresh()
    return await children.rotate(transaction, ring)
