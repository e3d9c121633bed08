"""In whose name a row is written.

An event comes in the name of whoever made it true. Where the row it changes is another's (a vacancy's row is its provider's, a
referral's and its offers' the council's), the handler acts as that owner: the services trust each other's events, and row
security keeps every other row out of reach meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.organisation import Organisation
from shared.tenancy import Transaction


@asynccontextmanager
async def as_owner(transaction: Transaction, owner: Organisation) -> AsyncIterator[None]:
    """Under the rights of the row's owner; nothing is sent when that is whose event it is."""
    if transaction.organisation == owner:
        yield
    else:
        async with transaction.acting_as(owner):
            yield


def council_of(code: str) -> tuple[str, Organisation]:
    """A council by its ONS code: in full, as rows hold it, and as an owner to act as."""
    owner = Organisation.council(code)
    return str(owner), owner
