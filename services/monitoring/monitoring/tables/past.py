"""Pasts brought in from elsewhere: who, when, how much, and the digest of what was sent."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text, Uuid

from monitoring.tables.columns import Moment, metadata, organisation

past_imports = Table(
    "past_imports",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("brought_in_by", Text, nullable=False),
    Column("brought_in_at", Moment, nullable=False),
    Column("events", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("sha256", Text, nullable=False),
    Index("past_imports_at", "organisation", "brought_in_at"),
)
