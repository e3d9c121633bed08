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
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from matching.tables.columns import metadata
from matching.tables.guard import approvals, beds_held
from matching.tables.holding import hold_lengths, home_holds
from matching.tables.lookalikes import lookalike_marks, lookalikes
from matching.tables.notices import notice_feeds, notices, webhook_deliveries, webhook_owners, webhooks
from matching.tables.panels import (
    panel_extensions,
    panel_members,
    panel_outcomes,
    panel_reminders,
    panel_settings,
    panel_votes,
    panels,
)
from matching.tables.questions import answers, opportunity_changes, questions

__all__ = [
    "answers",
    "approvals",
    "beds_held",
    "council_weights",
    "decision_outcomes",
    "decisions",
    "declines",
    "hold_lengths",
    "home_holds",
    "live_offers",
    "lookalike_marks",
    "lookalikes",
    "lots",
    "metadata",
    "notice_feeds",
    "notices",
    "offers",
    "opportunities",
    "opportunity_changes",
    "organisations",
    "panel_extensions",
    "panel_members",
    "panel_outcomes",
    "panel_reminders",
    "panel_settings",
    "panel_votes",
    "panels",
    "questions",
    "referrals",
    "tier_lines",
    "tier_lists",
    "vacancies",
    "webhook_deliveries",
    "webhook_owners",
    "webhooks",
    "weights_by_version",
]

_LIVE = "state IN ('made', 'shortlisted', 'selected', 'confirmed')"

# --- the consortium's register, and vacancies without addresses: read by every organisation that is signed in ---

organisations = Table(
    "organisations",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rating", Text),
    Column("suspended_from", Date),
    Column("suspended_until", Date),
    Column("suspended_because", Text),
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
    Column("accepted_ratings", ARRAY(Text), nullable=False, server_default="{outstanding,good}"),
    Column("below_gate", Text, nullable=False, server_default="named_decision"),
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
    Column("rating", Text),
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
    Column("prefers_from_age", Integer),
    Column("prefers_to_age", Integer),
    Column("prefers_sexes", ARRAY(Text), nullable=False, server_default="{}"),
    Column("is_open", Boolean, nullable=False, server_default=text("false")),
    Column("facts_version", Integer, nullable=False, server_default="0"),
    Column("beds_version", Integer, nullable=False, server_default="0"),
    Column("changed_in", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text::bigint)")),
    Column("approved_places", Integer),
    Column("fostered_children", Integer),
    Column("fostered_are_siblings", Boolean),
    Column("lives_in", Text),
    Column("exemptions", JSONB, nullable=False, server_default="[]"),
    UniqueConstraint("vacancy", name="vacancies_vacancy_key"),
    Index("vacancies_changed", "changed_in"),
    Index("vacancies_household", "household"),
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
    Column("approval_miles", Integer, nullable=False, server_default="20"),
)

weights_by_version = Table(
    "weights_by_version",
    metadata,
    Column("council", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("weights", JSONB, nullable=False),
    Column("effective_from", DateTime(timezone=True), nullable=False),
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
    Column("decide_by", DateTime(timezone=True)),
    Column("waiting_since", DateTime(timezone=True)),
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
    Column("hash", LargeBinary),
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
    Column("flagged_at", DateTime(timezone=True)),
    Column("confirm_by", DateTime(timezone=True)),
    Column("flagged_for", JSONB, nullable=False, server_default="[]"),
    Column("reconfirmed_at", DateTime(timezone=True)),
    Column("must_be_regularised_by", Date),
    Index("offers_once", "council", "referral", "vacancy", unique=True, postgresql_where=text(_LIVE)),
    Index("offers_of_referral", "council", "referral"),
    Index("offers_of_provider", "provider", "made_at", "offer"),
    Index("offers_by_id", "provider", "offer", unique=True),
    Index("offers_of_provider_referral", "provider", "referral"),
    Index("offers_chosen_of_provider", "provider", "vacancy", postgresql_where=text("state IN ('shortlisted', 'selected')")),
)
