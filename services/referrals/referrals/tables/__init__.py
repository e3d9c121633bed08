"""The tables of ``referrals``. Three shapes of row security: a council's own, between two, and the consortium's (lots, names)."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from referrals.tables.agreements import agreement_acts, agreement_notices, agreement_reminders, agreement_versions
from referrals.tables.care import (
    care_periods,
    fostering_services,
    legal_statuses,
    outcomes,
    outside_placements,
    postcodes,
    reviews,
)
from referrals.tables.columns import MOMENT, metadata
from referrals.tables.counts import council_counts, count_uploads, small_cell_acknowledgements
from referrals.tables.decisions import decisions, wishes
from referrals.tables.erasure import data_keys, erasures, legal_holds
from referrals.tables.ledger import ledger_heads
from referrals.tables.stability import care_corrections, placement_events, placement_looks
from referrals.tables.words import referral_words, tier_lines, word_clearings, word_readers

__all__ = [
    "agencies",
    "agreement_acts",
    "agreement_notices",
    "agreement_reminders",
    "agreement_versions",
    "care_corrections",
    "care_periods",
    "child_terms",
    "children",
    "council_counts",
    "council_settings",
    "councils",
    "count_uploads",
    "data_keys",
    "decisions",
    "disclosures",
    "distances",
    "erasures",
    "fostering_services",
    "identity_grants",
    "in_house_matches",
    "ledger_heads",
    "legal_holds",
    "legal_statuses",
    "lots",
    "metadata",
    "outcomes",
    "outside_placements",
    "placement_children",
    "placement_events",
    "placement_looks",
    "placements",
    "postcodes",
    "referral_children",
    "referral_words",
    "referrals",
    "reviews",
    "search_keys",
    "small_cell_acknowledgements",
    "tier_lines",
    "wishes",
    "word_clearings",
    "word_readers",
]

# The consortium's: every signed-in organisation reads, the consortium writes (its events are heard here).

councils = Table(
    "councils",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

agencies = Table(
    "agencies",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("urn", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sector", Text),
)

lots = Table(
    "lots",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("lot", Text, primary_key=True),
    Column("framework", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("age_bands", JSONB, nullable=False, server_default="[]"),
)

# A council's own.

council_settings = Table(
    "council_settings",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("settings", JSONB, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
)
"""One row a version, never changed: the newest is in force, the others are the history."""

search_keys = Table(
    "search_keys",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
)

children = Table(
    "children",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("confirmation_reason", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("erased_at", MOMENT),
)
"""Who a child is, sealed; the key lies in ``data_keys``. Of a child that was erased the row stays, empty, to be counted."""

child_terms = Table(
    "child_terms",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("term", LargeBinary, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Index("child_terms_by_child", "organisation", "child"),
    Index("child_terms_one_child_id", "organisation", "term", unique=True, postgresql_where=text("field = 'child_id'")),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, nullable=False),
    Column("placement", Uuid),
    Column("seen_by", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("by_right", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("decision", Uuid),
    Column("decision_hash", LargeBinary),
    Index("disclosures_of_decision", "organisation", "decision", postgresql_where=text("decision IS NOT NULL")),
    Index("disclosures_of_child", "organisation", "child", "at", "id"),
    Index("disclosures_one_a_line", "organisation", "line", unique=True),
)
"""The disclosure ledger: lines numbered from 1 in each council, each with the hash of the line before and its own."""

referrals = Table(
    "referrals",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("view", JSONB),
    Column("re_referral_of", Uuid),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("sent_in_house_at", MOMENT),
    Column("broadcast_at", MOMENT),
    Column("closes_at", MOMENT),
    Column("in_house_reason", Text),
    Column("withdrawn_at", MOMENT),
    Column("withdrawal_reason", Text),
    Index("referrals_one_reference", "organisation", "reference", unique=True),
    Index("referrals_newest", "organisation", "created_at", "id"),
    Index("referrals_in_state", "organisation", "state", "created_at", "id"),
)

referral_children = Table(
    "referral_children",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("open_demand", Boolean, nullable=False),
    # The guard against asking twice for one child: at most one open referral counts as demand for it.
    Index("referral_children_one_demand", "organisation", "child", unique=True, postgresql_where=text("open_demand")),
)

in_house_matches = Table(
    "in_house_matches",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("vacancy", Uuid, nullable=False),
    Column("pounds_per_week", Numeric(10, 2), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Index("in_house_matches_of_referral", "organisation", "referral", "decided_at"),
)

distances = Table(
    "distances",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("referral", Uuid, primary_key=True),
    Column("household", Uuid, primary_key=True),
    Column("miles", Numeric(4, 1), nullable=False),
    Column("measured_at", MOMENT, nullable=False),
)

placement_children = Table(
    "placement_children",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("placement", Uuid, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("number", Integer, nullable=False),
    Index("placement_children_of_child", "organisation", "child"),
)

# Between two: the council and the one provider. ``council`` and ``provider`` hold whole organisations (``agency:SC012345``).

placements = Table(
    "placements",
    metadata,
    Column("council", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("referral", Uuid, nullable=False),
    Column("reference", Text, nullable=False),
    Column("offer", Uuid),
    Column("match", Uuid),
    Column("vacancy", Uuid, nullable=False),
    Column("household", Uuid, nullable=False),
    Column("hold", Uuid, nullable=False),
    Column("lot", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("children", Integer, nullable=False),
    Column("ages", ARRAY(Integer), nullable=False),
    Column("tier", Integer),
    Column("pounds_per_week", Numeric(10, 2), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("within_20_miles", Text, nullable=False),
    Column("agreed_at", MOMENT, nullable=False),
    Column("started_on", Date),
    Column("ended_on", Date),
    Column("planned_ending", Boolean),
    Column("ending_reason", Text),
    Column("episode_ceased", Text),
    Column("cancellation_reason", Text),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("ended_on >= started_on", name="placements_end_after_start"),
    CheckConstraint("(offer IS NULL) <> (match IS NULL)", name="placements_offer_or_match"),
    Index("placements_one_an_offer", "council", "offer", unique=True),
    Index("placements_one_a_match", "council", "match", unique=True),
    # A referral is placed once: the database's own guard against an offer and an in-house match confirmed together.
    Index("placements_one_a_referral", "council", "referral", unique=True, postgresql_where=text("state <> 'cancelled'")),
    Index("placements_newest_of_council", "council", "agreed_at", "id"),
    Index("placements_newest_of_provider", "provider", "agreed_at", "id"),
    Index("placements_by_id", "id"),
    Index("placements_lasting", "council", "id", postgresql_where=text("state = 'started'")),
)

identity_grants = Table(
    "identity_grants",
    metadata,
    Column("council", Text, primary_key=True),
    Column("placement", Uuid, primary_key=True),
    Column("child", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("granted_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Index("identity_grants_of_provider", "provider", "placement"),
)
