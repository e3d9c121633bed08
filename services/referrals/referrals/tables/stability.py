"""How placements go: what happened in them, that officers looked at them; and corrections of what was recorded of a time in care."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from referrals.tables.columns import MOMENT, metadata

placement_events = Table(
    "placement_events",
    metadata,
    Column("council", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("placement", Uuid, nullable=False),
    Column("provider", Text),
    Column("author", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("until", Date),
    Column("interview_offered", Boolean),
    Column("complaint_by", Text),
    Column("recorded_by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("retracted_at", MOMENT),
    Column("retraction_reason", Text),
    CheckConstraint("until >= happened_on", name="placement_events_end_after_start"),
    CheckConstraint("author = council OR (provider IS NOT NULL AND author = provider)", name="placement_events_by_a_side"),
    Index("placement_events_of_placement", "council", "placement", "happened_on"),
)
"""Between two, where ``provider`` is named; an event the council keeps to itself names none."""

placement_looks = Table(
    "placement_looks",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("placement", Uuid, nullable=False),
    Column("done", Text, nullable=False),
    Column("by_date", Date),
    Column("reasons", JSONB, nullable=False),
    Column("looked_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Index("placement_looks_of_placement", "organisation", "placement", "at"),
)
"""The council's own: that an officer looked at a flagged placement, what is done, and the reasons as they stood then."""

care_corrections = Table(
    "care_corrections",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, nullable=False),
    Column("record", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB),
    Column("recorded_by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Index("care_corrections_of_child", "organisation", "child", "at", "id"),
)
"""The council's own: what a record of a time in care said before it was corrected, and what it says since (null: it was taken out)."""
