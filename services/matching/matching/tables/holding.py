"""Short holds on homes, and how long a hold lasts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text, Uuid, text

from matching.tables.columns import metadata

home_holds = Table(
    "home_holds",
    metadata,
    Column("council", Text, primary_key=True),
    Column("hold", Uuid, primary_key=True),
    Column("vacancy", Uuid, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("offer", Uuid, nullable=False),
    Column("beds", Integer, CheckConstraint("beds > 0"), nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("cools_until", DateTime(timezone=True), nullable=False),
    Column("chosen_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    CheckConstraint("expires_at > taken_at", name="home_holds_have_an_end"),
    Index("home_holds_vacancy", "vacancy", "taken_at"),
    Index("home_holds_running", "council", "expires_at", postgresql_where=text("ended_at IS NULL")),
)

hold_lengths = Table(
    "hold_lengths",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("emergency_minutes", Integer, nullable=False),
    Column("same_day_minutes", Integer, nullable=False),
    Column("planned_working_days", Integer, nullable=False),
    Column("long_term_working_days", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
