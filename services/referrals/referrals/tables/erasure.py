"""Keys that can be destroyed, who asked for that, and what stands in the way of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from referrals.tables.columns import MOMENT, metadata

data_keys = Table(
    "data_keys",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Index("data_keys_by_key", "organisation", "key_id"),
)
"""One row a child, placement, care period or referral about which something is sealed: deleting it destroys what is sealed."""

erasures = Table(
    "erasures",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid),
    Column("ground", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("settled_by", Text),
    Column("settled_at", MOMENT),
    Column("key_ids", ARRAY(Text), nullable=False),
    # One question at a time for a child, and for the council's key (no child: every one of its children).
    Index(
        "erasures_one_asked",
        "organisation",
        text("coalesce(child, '00000000-0000-0000-0000-000000000000')"),
        unique=True,
        postgresql_where=text("state = 'asked'"),
    ),
    Index("erasures_of_child", "organisation", "child"),
)
"""Each erasure asked for, and what became of it. ``key_ids``: the council keys destroyed, for an erasure of everything."""

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", MOMENT, nullable=False),
    Column("lifted_by", Text),
    Column("lifted_at", MOMENT),
    Index("legal_holds_one_in_force", "organisation", "child", unique=True, postgresql_where=text("lifted_at IS NULL")),
)
"""While one is in force the child's record is kept, whoever asks for its erasure."""
