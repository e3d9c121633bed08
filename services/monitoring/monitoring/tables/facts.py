"""The tables of monitoring: reference lists that every organisation reads, and facts written once for each reader.

A fact's row belongs to the one organisation that may read it, so the same fact stands once for the council, once for the
provider and once for the consortium (docs/decisions: one row a reader). Columns come in groups, one for each event that fills
them, and each group carries the version of the subject it was filled from: late news is recognised a group at a time.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from monitoring.tables.columns import Moment, Money, metadata, organisation

councils = Table(
    "councils",
    metadata,
    Column("code", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("lead_roles", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
)

agencies = Table(
    "agencies",
    metadata,
    Column("urn", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("rating", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

lots = Table(
    "lots",
    metadata,
    Column("code", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("framework", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("price_bands", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
)

tier_lists = Table(
    "tier_lists",
    metadata,
    Column("lot", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("tiers", Integer, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
)

expectations = Table(
    "expectations",
    metadata,
    Column("kpi", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("value", Numeric(12, 2), nullable=False),
    Column("words", Text, nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("council", Text, nullable=False),
    Column("created_version", Integer),
    Column("created_at", Moment),
    Column("lot", Text),
    Column("urgency", Text),
    Column("re_referral_of", Uuid),
    Column("ages", ARRAY(SmallInteger)),
    Column("broadcast_version", Integer),
    Column("broadcast_at", Moment),
    Column("broadcast_lot", Text),
    Column("closes_at", Moment),
    Column("in_house_reason", Text),
    Column("home_district", Text),
    Column("needs", ARRAY(Text)),
    Column("withdrawn_version", Integer),
    Column("withdrawn_at", Moment),
    Column("withdrawn_reason", Text),
    Column("withdrawn_side", Text),
    Index("referrals_created", "organisation", "created_at"),
    Index("referrals_broadcast", "organisation", "broadcast_at"),
)

offers = Table(
    "offers",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("council", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("made_version", Integer),
    Column("made_at", Moment),
    Column("lot", Text),
    Column("tier", SmallInteger),
    Column("suitable", Boolean),
    Column("vacancy", Uuid),
    Column("withdrawn_version", Integer),
    Column("withdrawn_at", Moment),
    Column("withdrawn_reason", Text),
    Column("withdrawn_side", Text),
    Column("shortlisted_version", Integer),
    Column("shortlisted_at", Moment),
    Column("selected_version", Integer),
    Column("selected_at", Moment),
    Column("confirmed_version", Integer),
    Column("confirmed_at", Moment),
    Column("refused_version", Integer),
    Column("refused_at", Moment),
    Column("refused_reasons", ARRAY(Text)),
    Column("released_version", Integer),
    Column("released_at", Moment),
    Column("released_reason", Text),
    Index("offers_made", "organisation", "made_at"),
    Index("offers_referral", "organisation", "referral"),
)

declines = Table(
    "declines",
    metadata,
    organisation(),
    Column("referral", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("council", Text, nullable=False),
    Column("declined_version", Integer, nullable=False),
    Column("declined_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("side", Text, nullable=False),
    Index("declines_declined", "organisation", "declined_at"),
)

placements = Table(
    "placements",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("referral", Uuid, nullable=False),
    Column("council", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("agreed_version", Integer),
    Column("agreed_at", Moment),
    Column("lot", Text),
    Column("tier", SmallInteger),
    Column("ages", ARRAY(SmallInteger)),
    Column("pounds_per_week", Money),
    Column("starts_on", Date),
    Column("within_20_miles", Text),
    Column("hold", Uuid),
    Column("started_version", Integer),
    Column("started_on", Date),
    Column("numbers_in_year", ARRAY(SmallInteger)),
    Column("ended_version", Integer),
    Column("ended_from", Date),
    Column("ended_on", Date),
    Column("ended_as_planned", Boolean),
    Column("ended_reason", Text),
    Column("cancelled_version", Integer),
    Column("cancelled_at", Moment),
    Column("cancelled_reason", Text),
    Index("placements_referral", "organisation", "referral"),
    Index("placements_agreed", "organisation", "agreed_at"),
    Index("placements_ended", "organisation", "ended_on"),
    Index("placements_started", "organisation", "started_on"),
)

vacancy_changes = Table(
    "vacancy_changes",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("vacancy", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("provider", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("lots", ARRAY(Text), nullable=False),
    Column("free_beds", Integer),
    Column("hold", Uuid),
    Column("beds", Integer),
    Column("district", Text),
    Column("from_age", SmallInteger),
    Column("to_age", SmallInteger),
    Index("vacancy_changes_provider", "organisation", "provider", "happened_at"),
)

places_counts = Table(
    "places_counts",
    metadata,
    organisation(),
    Column("provider", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("counted_at", Moment, primary_key=True),
    Column("households", Integer, nullable=False),
    Column("approved_places", Integer, nullable=False),
)

bed_requests = Table(
    "bed_requests",
    metadata,
    organisation(),
    Column("id", Uuid, primary_key=True),
    Column("council", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("answered_at", Moment, nullable=False),
    Column("hold", Uuid),
    Column("lives_in", Text),
    Index("bed_requests_answered", "organisation", "answered_at"),
    Index("bed_requests_hold", "organisation", "hold"),
)

baseline_lists = Table(
    "baseline_lists",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("price_count", Integer, nullable=False),
)

baseline_prices = Table(
    "baseline_prices",
    metadata,
    organisation(),
    Column("council", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("band", Text, primary_key=True),
    Column("from_date", Date, primary_key=True),
    Column("pounds_per_week", Money, nullable=False),
)
