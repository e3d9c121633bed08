"""Councils' counts of the children they look after: a council's own uploads, and what all are told of each other's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.counts import Attribute, Cell, Count, Counts
from referrals.domain.small_cells_words import SmallCellReason
from referrals.tables import council_counts, councils, count_uploads, small_cell_acknowledgements
from shared.contracts.referrals import CouncilCountsRecorded
from shared.tenancy import Transaction

_counts = TypeAdapter(Counts)


@dataclass(frozen=True)
class Upload:
    """Counts as a council uploaded them."""

    version: int
    counts: Counts
    recorded_by: str
    recorded_at: datetime


async def newest_upload(transaction: Transaction) -> Upload | None:
    """The council's own counts in force; None before it uploaded any."""
    table = count_uploads.c
    query = select(count_uploads).where(table.organisation == str(transaction.organisation)).order_by(table.version.desc()).limit(1)
    row = (await transaction.execute(query)).one_or_none()
    return Upload(row.version, _counts.validate_python(row.counts), row.recorded_by, row.recorded_at) if row else None


async def add_upload(transaction: Transaction, upload: Upload) -> bool:
    """Keep an upload; False when somebody else made that version first."""
    row = {
        "organisation": str(transaction.organisation),
        "version": upload.version,
        "as_of": upload.counts.as_of,
        "counts": _counts.dump_python(upload.counts, mode="json"),
        "recorded_by": upload.recorded_by,
        "recorded_at": upload.recorded_at,
    }
    return (await transaction.execute(upsert(count_uploads).values(row).on_conflict_do_nothing())).rowcount == 1


async def keep_told(transaction: Transaction, heard: CouncilCountsRecorded, version: int) -> None:
    """Keep what a council tells of its counts, unless something newer is known."""
    cells = tuple(
        Cell(
            tuple(sorted((Attribute(trait.attribute), trait.value) for trait in cell.of)),
            Count(1, 4) if cell.children is None else Count(cell.children, cell.children),
        )
        for cell in heard.cells
    )
    counts = Counts(heard.as_of, heard.total, cells)
    row = {
        "organisation": str(transaction.organisation),
        "council": heard.counted_by,
        "version": version,
        "counts": _counts.dump_python(counts, mode="json"),
    }
    new = upsert(council_counts).values(row)
    newer = {name: new.excluded[name] for name in row}
    await transaction.execute(
        new.on_conflict_do_update(index_elements=["council"], set_=newer, where=council_counts.c.version < new.excluded.version)
    )


async def told_by_council(transaction: Transaction) -> Mapping[str, Counts | None]:
    """Every council of the consortium with what it told of its counts, None where nothing was; by ONS code."""
    known = await transaction.execute(
        select(councils.c.code, council_counts.c.counts)
        .select_from(councils.outerjoin(council_counts, council_counts.c.council == councils.c.code, full=True))
        .with_only_columns(councils.c.code, council_counts.c.council, council_counts.c.counts)
    )
    return {row.code or row.council: _counts.validate_python(row.counts) if row.counts else None for row in known}


@dataclass(frozen=True)
class Acknowledgement:
    """That a version of a referral was sent although so few share what it shows."""

    referral: UUID
    version: int
    number: Decimal
    threshold: int
    blurred: Sequence[str]
    reason: SmallCellReason
    acknowledged_by: str
    acknowledged_at: datetime


async def acknowledge(transaction: Transaction, said: Acknowledgement) -> None:
    """Put it on record."""
    row = {**vars(said), "organisation": str(transaction.organisation), "blurred": list(said.blurred), "reason": str(said.reason)}
    await transaction.execute(small_cell_acknowledgements.insert().values(row))


async def acknowledgements(transaction: Transaction, referral: UUID) -> list[Acknowledgement]:
    """Those of a referral, the newest first."""
    table = small_cell_acknowledgements.c
    query = select(small_cell_acknowledgements).where(table.organisation == str(transaction.organisation), table.referral == referral)
    rows = await transaction.execute(query.order_by(table.version.desc()))
    return [
        Acknowledgement(
            row.referral,
            row.version,
            row.number,
            row.threshold,
            tuple(row.blurred),
            SmallCellReason(row.reason),
            row.acknowledged_by,
            row.acknowledged_at,
        )
        for row in rows
    ]
