"""Notice given in placements, what happens in them counted by month, and councils' own counts of stability 2; one row a reader."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text, Uuid

from monitoring.tables.columns import Moment, metadata, organisation

notices = Table(
    "notices",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("placement", Uuid, nullable=False),
    Column("council", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("given_version", Integer),
    Column("given_by", Text),
    Column("given_on", Date),
    Column("ends_on", Date),
    Column("withdrawn_version", Integer),
    Column("withdrawn_at", Moment),
    Index("notices_given", "organisation", "given_on"),
    Index("notices_placement", "organisation", "placement"),
)

placement_event_counts = Table(
    "placement_event_counts",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Index("placement_event_counts_month", "organisation", "month"),
)

stability_counts = Table(
    "stability_counts",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("looked_after_long", Integer, nullable=False),
    Column("same_placement", Integer, nullable=False),
)
