"""Tender rounds, bids sealed and opened, scores, ranked lists and published tiers."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from providers.tables.columns import MOMENT, MONEY, consortium_side, consortiums_own, metadata

tender_rounds = Table(
    "tender_rounds",
    metadata,
    Column("id", Uuid, primary_key=True),
    consortiums_own(),
    Column("reference", Text, nullable=False, unique=True),
    Column("framework", Text, ForeignKey("frameworks.code"), nullable=False),
    Column("lot", Text, ForeignKey("lots.code"), nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("opens_at", MOMENT, nullable=False),
    Column("closes_at", MOMENT, nullable=False),
    Column("seed", Text),
    Column("closed_at", MOMENT),
    Column("evaluated_at", MOMENT),
    Column("published_at", MOMENT),
    Column("version", Integer, nullable=False),
    CheckConstraint("closes_at > opens_at", name="tender_rounds_close_after_opening"),
    Index("tender_rounds_lot", "lot"),
)

sealed_bids = Table(
    "sealed_bids",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("submitted_at", MOMENT, nullable=False),
    Column("version", Integer, nullable=False),
)

sealed_prices = Table(
    "sealed_prices",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    Column("pounds_per_week", MONEY, nullable=False),
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
    consortium_side(),
    Column("submitted_at", MOMENT, nullable=False),
    Column("gate_reasons", ARRAY(Text), nullable=False),
)

opened_prices = Table(
    "opened_prices",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    consortium_side(),
    Column("pounds_per_week", MONEY, nullable=False),
    ForeignKeyConstraint(["round", "provider"], ["opened_bids.round", "opened_bids.provider"]),
)

opened_answers = Table(
    "opened_answers",
    metadata,
    Column("round", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    consortium_side(),
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
    consortium_side(),
    Column("score", Numeric(8, 2), nullable=False),
    Column("reason", Text, nullable=False),
    Column("scored_by", Text, nullable=False),
    Column("scored_at", MOMENT, nullable=False),
)

moderated_scores = Table(
    "moderated_scores",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    consortium_side(),
    Column("score", Numeric(8, 2), nullable=False),
    Column("reason", Text, nullable=False),
    Column("moderated_by", Text, nullable=False),
    Column("moderated_at", MOMENT, nullable=False),
)

ranked_lines = Table(
    "ranked_lines",
    metadata,
    Column("round", Uuid, ForeignKey("tender_rounds.id"), primary_key=True),
    Column("provider", Text, primary_key=True),
    consortium_side(),
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
    consortiums_own(),
    Column("round", Uuid, ForeignKey("tender_rounds.id"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
    UniqueConstraint("lot", "rank", name="published_tiers_one_a_rank"),
)
