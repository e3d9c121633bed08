"""Individual placement agreements, between two: versions and what each side did with them are only ever added to; notice; reminders."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from referrals.tables.columns import MOMENT, metadata

agreement_versions = Table(
    "agreement_versions",
    metadata,
    Column("council", Text, primary_key=True),
    Column("placement", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    CheckConstraint("author IN (council, provider)", name="agreement_versions_by_a_side"),
)

agreement_acts = Table(
    "agreement_acts",
    metadata,
    Column("council", Text, primary_key=True),
    Column("placement", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("author", Text, primary_key=True),
    Column("act", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("reason", Text),
    Column("recorded_by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    CheckConstraint("author IN (council, provider)", name="agreement_acts_by_a_side"),
)
"""What a side did with a version: signed it, or declined it. Row security lets nobody sign for the other side."""

agreement_notices = Table(
    "agreement_notices",
    metadata,
    Column("council", Text, primary_key=True),
    Column("placement", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("withdrawn_at", MOMENT),
    Column("withdrawn_by", Text),
    CheckConstraint("author IN (council, provider)", name="agreement_notices_by_a_side"),
    # One notice stands at a time, by whichever side.
    Index("agreement_notices_one_standing", "council", "placement", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
)

agreement_reminders = Table(
    "agreement_reminders",
    metadata,
    Column("council", Text, primary_key=True),
    Column("placement", Uuid, primary_key=True),
    Column("due_on", Date, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
)
"""That a full agreement was asked for: once shortly before it is due, once when it is overdue."""
