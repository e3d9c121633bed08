"""Decisions about limits, and alerts with what became of them: one row for each organisation that may read it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Numeric, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from monitoring.tables.columns import Moment, metadata, organisation

chart_limits = Table(
    "chart_limits",
    metadata,
    organisation(),
    Column("kpi", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("from_month", Date, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("recalculated", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Moment, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("kpi", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("begins", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("chance", Numeric(asdecimal=False)),
    Column("words", Text, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("owner_words", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("former", Uuid),
    # One signal, one alert, however many sweeps see it at once.
    UniqueConstraint("organisation", "kpi", "scope", "cause", "begins"),
    Index("alerts_raised", "organisation", "raised_at"),
)

alert_steps = Table(
    "alert_steps",
    metadata,
    organisation(),
    Column("alert", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("taken_for", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),
)

watched = Table(
    "watched",
    metadata,
    organisation(),
    Column("through_month", Date, nullable=False),
    Column("looked_at", Moment, nullable=False),
)

agency_ratings = Table(
    "agency_ratings",
    metadata,
    organisation(),
    Column("agency", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("rating", Text, nullable=False),
    Column("inspected_on", Date),
    Column("recorded_at", Moment, nullable=False),
)
