"""Councils, agencies, frameworks and lots."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from providers.tables.columns import consortiums_own, metadata

councils = Table(
    "councils",
    metadata,
    Column("ons_code", Text, primary_key=True),
    consortiums_own(),
    Column("name", Text, nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
)

lead_roles = Table(
    "lead_roles",
    metadata,
    Column("role", Text, primary_key=True),
    consortiums_own(),
    Column("council", Text, ForeignKey("councils.ons_code"), nullable=False),
    Column("position", Integer, nullable=False),
    Index("lead_roles_council", "council"),
)

agencies = Table(
    "agencies",
    metadata,
    Column("urn", Text, primary_key=True),
    consortiums_own(),
    Column("name", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("rating", Text, nullable=False),
    Column("inspected_on", Date),
    Column("companies_house_number", Text),
    Column("version", Integer, nullable=False),
)

frameworks = Table(
    "frameworks",
    metadata,
    Column("code", Text, primary_key=True),
    consortiums_own(),
    Column("title", Text, nullable=False),
    Column("established_on", Date, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("standstill_days", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

lots = Table(
    "lots",
    metadata,
    Column("code", Text, primary_key=True),
    consortiums_own(),
    Column("framework", Text, ForeignKey("frameworks.code"), nullable=False),
    Column("title", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Index("lots_framework", "framework"),
)
