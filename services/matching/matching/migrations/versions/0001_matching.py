"""matching from empty: the consortium's register, vacancies, referrals, opportunities, offers, decisions; row security on every table.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

from shared import kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"

_TABLES = (
    """CREATE TABLE organisations (
        organisation text NOT NULL,
        owner text NOT NULL,
        name text NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (organisation)
    )""",
    """CREATE TABLE lots (
        lot text NOT NULL,
        owner text NOT NULL,
        framework text NOT NULL,
        title text NOT NULL,
        kinds text[] NOT NULL,
        price_bands jsonb NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (lot)
    )""",
    """CREATE TABLE tier_lists (
        lot text NOT NULL,
        owner text NOT NULL,
        round uuid NOT NULL,
        published_at timestamptz NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (lot)
    )""",
    """CREATE TABLE tier_lines (
        lot text NOT NULL,
        provider text NOT NULL,
        owner text NOT NULL,
        rank integer NOT NULL,
        tier integer NOT NULL,
        PRIMARY KEY (lot, provider)
    )""",
    """CREATE TABLE vacancies (
        provider text NOT NULL,
        vacancy uuid NOT NULL,
        household uuid,
        lots text[] DEFAULT '{}' NOT NULL,
        district text DEFAULT '' NOT NULL,
        free_beds integer DEFAULT 0 NOT NULL,
        available_from date,
        from_age integer DEFAULT 0 NOT NULL,
        to_age integer DEFAULT 0 NOT NULL,
        sexes text[] DEFAULT '{}' NOT NULL,
        kinds text[] DEFAULT '{}' NOT NULL,
        siblings_welcome boolean DEFAULT false NOT NULL,
        skills text[] DEFAULT '{}' NOT NULL,
        risks_to_child text[] DEFAULT '{}' NOT NULL,
        risks_to_others text[] DEFAULT '{}' NOT NULL,
        languages text[] DEFAULT '{}' NOT NULL,
        religions text[] DEFAULT '{}' NOT NULL,
        children_at_home integer DEFAULT 0 NOT NULL,
        is_open boolean DEFAULT false NOT NULL,
        facts_version integer DEFAULT 0 NOT NULL,
        beds_version integer DEFAULT 0 NOT NULL,
        changed_in bigint DEFAULT (pg_current_xact_id()::text::bigint) NOT NULL,
        PRIMARY KEY (provider, vacancy),
        CONSTRAINT vacancies_vacancy_key UNIQUE (vacancy)
    )""",
    "CREATE INDEX vacancies_changed ON vacancies (changed_in)",
    """CREATE TABLE live_offers (
        council text NOT NULL,
        offer uuid NOT NULL,
        referral uuid NOT NULL,
        vacancy uuid NOT NULL,
        PRIMARY KEY (council, offer)
    )""",
    "CREATE INDEX live_offers_referral ON live_offers (council, referral)",
    "CREATE INDEX live_offers_vacancy ON live_offers (vacancy)",
    """CREATE TABLE council_weights (
        council text NOT NULL,
        weights jsonb NOT NULL,
        effective_from timestamptz NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (council)
    )""",
    """CREATE TABLE referrals (
        council text NOT NULL,
        referral uuid NOT NULL,
        state text NOT NULL,
        view jsonb,
        lot text,
        reference text,
        closes_at timestamptz,
        sent_at timestamptz NOT NULL,
        broadcast_at timestamptz,
        decision uuid,
        chosen uuid,
        in_house_match uuid,
        view_version integer DEFAULT 0 NOT NULL,
        stage_version integer DEFAULT 0 NOT NULL,
        version integer DEFAULT '1' NOT NULL,
        PRIMARY KEY (council, referral)
    )""",
    "CREATE INDEX referrals_open_in_lot ON referrals (council, lot) WHERE state = 'open'",
    "CREATE INDEX referrals_sent ON referrals (council, sent_at, referral)",
    """CREATE TABLE decisions (
        council text NOT NULL,
        decision uuid NOT NULL,
        referral uuid NOT NULL,
        offer uuid NOT NULL,
        decided_at timestamptz NOT NULL,
        decided_by text NOT NULL,
        reason text,
        record jsonb NOT NULL,
        PRIMARY KEY (council, decision)
    )""",
    "CREATE INDEX decisions_referral ON decisions (council, referral, decided_at)",
    """CREATE TABLE decision_outcomes (
        council text NOT NULL,
        decision uuid NOT NULL,
        outcome text NOT NULL,
        reasons text[] NOT NULL,
        told_at timestamptz NOT NULL,
        PRIMARY KEY (council, decision)
    )""",
    """CREATE TABLE opportunities (
        council text NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        lot text NOT NULL,
        tier integer,
        reference text NOT NULL,
        view jsonb,
        opened_at timestamptz NOT NULL,
        closes_at timestamptz NOT NULL,
        state text NOT NULL,
        view_version integer NOT NULL,
        PRIMARY KEY (referral, provider, council)
    )""",
    "CREATE INDEX opportunities_provider ON opportunities (provider, closes_at, referral)",
    """CREATE TABLE declines (
        council text NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        reason text NOT NULL,
        side text NOT NULL,
        declined_at timestamptz NOT NULL,
        taken_back_at timestamptz,
        version integer NOT NULL,
        PRIMARY KEY (referral, provider, council)
    )""",
    """CREATE TABLE offers (
        council text NOT NULL,
        offer uuid NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        reference text NOT NULL,
        lot text NOT NULL,
        tier integer,
        vacancy uuid NOT NULL,
        household uuid NOT NULL,
        pounds_per_week numeric(10, 2) NOT NULL,
        available_on date NOT NULL,
        answers jsonb NOT NULL,
        message text,
        state text NOT NULL,
        reason text,
        side text,
        words text[] DEFAULT '{}' NOT NULL,
        made_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (council, offer)
    )""",
    "CREATE UNIQUE INDEX offers_by_id ON offers (provider, offer)",
    "CREATE INDEX offers_of_provider ON offers (provider, made_at, offer)",
    "CREATE INDEX offers_of_referral ON offers (council, referral)",
    "CREATE UNIQUE INDEX offers_once ON offers (council, referral, vacancy) WHERE state IN ('made', 'shortlisted', 'selected', 'confirmed')",
)

# Owner → tables that every signed-in organisation reads and only the owner writes.
_CONSORTIUM = {
    "organisations": "owner",
    "lots": "owner",
    "tier_lists": "owner",
    "tier_lines": "owner",
    "vacancies": "provider",
    "live_offers": "council",
}

_COUNCILS_OWN = ("council_weights", "referrals", "decisions", "decision_outcomes")

# Table → who writes its rows. An offer is made by its provider and decided by its council, so either may change it; what each
# may change is the guarded update's affair (domain/offer.py, store/offers.py).
_BETWEEN_TWO = {
    "opportunities": ("council", f"council = {_ME}"),
    "declines": ("provider", f"provider = {_ME}"),
    "offers": ("provider", f"council = {_ME} OR provider = {_ME}"),
}

# Decisions and their outcomes are kept as they were made: nobody may change or remove one.
_GRANTS = {
    "organisations": "SELECT, INSERT, UPDATE",
    "lots": "SELECT, INSERT, UPDATE",
    "tier_lists": "SELECT, INSERT, UPDATE",
    "tier_lines": "SELECT, INSERT, UPDATE, DELETE",
    "vacancies": "SELECT, INSERT, UPDATE",
    "live_offers": "SELECT, INSERT, DELETE",
    "council_weights": "SELECT, INSERT, UPDATE",
    "referrals": "SELECT, INSERT, UPDATE",
    "decisions": "SELECT, INSERT",
    "decision_outcomes": "SELECT, INSERT",
    "opportunities": "SELECT, INSERT, UPDATE",
    "declines": "SELECT, INSERT, UPDATE",
    "offers": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    """Make everything; the application role owns nothing."""
    for statement in kit_tables.statements_v1(service="matching"):
        op.execute(statement)
    for statement in _TABLES:
        op.execute(statement)
    for table, rights in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT {rights} ON {table} TO matching_app")
    for table, owner in _CONSORTIUM.items():
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({_ME} <> '')")
        op.execute(f"CREATE POLICY {table}_write ON {table} FOR ALL USING ({owner} = {_ME}) WITH CHECK ({owner} = {_ME})")
    for table in _COUNCILS_OWN:
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (council = {_ME}) WITH CHECK (council = {_ME})")
    for table, (author, changers) in _BETWEEN_TWO.items():
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING (council = {_ME} OR provider = {_ME})")
        op.execute(f"CREATE POLICY {table}_write ON {table} FOR INSERT WITH CHECK ({author} = {_ME})")
        op.execute(f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({changers}) WITH CHECK ({changers})")


def downgrade() -> None:
    """Not kept: what was decided is never thrown away by a migration."""
    raise NotImplementedError("matching's first migration cannot be undone")
