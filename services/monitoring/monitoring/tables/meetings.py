"""The year's meetings, one row for each organisation that may read them, and the addresses by which calendars read them."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, Date, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from monitoring.tables.columns import Moment, metadata, organisation

meetings = Table(
    "meetings",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("agency", Text),
    Column("council", Text),
    Column("placement", Uuid),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("place", Text, nullable=False),
    Column("leads", Text, nullable=False),
    Column("lead_person", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("planned_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attendance", ARRAY(Text), nullable=False),
    Column("pack", JSONB),
    Column("pack_made_at", Moment),
    Column("readers", ARRAY(Text), nullable=False),
    Index("meetings_starts", "organisation", "starts_at"),
)

meeting_findings = Table(
    "meeting_findings",
    metadata,
    organisation(),
    Column("meeting", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
)

meeting_actions = Table(
    "meeting_actions",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("meeting", Uuid, nullable=False),
    Column("agency", Text),
    Column("council", Text),
    Column("owner", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("done_at", Moment),
    Column("done_by", Text, nullable=False),
    Column("done_words", Text, nullable=False),
    Index("meeting_actions_due", "organisation", "due_on"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    UniqueConstraint("secret_hash"),
)
