"""Counts of looked-after children: each council's own uploads, and what every council is told of them; small cells acknowledged."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from referrals.tables.columns import MOMENT, metadata

count_uploads = Table(
    "count_uploads",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)
"""A council's own counts, as exactly as it uploaded them; one row an upload, never changed: the newest counts."""

council_counts = Table(
    "council_counts",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("council", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
)
"""The consortium's: each council's counts as every council is told them, rounded and of few children nothing jointly."""

small_cell_acknowledgements = Table(
    "small_cell_acknowledgements",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("number", Numeric(9, 1), nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("blurred", ARRAY(Text), nullable=False),
    Column("reason", Text, nullable=False),
    Column("acknowledged_by", Text, nullable=False),
    Column("acknowledged_at", MOMENT, nullable=False),
    Index("small_cell_acknowledgements_newest", "organisation", "acknowledged_at"),
)
"""That a referral was sent although few children share what it shows: which version, how few, who said why. Never changed."""
