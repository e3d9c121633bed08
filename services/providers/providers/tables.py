"""The tables as the store sees them; ``migrations/`` creates them, with their row security."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared import kit_tables

metadata = MetaData()
kit_tables.define(metadata)

_MOMENT = DateTime(timezone=True)
_MONEY = Numeric(10, 2)


def _consortiums_own() -> Column[str]:
    """Rows that the consortium writes and everybody signed in reads."""
    return Column("organisation", Text, CheckConstraint("organisation = 'consortium'"), nullable=False, server_default="consortium")


def _consortium_side() -> Column[str]:
    """The consortium's half of a row between it and a provider or a council."""
    return Column("consortium", Text, CheckConstraint("consortium = 'consortium'"), nullable=False, server_default="consortium")


councils = Table(
    "councils",
    metadata,
    Column("ons_code", Text, primary_key=True),
    _consortiums_own(),
    Column("name", Text, nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
)

lead_roles = Table(
    "lead_roles",
    metadata,
    Column("role", Text, primary_key=True),
    _consortiums_own(),
    Column("council", Text, ForeignKey("councils.ons_code"), nullable=False),
    Column("position", Integer, nullable=False),
    Index("lead_roles_council", "council"),
)

agencies = Table(
    "agencies",
    metadata,
    Column("urn", Text, primary_key=True),
    _consortiums_own(),
    Column("name", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("rating", Text, nullable=False),
    Column("inspected_on", Date),
    Column("companies_house_number", Text),
    Column("version", Integer, nullable=False),
)

frameworks = Table(
    "frameworks",
    metadata,
    Column("code", Text, primary_key=True),
    _consortiums_own(),
    Column("title", Text, nullable=False),
    Column("established_on", Date, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("standstill_days", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

lots = Table(
    "lots",
    metadata,
    Column("code", Text, primary_key=True),
    _consortiums_own(),
    Column("framework", Text, ForeignKey("frameworks.code"), nullable=False),
    Column("title", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Index("lots_framework", "framework"),
)

tender_rounds = Table(
    "tender_rounds",
    metadata,
    Column("id", Uuid, primary_key=True),
    _consortiums_own(),
    Column("reference", Text, nullable=False, unique=True),
    Column("framework", Text, ForeignKey("frameworks.code"), nullable=False),
    Column("lot", Text, ForeignKey("lots.code"), nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("opens_at", _MOMENT, nullable=False),
    Column("closes_at", _MOMENT, nullable=False),
    Column("seed", Text),
    Column("closed_at", _MOMENT),
    Column("evaluated_at", _MOMENT),
    Column("published_at", _MOMENT),
    Column("version", Integer, nullable=False),
    CheckConstraint("closes_at > opens_at", name="tender_rounds_close_after_opening"),
    Index("tender_rounds_lot", "lot"),
)

sealed_bids = Table(
    "sealed_bids",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("submitted_at", _MOMENT, nullable=False),
    Column("version", Integer, nullable=False),
)

sealed_prices = Table(
    "sealed_prices",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    Column("pounds_per_week", _MONEY, nullable=False),
    ForeignKeyConstraint(["round", "organisation"], ["sealed_bids.round", "sealed_bids.organisation"]),
)

sealed_answers = Table(
    "sealed_answers",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    ForeignKeyConstraint(["round", "organisation"], ["sealed_bids.round", "sealed_bids.organisation"]),
)

opened_bids = Table(
    "opened_bids",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("provider", Text, primary_key=True),
    _consortium_side(),
    Column("submitted_at", _MOMENT, nullable=False),
    Column("gate_reasons", ARRAY(Text), nullable=False),
)

opened_prices = Table(
    "opened_prices",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    _consortium_side(),
    Column("pounds_per_week", _MONEY, nullable=False),
    ForeignKeyConstraint(["round", "provider"], ["opened_bids.round", "opened_bids.provider"]),
)

opened_answers = Table(
    "opened_answers",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    _consortium_side(),
    Column("answer", Text, nullable=False),
    ForeignKeyConstraint(["round", "provider"], ["opened_bids.round", "opened_bids.provider"]),
)

first_scores = Table(
    "first_scores",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("council", Text, primary_key=True),
    _consortium_side(),
    Column("score", Numeric(8, 2), nullable=False),
    Column("reason", Text, nullable=False),
    Column("scored_by", Text, nullable=False),
    Column("scored_at", _MOMENT, nullable=False),
)

moderated_scores = Table(
    "moderated_scores",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    _consortium_side(),
    Column("score", Numeric(8, 2), nullable=False),
    Column("reason", Text, nullable=False),
    Column("moderated_by", Text, nullable=False),
    Column("moderated_at", _MOMENT, nullable=False),
)

ranked_lines = Table(
    "ranked_lines",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("provider", Text, primary_key=True),
    _consortium_side(),
    Column("rank", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("derivation", JSONB, nullable=False),
    UniqueConstraint("round", "rank", name="ranked_lines_one_a_rank"),
)

published_tiers = Table(
    "published_tiers",
    metadata,
    Column("lot", Text, ForeignKey("lots.code"), primary_key=True),
    Column("agency", Text, ForeignKey("agencies.urn"), primary_key=True),
    _consortiums_own(),
    Column("round", Uuid, ForeignKey("tender_rounds.id"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
    UniqueConstraint("lot", "rank", name="published_tiers_one_a_rank"),
)

households = Table(
    "households",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("easting", Integer),
    Column("northing", Integer),
    Column("from_age", Integer, nullable=False),
    Column("to_age", Integer, nullable=False),
    Column("sexes", ARRAY(Text), nullable=False),
    Column("places", Integer, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("risks_to_child", ARRAY(Text), nullable=False),
    Column("risks_to_others", ARRAY(Text), nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("religions", ARRAY(Text), nullable=False),
    Column("siblings_welcome", Boolean, nullable=False),
    Column("children_at_home", Integer, nullable=False),
    Column("approved_on", Date, nullable=False),
    Column("recorded_at", _MOMENT, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("organisation", "reference", name="households_own_reference"),
    CheckConstraint("places > 0", name="households_have_places"),
    Index("households_recorded", "organisation", "recorded_at", "id"),
)

place_counts = Table(
    "place_counts",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("households", Integer, nullable=False),
    Column("approved_places", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

vacancies = Table(
    "vacancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("household", Uuid, ForeignKey("households.id"), nullable=False),
    Column("household_reference", Text, nullable=False),
    Column("lots", ARRAY(Text), nullable=False),
    Column("asked_beds", Integer, nullable=False),
    Column("free_beds", Integer, nullable=False),
    Column("available_from", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("close_reason", Text),
    Column("household_facts", JSONB, nullable=False),
    Column("opened_at", _MOMENT, nullable=False),
    Column("changed_at", _MOMENT, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("provider", "reference", name="vacancies_own_reference"),
    CheckConstraint("free_beds >= 0", name="vacancies_never_promise_a_bed_twice"),
    CheckConstraint("status IN ('open', 'closed')", name="vacancies_status"),
    Index("vacancies_listed", "provider", "opened_at", "id"),
    Index("vacancies_open", "opened_at", "id", postgresql_where=text("status = 'open'")),
    Index("vacancies_household", "household"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("council", Text, nullable=False),
    Column("vacancy", Uuid, ForeignKey("vacancies.id"), nullable=False),
    Column("household", Uuid, ForeignKey("households.id"), nullable=False),
    Column("held_for", Text, nullable=False),
    Column("asked_by", Uuid, nullable=False),
    Column("decision", Uuid, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("placement", Uuid),
    Column("beds", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("held_at", _MOMENT, nullable=False),
    Column("confirmed_at", _MOMENT),
    Column("filled_at", _MOMENT),
    Column("freed_at", _MOMENT),
    CheckConstraint("beds > 0", name="holds_take_beds"),
    CheckConstraint("state IN ('held', 'filled', 'freed')", name="holds_state"),
    UniqueConstraint("council", "asked_by", "decision", name="holds_one_a_decision"),
    Index("holds_one_at_a_time", "council", "asked_by", unique=True, postgresql_where=text("state <> 'freed'")),
    Index("holds_household", "household", postgresql_where=text("state <> 'freed'")),
    Index("holds_vacancy", "vacancy", "held_at", "id"),
)

offered_households = Table(
    "offered_households",
    metadata,
    Column("offer", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("council", Text, nullable=False),
    Column("household", Uuid),
    Column("easting", Integer),
    Column("northing", Integer),
    Column("live", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("offered_households_council", "council", "household"),
    Index("offered_households_household", "household"),
)
