"""A council's complex needs panels. What was said is only ever added to: the application may not change or remove a vote or an outcome."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from matching.tables.columns import metadata

MOMENT = DateTime(timezone=True)

panel_settings = Table(
    "panel_settings",
    metadata,
    Column("council", Text, primary_key=True),
    Column("hours", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
)

panels = Table(
    "panels",
    metadata,
    Column("council", Text, primary_key=True),
    Column("panel", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("asked", JSONB, nullable=False),
    Column("proposal", JSONB),
    Column("deciding", Text, nullable=False),
    Column("quorum_members", Integer, nullable=False),
    Column("quorum_roles", ARRAY(Text), nullable=False),
    Column("chair_without_quorum", Boolean, nullable=False),
    Column("opened_at", MOMENT, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("closes_at", MOMENT, nullable=False),
    Column("all_voted_at", MOMENT),
    Column("version", Integer, nullable=False),
    Index("panels_of_referral", "council", "referral", "opened_at"),
)

panel_members = Table(
    "panel_members",
    metadata,
    Column("council", Text, primary_key=True),
    Column("panel", Uuid, primary_key=True),
    Column("member", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("chair", Boolean, nullable=False),
    Index("panel_members_once", "council", "panel", "subject", unique=True),
    Index("panel_members_by_subject", "council", "subject"),
)

panel_votes = Table(
    "panel_votes",
    metadata,
    Column("council", Text, primary_key=True),
    Column("panel", Uuid, primary_key=True),
    Column("member", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("offer", Uuid),
    Column("split", JSONB),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("voted_at", MOMENT, nullable=False),
)

panel_extensions = Table(
    "panel_extensions",
    metadata,
    Column("council", Text, primary_key=True),
    Column("panel", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("from_at", MOMENT, nullable=False),
    Column("to_at", MOMENT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("extended_by", Text, nullable=False),
    Column("extended_at", MOMENT, nullable=False),
)

panel_reminders = Table(
    "panel_reminders",
    metadata,
    Column("council", Text, primary_key=True),
    Column("panel", Uuid, primary_key=True),
    Column("member", Uuid, primary_key=True),
    Column("reminder", Text, primary_key=True),
    Column("closes_at", MOMENT, primary_key=True),
    Column("reminded_at", MOMENT, nullable=False),
)

panel_outcomes = Table(
    "panel_outcomes",
    metadata,
    Column("council", Text, primary_key=True),
    Column("panel", Uuid, primary_key=True),
    Column("how", Text, nullable=False),
    Column("offer", Uuid),
    Column("split", JSONB),
    Column("reason", Text),
    Column("words", Text),
    Column("decided_by", Text),
    Column("decided_at", MOMENT, nullable=False),
)
