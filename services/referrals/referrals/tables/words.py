"""What officers write about the children of a referral, the findings in it that were cleared, and which agencies may read it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, Uuid

from referrals.tables.columns import MOMENT, metadata

tier_lines = Table(
    "tier_lines",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("lot", Text, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("tier", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
"""Each lot's published list, as last heard."""

referral_words = Table(
    "referral_words",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("sent", LargeBinary),
    Column("sent_at", MOMENT),
)
"""The words as the council has them, and as they were last sent; both sealed under the referral's key."""

word_clearings = Table(
    "word_clearings",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("finding", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("from_character", Integer, nullable=False),
    Column("to_character", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cleared_by", Text, nullable=False),
    Column("cleared_at", MOMENT, nullable=False),
    Index("word_clearings_one_a_finding", "organisation", "referral", "finding", unique=True),
)
"""Only ever added to: which finding, in which text (by a salted hash), was cleared by whom, when and why."""

word_readers = Table(
    "word_readers",
    metadata,
    Column("council", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("tier", Integer, nullable=False),
    Column("given_at", MOMENT, nullable=False),
    Index("word_readers_of_provider", "provider", "referral"),
)
"""The agencies a referral was broadcast to: between the council and each of them."""
