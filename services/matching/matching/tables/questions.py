"""What changed in a referral after it was sent, and questions about it with their answers: one row a provider told."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from matching.tables.columns import metadata

opportunity_changes = Table(
    "opportunity_changes",
    metadata,
    Column("council", Text, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("view_version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("details", JSONB),
    PrimaryKeyConstraint("referral", "provider", "council", "view_version"),
)

questions = Table(
    "questions",
    metadata,
    Column("council", Text, primary_key=True),
    Column("question", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("words", Text),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Index("questions_referral", "council", "referral", "asked_at"),
    Index("questions_provider", "provider", "referral"),
)

answers = Table(
    "answers",
    metadata,
    Column("council", Text, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("question", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("words", Text),
    Column("answer", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("referral", "provider", "council", "question"),
)
