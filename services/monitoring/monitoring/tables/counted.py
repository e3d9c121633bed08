"""Records as each KPI counts them, one row a reader, KPI, record and month; which months must be counted again; and the log of events."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Date, Identity, Index, Integer, Numeric, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from monitoring.tables.columns import Moment, metadata, organisation

counted = Table(
    "counted",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("kpi", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("council", Text),
    Column("agency", Text),
    Column("lot", Text),
    Column("part", Text, nullable=False),
    Column("once", Text, nullable=False),
    Column("numerator", Numeric, nullable=False),
    Column("denominator", Numeric),
    Index("counted_month_agency", "organisation", "month", "kpi", "agency"),
)

counted_sums = Table(
    "counted_sums",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("kpi", Text, nullable=False),
    Column("council", Text),
    Column("part", Text, nullable=False),
    Column("numerator", Numeric, nullable=False),
    Column("denominator", Numeric, nullable=False),
    Column("records", Integer, nullable=False),
    Column("divided", Integer, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("divided_begun", Integer, nullable=False),
    Column("cases", ARRAY(Numeric)),
    Index("counted_sums_month", "organisation", "month", "kpi"),
)

gap_referrals = Table(
    "gap_referrals",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("council", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("urgency", Text),
    Column("broadcast_at", Moment, nullable=False),
    Column("closes_at", Moment),
    Column("home_district", Text),
    Column("ages", ARRAY(SmallInteger), nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    Column("offers", Integer, nullable=False),
    Column("offers_placed", Integer, nullable=False),
    Column("first_offer_at", Moment),
    Column("nearest_miles", Numeric),
    Column("free_anywhere", Integer, nullable=False),
    Column("free_near", Integer),
    Index("gap_referrals_broadcast", "organisation", "broadcast_at"),
    Index("gap_referrals_month", "organisation", "month"),
)

gap_months = Table(
    "gap_months",
    metadata,
    organisation(),
    Column("month", Date, primary_key=True),
)

recount_due = Table(
    "recount_due",
    metadata,
    organisation(),
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("first_month", Date, nullable=False),
    Column("last_month", Date, nullable=False),
)

counted_through = Table(
    "counted_through",
    metadata,
    organisation(),
    Column("day", Date, nullable=False),
)

heard = Table(
    "heard",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),
    Column("envelope", JSONB, nullable=False),
    Index("heard_happened", "happened_at", "id"),
)
