"""The tables of returns: where each stands, what is drafted, what was accepted, who was chased, and when returns are due."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from monitoring.tables.columns import Moment, metadata, organisation


def _which() -> tuple[Column[Any], ...]:
    """Which return a row is of."""
    return (
        Column("form", Text, primary_key=True),
        Column("begins", Date, primary_key=True),
        Column("agency", Text, primary_key=True),
    )


return_heads = Table(
    "return_heads",
    metadata,
    organisation(),
    *_which(),
    Column("form_version", Integer, nullable=False),
    Column("ends", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("drafted_at", Moment),
    Column("accepted", Integer, nullable=False),
    Column("received_on", Date),
    Column("accepted_at", Moment),
    Column("brought_in", Boolean, nullable=False),
    Index("return_heads_due", "organisation", "due_on"),
)

return_drafts = Table(
    "return_drafts",
    metadata,
    organisation(),
    *_which(),
    Column("lines", JSONB, nullable=False),
    Column("reason", Text),
    Column("words", Text, nullable=False),
)

return_versions = Table(
    "return_versions",
    metadata,
    organisation(),
    *_which(),
    Column("version", Integer, primary_key=True),
    Column("form_version", Integer, nullable=False),
    Column("ends", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("reason", Text),
    Column("words", Text, nullable=False),
    Column("brought_in", Boolean, nullable=False),
    Column("lines", JSONB, nullable=False),
    Index("return_versions_ends", "organisation", "ends"),
)

return_chasers = Table(
    "return_chasers",
    metadata,
    organisation(),
    *_which(),
    Column("chased_for", Date, primary_key=True),
    Column("chaser", Text, nullable=False),
    Column("chased_at", Moment, nullable=False),
)

return_settings = Table(
    "return_settings",
    metadata,
    Column("form", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("due_after_days", Integer, nullable=False),
    Column("chase_before_days", Integer, nullable=False),
    Column("chase_every_days", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
