"""Decisions heard of, and the children's wishes. Both are only ever added to."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, Uuid

from referrals.tables.columns import MOMENT, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("decision", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("offer", Uuid, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("heard_at", MOMENT, nullable=False),
    Index("decisions_of_referral", "organisation", "referral", "heard_at"),
)
"""The hash of a decision whose record ``matching`` keeps."""

wishes = Table(
    "wishes",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)
"""What a child said, how, to whom and when, sealed under the child's key; a changed wish is a further version."""
