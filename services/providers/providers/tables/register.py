"""Ofsted's register as the consortium keeps it."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, Date, Integer, Table, Text

from providers.tables.columns import consortiums_own, metadata

register_entries = Table(
    "register_entries",
    metadata,
    Column("urn", Text, primary_key=True),
    consortiums_own(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("provider_codes", ARRAY(Text), nullable=False),
    Column("local_authority", Text, nullable=False),
    Column("postcode", Text),
    Column("deregistered_on", Date),
    Column("version", Integer, nullable=False),
)
