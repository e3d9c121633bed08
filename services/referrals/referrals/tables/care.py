"""A child's time in care, the council's own: periods of being looked after, legal statuses, reviews, placements made elsewhere."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from referrals.tables.columns import MOMENT, metadata

care_periods = Table(
    "care_periods",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, nullable=False),
    Column("began_on", Date, nullable=False),
    Column("category_of_need", Text, nullable=False),
    Column("ended_on", Date),
    Column("ending_reason", Text),
    Column("first_reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    CheckConstraint("ended_on >= began_on", name="care_periods_end_after_start"),
    CheckConstraint("(ended_on IS NULL) = (ending_reason IS NULL)", name="care_periods_end_with_reason"),
    UniqueConstraint("organisation", "child", "began_on", name="care_periods_one_a_day"),
    # At most one period lasts: the database's own guard against recording twice that a child came into care.
    Index("care_periods_one_open", "organisation", "child", unique=True, postgresql_where=text("ended_on IS NULL")),
)

legal_statuses = Table(
    "legal_statuses",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("legal_status", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("held_on", Date, primary_key=True),
    Column("participation", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)

outside_placements = Table(
    "outside_placements",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, nullable=False),
    Column("began_on", Date, nullable=False),
    Column("place", Text, nullable=False),
    Column("place_provider", Text),
    Column("urn", Text),
    Column("same_carer", Boolean, nullable=False),
    Column("ended_on", Date),
    Column("ending_reason", Text),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    CheckConstraint("ended_on >= began_on", name="outside_placements_end_after_start"),
    UniqueConstraint("organisation", "child", "began_on", name="outside_placements_one_a_day"),
)
"""Placements that did not come about through Hearth: made before the council joined, with relatives, in children's homes."""

postcodes = Table(
    "postcodes",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""A postcode sealed under the key of what it is of: of a placement (PL_POST), or of the home at the start of a care period (HOME_POST)."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("facts", JSONB, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)
"""What the return asks once a year about a child looked after for twelve months (its table OC2)."""

fostering_services = Table(
    "fostering_services",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("urn", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)
"""The Ofsted number of the council's own fostering service, one a council."""
