"""Whose a fact is to read: each fact is written once for every such organisation (docs/decisions/0401-one-row-a-reader.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Transaction


async def as_each_reader(transaction: Transaction, write: Callable[[], Awaitable[None]], *readers: str) -> None:
    """Write one fact for each organisation that may read it, and for the consortium.

    By right of what the news is about: the council whose referral it is and the provider whose offer, home or bed it is
    both know it already; the consortium watches them all.
    """
    for reader in dict.fromkeys((*readers, str(CONSORTIUM))):
        async with transaction.acting_as(Organisation.parse(reader)):
            await write()


def council_reader(code: str) -> str:
    """A council as a reader."""
    return str(Organisation.council(code))
