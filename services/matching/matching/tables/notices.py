"""What organisations were told, the webhooks they want it sent to, and what became of each sending."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from matching.tables.columns import metadata

notices = Table(
    "notices",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("notice", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("council", Text),
    Column("referral", Uuid),
    Column("reference", Text),
    Column("offer", Uuid),
    Column("subject", Uuid),
    Column("number", BigInteger),
    Column("traceparent", Text),
    Index("notices_in_order", "organisation", "number", unique=True),
)

notice_feeds = Table(
    "notice_feeds",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("numbered", BigInteger, nullable=False),
    Column("pruned", BigInteger, nullable=False, server_default="0"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("webhook", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("description", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stopped_because", Text),
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),
    Column("old_secret_until", DateTime(timezone=True)),
    Column("carried", BigInteger, nullable=False),
    Column("failing_since", DateTime(timezone=True)),
    Column("succeeded_at", DateTime(timezone=True)),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("webhook", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("notice", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("held_until", DateTime(timezone=True)),
    Column("holder", Uuid),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_tried_at", DateTime(timezone=True)),
    Column("last_tried_at", DateTime(timezone=True)),
    Column("last_status", Integer),
    Column("last_failure", Text),
    Index("webhook_deliveries_due", "organisation", "webhook", "due_at", postgresql_where=text("state = 'waiting'")),
)

webhook_owners = Table(
    "webhook_owners",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
)
