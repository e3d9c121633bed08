"""The savings ledger's tables: what is uploaded for it, the framework's awarded prices, and its lines as counted.

Awarded prices are the consortium's own rows: councils read them by its right, agencies never. The price index everybody reads.
Lines belong to their one reader, like facts, and are counted again for a council when anything they are counted from has changed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Numeric, SmallInteger, Table, Text, Uuid

from monitoring.tables.columns import Moment, Money, metadata, organisation

price_indices = Table(
    "price_indices",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("months", Integer, nullable=False),
)

price_index_values = Table(
    "price_index_values",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("value", Numeric(12, 4), nullable=False),
)

awarded_prices = Table(
    "awarded_prices",
    metadata,
    organisation(),
    Column("lot", Text, primary_key=True),
    Column("round", Uuid, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    Column("awarded_at", Moment, nullable=False),
    Column("tier", SmallInteger, nullable=False),
    Column("pounds_per_week", Money, nullable=False),
)

ledger_lists = Table(
    "ledger_lists",
    metadata,
    organisation(),
    Column("author", Text, primary_key=True),
    Column("list", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("first", Date),
    Column("last", Date),
)

baseline_nights = Table(
    "baseline_nights",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    Column("nights", Integer, nullable=False),
)

unit_costs = Table(
    "unit_costs",
    metadata,
    organisation(),
    Column("author", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("pence", BigInteger, nullable=False),
    Column("per_1000_nights", Numeric(8, 4), nullable=False),
    Column("source", Text, nullable=False),
)

ledger_states = Table(
    "ledger_states",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("counted_from", Text, nullable=False),
    Column("counted_at", Moment, nullable=False),
)

ledger_lines = Table(
    "ledger_lines",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("quarter", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("lot", Text, nullable=False),
    Column("provider", Text),
    Column("tier", Text, nullable=False),
    Column("nights", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("volume", BigInteger, nullable=False),
    Column("mix", BigInteger, nullable=False),
    Column("rate_framework", BigInteger, nullable=False),
    Column("rate_agreed", BigInteger, nullable=False),
    Column("tier_effect", BigInteger, nullable=False),
    Column("baseline", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("baseline_real", BigInteger),
    Column("paid_real", BigInteger),
    Column("index_missing", Date),
    Column("source", Text),
    Column("tier_one_known", Boolean, nullable=False),
    Column("begun", Date),
    Column("why", Text, nullable=False),
    Index("ledger_lines_quarter", "organisation", "quarter", "council"),
)
