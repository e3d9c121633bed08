"""What the checks of the law rest on: approvals by named officers, and which beds of a household are held or filled."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, Table, Text, Uuid, text

from matching.tables.columns import metadata

approvals = Table(
    "approvals",
    metadata,
    Column("council", Text, primary_key=True),
    Column("approval", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("offer", Uuid, nullable=False),
    Column("household", Uuid, nullable=False),
    Column("approved_for", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Index("approvals_referral", "council", "referral", "recorded_at"),
)

beds_held = Table(
    "beds_held",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("hold", Uuid, primary_key=True),
    Column("household", Uuid),
    Column("beds", Integer, nullable=False),
    Column("freed", Boolean, nullable=False),
    Column("changed_in", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text::bigint)")),
    Index("beds_held_household", "household", postgresql_where=text("NOT freed")),
    Index("beds_held_changed", "changed_in"),
)
