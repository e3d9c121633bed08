"""The disclosure ledger as a chain: its end held while a line is added, its lines read in order to be checked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.ledger import Entry, Line, Position, beginning
from referrals.tables import disclosures, ledger_heads
from shared.tenancy import Transaction

PAGE = 500


async def hold(transaction: Transaction) -> Position:
    """Where the council's ledger ends, held until this transaction ends: a second writer waits here, then follows the first one's line."""
    organisation = str(transaction.organisation)
    start = beginning(organisation)
    held = upsert(ledger_heads).values(organisation=organisation, lines=start.line, hash=start.hash)
    # Changing nothing still takes the row's lock, and a row made by another meanwhile is waited for and read as it committed.
    held = held.on_conflict_do_update(index_elements=[ledger_heads.c.organisation], set_={"lines": ledger_heads.c.lines})
    row = (await transaction.execute(held.returning(ledger_heads.c.lines, ledger_heads.c.hash))).one()
    return Position(row.lines, bytes(row.hash))


async def release(transaction: Transaction, end: Position) -> None:
    """Note where the ledger ends now; the transaction that held it."""
    mine = ledger_heads.c.organisation == str(transaction.organisation)
    await transaction.execute(update(ledger_heads).where(mine).values(lines=end.line, hash=end.hash))


Place = tuple[int, UUID]
"""The number and id of the last line read. Both, because a number that was forged may occur twice."""


async def page(transaction: Transaction, after: Place | None) -> list[Line]:
    """The next lines of the council's ledger as they lie in the table, by number, at most 500."""
    table = disclosures.c
    query = select(disclosures).where(table.organisation == str(transaction.organisation))
    if after is not None:
        query = query.where(tuple_(table.line, table.id) > after)
    rows = await transaction.execute(query.order_by(table.line, table.id).limit(PAGE))
    return [
        Line(
            Entry(
                r.organisation,
                r.id,
                r.child,
                r.placement,
                r.seen_by,
                r.subject,
                r.act,
                r.by_right,
                tuple(r.fields),
                r.at,
                r.decision,
                None if r.decision_hash is None else bytes(r.decision_hash),
            ),
            r.line,
            bytes(r.previous_hash),
            bytes(r.hash),
        )
        for r in rows
    ]


async def end(transaction: Transaction, after: Place | None) -> tuple[Position, bool]:
    """Where the service noted that the ledger ends, and whether lines follow ``after`` by now; both of one moment.

    Asked in one statement: a line written while the ledger is being read must not look like one too many.
    """
    table, mine = disclosures.c, ledger_heads.c.organisation == str(transaction.organisation)
    more = select(table.id).where(table.organisation == str(transaction.organisation))
    if after is not None:
        more = more.where(tuple_(table.line, table.id) > after)
    row = (
        await transaction.execute(
            select(
                select(ledger_heads.c.lines).where(mine).scalar_subquery().label("lines"),
                select(ledger_heads.c.hash).where(mine).scalar_subquery().label("hash"),
                more.exists().label("more"),
            )
        )
    ).one()
    start = beginning(str(transaction.organisation))
    noted = start if row.lines is None else Position(row.lines, bytes(row.hash))
    return noted, bool(row.more)


async def named(transaction: Transaction, number: int) -> tuple[UUID, bytes] | None:
    """The id and hash of the line of that number, if there is one."""
    table = disclosures.c
    rows = await transaction.execute(
        select(table.id, table.hash).where(table.organisation == str(transaction.organisation), table.line == number).limit(1)
    )
    row = rows.one_or_none()
    return (row.id, bytes(row.hash)) if row else None
