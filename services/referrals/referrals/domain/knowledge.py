"""Who knows what of a child since when, and by which right: the disclosure ledger's lines drawn together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

BROADCAST = "broadcast"
"""The right of every provider of a lot to the anonymised referral."""


@dataclass(frozen=True, order=True)
class FieldSeen:
    """One field of the child, one organisation and right: when it was first and last shown or given, and how often it was read."""

    organisation: str
    right: str
    placement: UUID | None
    field: str
    first: datetime
    last_read: datetime | None
    reads: int
    right_ended: datetime | None = None


@dataclass(frozen=True)
class Known:
    """What an organisation learnt at one time by one right.

    ``organisation`` is None where every provider of ``lot`` was told. ``until`` is when the right to read it here ended, None while it
    lasts: what was read is known for good. ``last_read`` is None for what was given and never looked at.
    """

    organisation: str | None
    lot: str | None
    right: str
    placement: UUID | None
    fields: tuple[str, ...]
    since: datetime
    until: datetime | None
    last_read: datetime | None
    reads: int


@dataclass(frozen=True)
class Told:
    """The child's needs were sent, without its name, to every provider of a lot."""

    referral: UUID
    lot: str
    at: datetime


def known_by(seen: Iterable[FieldSeen], told: Iterable[Told], fields_told: tuple[str, ...]) -> list[Known]:
    """Who knows what since when, oldest first; fields learnt at one moment by one right are one entry.

    ``fields_told`` are the fields of a child that a broadcast tells. A field that an organisation learns again by the same right does not
    begin anew: it has been known since the first time.
    """
    together: dict[tuple[str, str, str, datetime], list[FieldSeen]] = {}
    for each in seen:
        together.setdefault((each.organisation, each.right, str(each.placement or ""), each.first), []).append(each)
    known = [
        Known(
            organisation=group[0].organisation,
            lot=None,
            right=group[0].right,
            placement=group[0].placement,
            fields=tuple(sorted(each.field for each in group)),
            since=group[0].first,
            until=group[0].right_ended,
            last_read=max((each.last_read for each in group if each.last_read), default=None),
            reads=max(each.reads for each in group),
        )
        for group in together.values()
    ]
    known += [Known(None, each.lot, BROADCAST, None, tuple(sorted(fields_told)), each.at, None, None, 0) for each in told]
    return sorted(known, key=lambda each: (each.since, each.organisation or "", each.right, each.fields))
