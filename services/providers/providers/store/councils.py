"""Councils of the consortium and the work streams they lead."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from providers.domain.membership import Council
from providers.tables import councils, lead_roles
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class RecordedCouncil:
    """A council and the version of its record."""

    council: Council
    version: int


_ROLES = (
    select(func.array_agg(aggregate_order_by(lead_roles.c.role, lead_roles.c.position)))
    .where(lead_roles.c.council == councils.c.ons_code)
    .scalar_subquery()
)
_SELECT = select(councils.c.ons_code, councils.c.name, councils.c.joined_on, councils.c.version, _ROLES.label("lead_roles"))


def _recorded(row: Row[tuple[object, ...]]) -> RecordedCouncil:
    council = Council(row.ons_code, row.name, row.joined_on, tuple(row.lead_roles or ()))
    return RecordedCouncil(council, row.version)


async def lock_membership(transaction: Transaction) -> None:
    """Let changes to members, lead roles and first days take turns: each is judged against the others."""
    await transaction.execute(select(func.pg_advisory_xact_lock(func.hashtext("membership"))))


async def find(transaction: Transaction, ons_code: str) -> RecordedCouncil | None:
    """One council, or None."""
    row = (await transaction.execute(_SELECT.where(councils.c.ons_code == ons_code))).one_or_none()
    return _recorded(row) if row else None


async def listed(transaction: Transaction, *, after: str = "", limit: int | None = None) -> list[RecordedCouncil]:
    """Councils by ONS code, from after ``after``; all of them without a limit."""
    rows = await transaction.execute(_SELECT.where(councils.c.ons_code > after).order_by(councils.c.ons_code).limit(limit))
    return [_recorded(row) for row in rows]


async def save(transaction: Transaction, council: Council) -> int:
    """Write the record and its lead roles; the new version."""
    values = {"name": council.name, "joined_on": council.joined_on}
    statement = insert(councils).values(ons_code=council.ons_code, version=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["ons_code"], set_={**values, "version": councils.c.version + 1})
    version = await transaction.scalar(statement.returning(councils.c.version))
    await transaction.execute(delete(lead_roles).where(lead_roles.c.council == council.ons_code))
    if council.lead_roles:
        rows = [{"role": role, "council": council.ons_code, "position": place} for place, role in enumerate(council.lead_roles)]
        await transaction.execute(insert(lead_roles).values(rows))
    return int(version)
