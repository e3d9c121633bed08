"""Who is signed in to the pages: one row a browser, known by the hash of a secret that only the browser holds."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, LargeBinary, Table, Text

from monitoring.tables.columns import Moment, metadata, organisation

page_sessions = Table(
    "page_sessions",
    metadata,
    organisation(),
    Column("digest", LargeBinary, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
