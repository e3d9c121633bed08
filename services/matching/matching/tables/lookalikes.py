"""Open referrals that could be joined up with another council's: each council's rows are of its own referrals alone."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from matching.tables.columns import metadata

lookalike_marks = Table(
    "lookalike_marks",
    metadata,
    Column("council", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Index("lookalike_marks_of_referral", "council", "referral"),
)
"""By what an open referral is found: its districts and languages, one row each, while providers may answer it."""

lookalikes = Table(
    "lookalikes",
    metadata,
    Column("council", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("pair", Uuid, primary_key=True),
    Column("coinciding", ARRAY(Text), nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Index("lookalikes_of_pair", "council", "pair"),
)
"""What of the council's own referral coincides with some other council's; ``pair`` is the same in both councils' rows and names neither."""
