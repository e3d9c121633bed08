"""Suspensions of agencies: each kept, with who recorded and who lifted it."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, Uuid

from providers.tables.columns import MOMENT, consortiums_own, metadata

suspensions = Table(
    "suspensions",
    metadata,
    Column("id", Uuid, primary_key=True),
    consortiums_own(),
    Column("agency", Text, ForeignKey("agencies.urn"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("review_on", Date),
    Column("ends_on", Date),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("lifted_because", Text),
    Column("lifted_by", Text),
    Column("lifted_at", MOMENT),
    Index("suspensions_agency", "agency", "recorded_at", "id"),
)
