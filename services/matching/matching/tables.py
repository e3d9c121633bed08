"""The tables of matching, as its migrations create them. Organisations are kept in full: ``council:E06000045``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared import kit_tables

metadata = MetaData()
kit_tables.define(metadata)

_LIVE = "state IN ('made', 'shortlisted', 'selected', 'confirmed')"

# --- the consortium's register, and vacancies without addresses: read by every organisation that is signed in ---

organisations = Table(
    "organisations",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

lots = Table(
    "lots",
    metadata,
    Column("lot", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("framework", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("price_bands", JSONB, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
)

tier_lists = Table(
    "tier_lists",
    metadata,
    Column("lot", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("round", Uuid, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
)

tier_lines = Table(
    "tier_lines",
    metadata,
    Column("lot", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
)

vacancies = Table(
    "vacancies",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("vacancy", Uuid, primary_key=True),
    Column("household", Uuid),
    Column("lots", ARRAY(Text), nullable=False, server_default="{}"),
    Column("district", Text, nullable=False, server_default=""),
    Column("free_beds", Integer, nullable=False, server_default="0"),
    Column("available_from", Date),
    Column("from_age", Integer, nullable=False, server_default="0"),
    Column("to_age", Integer, nullable=False, server_default="0"),
    Column("sexes", ARRAY(Text), nullable=False, server_default="{}"),
    Column("kinds", ARRAY(Text), nullable=False, server_default="{}"),
    Column("siblings_welcome", Boolean, nullable=False, server_default=text("false")),
    Column("skills", ARRAY(Text), nullable=False, server_default="{}"),
    Column("risks_to_child", ARRAY(Text), nullable=False, server_default="{}"),
    Column("risks_to_others", ARRAY(Text), nullable=False, server_default="{}"),
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("religions", ARRAY(Text), nullable=False, server_default="{}"),
    Column("children_at_home", Integer, nullable=False, server_default="0"),
    Column("is_open", Boolean, nullable=False, server_default=text("false")),
    Column("facts_version", Integer, nullable=False, server_default="0"),
    Column("beds_version", Integer, nullable=False, server_default="0"),
    Column("changed_in", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text::bigint)")),
    UniqueConstraint("vacancy", name="vacancies_vacancy_key"),
    Index("vacancies_changed", "changed_in"),
)

live_offers = Table(
    "live_offers",
    metadata,
    Column("council", Text, primary_key=True),
    Column("offer", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("vacancy", Uuid, nullable=False),
    Index("live_offers_vacancy", "vacancy"),
    Index("live_offers_referral", "council", "referral"),
)

# --- a council's own ---

council_weights = Table(
    "council_weights",
    metadata,
    Column("council", Text, primary_key=True),
    Column("weights", JSONB, nullable=False),
    Column("effective_from", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    Column("council", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("view", JSONB),
    Column("lot", Text),
    Column("reference", Text),
    Column("closes_at", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("broadcast_at", DateTime(timezone=True)),
    Column("decision", Uuid),
    Column("chosen", Uuid),
    Column("in_house_match", Uuid),
    Column("view_version", Integer, nullable=False, server_default="0"),
    Column("stage_version", Integer, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("aged_on", Date),
    Index("referrals_sent", "council", "sent_at", "referral"),
    Index("referrals_open_in_lot", "council", "lot", postgresql_where=text("state = 'open'")),
)

decisions = Table(
    "decisions",
    metadata,
    Column("council", Text, primary_key=True),
    Column("decision", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("offer", Uuid, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text),
    Column("record", JSONB, nullable=False),
    Index("decisions_referral", "council", "referral", "decided_at"),
)

decision_outcomes = Table(
    "decision_outcomes",
    metadata,
    Column("council", Text, primary_key=True),
    Column("decision", Uuid, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)

# --- between two: a council and a provider ---

opportunities = Table(
    "opportunities",
    metadata,
    Column("council", Text, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("tier", Integer),
    Column("reference", Text, nullable=False),
    Column("view", JSONB),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("view_version", Integer, nullable=False),
    PrimaryKeyConstraint("referral", "provider", "council"),  # this order answers a provider that asks for one referral
    Index("opportunities_provider", "provider", "closes_at", "referral"),
)

declines = Table(
    "declines",
    metadata,
    Column("council", Text, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("declined_at", DateTime(timezone=True), nullable=False),
    Column("taken_back_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("referral", "provider", "council"),
)

offers = Table(
    "offers",
    metadata,
    Column("council", Text, primary_key=True),
    Column("offer", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("tier", Integer),
    Column("vacancy", Uuid, nullable=False),
    Column("household", Uuid, nullable=False),
    Column("pounds_per_week", Numeric(10, 2), nullable=False),
    Column("available_on", Date, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("message", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("side", Text),
    Column("words", ARRAY(Text), nullable=False, server_default="{}"),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("pricing", JSONB, nullable=False, server_default="{}"),
    Index("offers_once", "council", "referral", "vacancy", unique=True, postgresql_where=text(_LIVE)),
    Index("offers_of_referral", "council", "referral"),
    Index("offers_of_provider", "provider", "made_at", "offer"),
    Index("offers_by_id", "provider", "offer", unique=True),
)
