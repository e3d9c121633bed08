"""Where offered households live, for the one council each was offered to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from providers.tables import households, offered_households
from shared.one_of import one_of
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Location:
    """A household's grid reference in whole metres; None where the directory does not know its postcode."""

    household: UUID
    easting: int | None
    northing: int | None


async def offered(transaction: Transaction, offer: UUID, *, council: str, household: UUID, version: int) -> None:
    """The asking provider offered one of its households: from now on that council may measure how far away it is.

    A household that is not the provider's own is not found and nothing is written; older news changes nothing.
    """
    own = select(
        literal(offer),
        literal(str(transaction.organisation)),
        literal(council),
        households.c.id,
        households.c.easting,
        households.c.northing,
        literal(True),
        literal(version),
    ).where(households.c.id == household, households.c.organisation == str(transaction.organisation))
    columns = ["offer", "provider", "council", "household", "easting", "northing", "live", "version"]
    statement = insert(offered_households).from_select(columns, own)
    newer = {name: statement.excluded[name] for name in columns if name not in ("offer", "provider")}
    await transaction.execute(
        statement.on_conflict_do_update(
            index_elements=["offer", "provider"], set_=newer, where=offered_households.c.version < statement.excluded.version
        )
    )


async def no_longer_offered(transaction: Transaction, offer: UUID, *, council: str, version: int) -> None:
    """The asking provider's offer is off the table; remembered even when the news of the offer itself comes later."""
    statement = insert(offered_households).values(
        offer=offer, provider=str(transaction.organisation), council=council, live=False, version=version
    )
    await transaction.execute(
        statement.on_conflict_do_update(
            index_elements=["offer", "provider"],
            set_={"live": False, "version": statement.excluded.version, "easting": None, "northing": None},
            where=offered_households.c.version < statement.excluded.version,
        )
    )


async def for_council(transaction: Transaction, wanted: Collection[UUID]) -> Mapping[UUID, Location]:
    """Of these households, those the asking council may locate: offered to it now, or cared for by its own service."""
    asking = str(transaction.organisation)
    to_it = select(offered_households.c.household, offered_households.c.easting, offered_households.c.northing).where(
        offered_households.c.council == asking, offered_households.c.live, one_of(offered_households.c.household, sorted(wanted))
    )
    its_own = select(households.c.id, households.c.easting, households.c.northing).where(
        households.c.organisation == asking, one_of(households.c.id, sorted(wanted))
    )
    rows = await transaction.execute(union_all(to_it, its_own))
    return {row.household: Location(row.household, row.easting, row.northing) for row in rows}
