"""The disclosure record: who saw which fields of whom, when, by which right. Only ever added to, line by line of a hash chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import insert, select, tuple_

from referrals.domain.disclosure import Right
from referrals.domain.ledger import Entry, Position, chained
from referrals.store import ledger
from referrals.tables import disclosures
from shared import ids
from shared.cursors import Wanted, after_moment
from shared.organisation import Organisation
from shared.tenancy import Transaction


class Act(StrEnum):
    """Whether somebody was given the right to see, or saw; or that the record was erased; or that its placement was decided."""

    GRANTED = "granted"
    READ = "read"
    ERASED = "erased"
    DECIDED = "decided"


@dataclass(frozen=True)
class Disclosure:
    """One line of the record. ``seen_by`` is an organisation, ``subject`` the person or client that signed in; ``line`` is its number in
    the council's ledger, ``hash`` what the next line follows."""

    id: UUID
    child: UUID
    placement: UUID | None
    seen_by: str
    subject: str
    act: Act
    right: Right
    fields: tuple[str, ...]
    at: datetime
    line: int
    hash: bytes
    decision: UUID | None = None
    decision_hash: bytes | None = None


async def record(
    transaction: Transaction,
    children: Iterable[UUID],
    *,
    seen_by: Organisation,
    subject: str,
    act: Act,
    right: Right,
    fields: Sequence[str],
    at: datetime,
    placement: UUID | None = None,
    decision: tuple[UUID, bytes] | None = None,
) -> None:
    """Write a line for each child, in the transaction that shows (or grants) the fields; the transaction must be the council's.

    From here to its end the transaction holds the end of the council's ledger: another that discloses something of the same council waits
    for it. ``decision`` is the id of a placement decision and the hash of its record, for the line that writes it in. So write down last,
    and ask nobody else anything afterwards.
    """
    council = str(transaction.organisation)
    entries = [
        Entry(council, ids.new_id(), child, placement, str(seen_by), subject, act, right, tuple(map(str, fields)), at, *(decision or ()))
        for child in children
    ]
    if not entries:
        return
    lines = list(chained(entries, await ledger.hold(transaction)))
    rows = [
        {
            "organisation": council,
            "id": line.entry.id,
            "child": line.entry.child,
            "placement": placement,
            "seen_by": line.entry.seen_by,
            "subject": subject,
            "act": act,
            "by_right": right,
            "fields": list(line.entry.fields),
            "at": at,
            "line": line.number,
            "previous_hash": line.previous,
            "hash": line.hash,
            "decision": line.entry.decision,
            "decision_hash": line.entry.decision_hash,
        }
        for line in lines
    ]
    await transaction.execute(insert(disclosures), rows)
    await ledger.release(transaction, Position(lines[-1].number, lines[-1].hash))


async def of_child(transaction: Transaction, child: UUID, wanted: Wanted) -> list[Disclosure]:
    """Who knows about this child, oldest first, one row more than the page."""
    table = disclosures.c
    query = select(disclosures).where(table.organisation == str(transaction.organisation), table.child == child)
    if after := after_moment(wanted):
        query = query.where(tuple_(table.at, table.id) > after)
    rows = await transaction.execute(query.order_by(table.at, table.id).limit(wanted.limit + 1))
    return [
        Disclosure(
            r.id,
            r.child,
            r.placement,
            r.seen_by,
            r.subject,
            Act(r.act),
            Right(r.by_right),
            tuple(r.fields),
            r.at,
            r.line,
            bytes(r.hash),
            r.decision,
            None if r.decision_hash is None else bytes(r.decision_hash),
        )
        for r in rows
    ]
