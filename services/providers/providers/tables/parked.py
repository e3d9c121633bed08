"""Homes that are parked for a while."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, Uuid

from providers.tables.columns import MOMENT, metadata

parked_homes = Table(
    "parked_homes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("household", Uuid, ForeignKey("households.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("after_what", Text, nullable=False),
    Column("parked_at", MOMENT, nullable=False),
    Column("parked_by", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("ended_at", MOMENT),
    Index("parked_homes_household", "household", "until"),
)
