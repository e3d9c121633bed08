"""The providers service from empty: consortium, tender, households, vacancies, holds; row security on every table.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

from shared import kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ASKING = "(select current_setting('app.organisation', true))"

_TABLES = (
    """CREATE TABLE agencies (
        urn TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        name TEXT NOT NULL,
        sector TEXT NOT NULL,
        rating TEXT NOT NULL,
        inspected_on DATE,
        companies_house_number TEXT,
        version INTEGER NOT NULL,
        PRIMARY KEY (urn)
    )""",
    """CREATE TABLE councils (
        ons_code TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        name TEXT NOT NULL,
        joined_on DATE NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (ons_code)
    )""",
    """CREATE TABLE frameworks (
        code TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        title TEXT NOT NULL,
        established_on DATE NOT NULL,
        starts_on DATE NOT NULL,
        ends_on DATE NOT NULL,
        standstill_days INTEGER NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (code)
    )""",
    """CREATE TABLE households (
        id UUID NOT NULL,
        organisation TEXT NOT NULL,
        reference TEXT NOT NULL,
        postcode TEXT NOT NULL,
        district TEXT NOT NULL,
        easting INTEGER,
        northing INTEGER,
        from_age INTEGER NOT NULL,
        to_age INTEGER NOT NULL,
        sexes TEXT[] NOT NULL,
        places INTEGER NOT NULL,
        kinds TEXT[] NOT NULL,
        skills TEXT[] NOT NULL,
        risks_to_child TEXT[] NOT NULL,
        risks_to_others TEXT[] NOT NULL,
        languages TEXT[] NOT NULL,
        religions TEXT[] NOT NULL,
        siblings_welcome BOOLEAN NOT NULL,
        children_at_home INTEGER NOT NULL,
        approved_on DATE NOT NULL,
        recorded_at timestamptz NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT households_own_reference UNIQUE (organisation, reference),
        CONSTRAINT households_have_places CHECK (places > 0)
    )""",
    "CREATE INDEX households_recorded ON households (organisation, recorded_at, id)",
    """CREATE TABLE offered_households (
        offer UUID NOT NULL,
        provider TEXT NOT NULL,
        council TEXT NOT NULL,
        household UUID,
        easting INTEGER,
        northing INTEGER,
        live BOOLEAN NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (offer, provider)
    )""",
    "CREATE INDEX offered_households_council ON offered_households (council, household)",
    "CREATE INDEX offered_households_household ON offered_households (household)",
    """CREATE TABLE place_counts (
        organisation TEXT NOT NULL,
        households INTEGER NOT NULL,
        approved_places INTEGER NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (organisation)
    )""",
    """CREATE TABLE lead_roles (
        role TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        council TEXT NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (role),
        FOREIGN KEY(council) REFERENCES councils (ons_code)
    )""",
    "CREATE INDEX lead_roles_council ON lead_roles (council)",
    """CREATE TABLE lots (
        code TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        framework TEXT NOT NULL,
        title TEXT NOT NULL,
        kinds TEXT[] NOT NULL,
        terms JSONB NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (code),
        FOREIGN KEY(framework) REFERENCES frameworks (code)
    )""",
    "CREATE INDEX lots_framework ON lots (framework)",
    """CREATE TABLE vacancies (
        id UUID NOT NULL,
        provider TEXT NOT NULL,
        reference TEXT NOT NULL,
        household UUID NOT NULL,
        household_reference TEXT NOT NULL,
        lots TEXT[] NOT NULL,
        asked_beds INTEGER NOT NULL,
        free_beds INTEGER NOT NULL,
        available_from DATE NOT NULL,
        status TEXT NOT NULL,
        close_reason TEXT,
        household_facts JSONB NOT NULL,
        opened_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT vacancies_own_reference UNIQUE (provider, reference),
        CONSTRAINT vacancies_never_promise_a_bed_twice CHECK (free_beds >= 0),
        CONSTRAINT vacancies_status CHECK (status IN ('open', 'closed')),
        FOREIGN KEY(household) REFERENCES households (id)
    )""",
    "CREATE INDEX vacancies_household ON vacancies (household)",
    "CREATE INDEX vacancies_listed ON vacancies (provider, opened_at, id)",
    "CREATE INDEX vacancies_open ON vacancies (opened_at, id) WHERE status = 'open'",
    """CREATE TABLE holds (
        id UUID NOT NULL,
        provider TEXT NOT NULL,
        council TEXT NOT NULL,
        vacancy UUID NOT NULL,
        household UUID NOT NULL,
        held_for TEXT NOT NULL,
        asked_by UUID NOT NULL,
        decision UUID NOT NULL,
        referral UUID NOT NULL,
        placement UUID,
        beds INTEGER NOT NULL,
        state TEXT NOT NULL,
        held_at timestamptz NOT NULL,
        confirmed_at timestamptz,
        filled_at timestamptz,
        freed_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT holds_take_beds CHECK (beds > 0),
        CONSTRAINT holds_state CHECK (state IN ('held', 'filled', 'freed')),
        CONSTRAINT holds_one_a_decision UNIQUE (council, asked_by, decision),
        FOREIGN KEY(vacancy) REFERENCES vacancies (id),
        FOREIGN KEY(household) REFERENCES households (id)
    )""",
    "CREATE INDEX holds_household ON holds (household) WHERE state <> 'freed'",
    "CREATE UNIQUE INDEX holds_one_at_a_time ON holds (council, asked_by) WHERE state <> 'freed'",
    "CREATE INDEX holds_vacancy ON holds (vacancy, held_at, id)",
    """CREATE TABLE tender_rounds (
        id UUID NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        reference TEXT NOT NULL,
        framework TEXT NOT NULL,
        lot TEXT NOT NULL,
        terms JSONB NOT NULL,
        opens_at timestamptz NOT NULL,
        closes_at timestamptz NOT NULL,
        seed TEXT,
        closed_at timestamptz,
        evaluated_at timestamptz,
        published_at timestamptz,
        version INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT tender_rounds_close_after_opening CHECK (closes_at > opens_at),
        UNIQUE (reference),
        FOREIGN KEY(framework) REFERENCES frameworks (code),
        FOREIGN KEY(lot) REFERENCES lots (code)
    )""",
    "CREATE INDEX tender_rounds_lot ON tender_rounds (lot)",
    """CREATE TABLE first_scores (
        round UUID NOT NULL,
        agency TEXT NOT NULL,
        question TEXT NOT NULL,
        council TEXT NOT NULL,
        consortium TEXT DEFAULT 'consortium' NOT NULL CHECK (consortium = 'consortium'),
        score NUMERIC(8, 2) NOT NULL,
        reason TEXT NOT NULL,
        scored_by TEXT NOT NULL,
        scored_at timestamptz NOT NULL,
        PRIMARY KEY (round, agency, question, council),
        FOREIGN KEY(round) REFERENCES tender_rounds (id)
    )""",
    """CREATE TABLE moderated_scores (
        round UUID NOT NULL,
        provider TEXT NOT NULL,
        question TEXT NOT NULL,
        consortium TEXT DEFAULT 'consortium' NOT NULL CHECK (consortium = 'consortium'),
        score NUMERIC(8, 2) NOT NULL,
        reason TEXT NOT NULL,
        moderated_by TEXT NOT NULL,
        moderated_at timestamptz NOT NULL,
        PRIMARY KEY (round, provider, question),
        FOREIGN KEY(round) REFERENCES tender_rounds (id)
    )""",
    """CREATE TABLE opened_bids (
        round UUID NOT NULL,
        provider TEXT NOT NULL,
        consortium TEXT DEFAULT 'consortium' NOT NULL CHECK (consortium = 'consortium'),
        submitted_at timestamptz NOT NULL,
        gate_reasons TEXT[] NOT NULL,
        PRIMARY KEY (round, provider),
        FOREIGN KEY(round) REFERENCES tender_rounds (id)
    )""",
    """CREATE TABLE published_tiers (
        lot TEXT NOT NULL,
        agency TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        round UUID NOT NULL,
        rank INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        PRIMARY KEY (lot, agency),
        CONSTRAINT published_tiers_one_a_rank UNIQUE (lot, rank),
        FOREIGN KEY(lot) REFERENCES lots (code),
        FOREIGN KEY(agency) REFERENCES agencies (urn),
        FOREIGN KEY(round) REFERENCES tender_rounds (id)
    )""",
    """CREATE TABLE ranked_lines (
        round UUID NOT NULL,
        provider TEXT NOT NULL,
        consortium TEXT DEFAULT 'consortium' NOT NULL CHECK (consortium = 'consortium'),
        rank INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        derivation JSONB NOT NULL,
        PRIMARY KEY (round, provider),
        CONSTRAINT ranked_lines_one_a_rank UNIQUE (round, rank),
        FOREIGN KEY(round) REFERENCES tender_rounds (id)
    )""",
    """CREATE TABLE sealed_bids (
        round UUID NOT NULL,
        organisation TEXT NOT NULL,
        submitted_at timestamptz NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (round, organisation),
        FOREIGN KEY(round) REFERENCES tender_rounds (id)
    )""",
    """CREATE TABLE opened_answers (
        round UUID NOT NULL,
        provider TEXT NOT NULL,
        question TEXT NOT NULL,
        consortium TEXT DEFAULT 'consortium' NOT NULL CHECK (consortium = 'consortium'),
        answer TEXT NOT NULL,
        PRIMARY KEY (round, provider, question),
        FOREIGN KEY(round, provider) REFERENCES opened_bids (round, provider)
    )""",
    """CREATE TABLE opened_prices (
        round UUID NOT NULL,
        provider TEXT NOT NULL,
        band TEXT NOT NULL,
        consortium TEXT DEFAULT 'consortium' NOT NULL CHECK (consortium = 'consortium'),
        pounds_per_week NUMERIC(10, 2) NOT NULL,
        PRIMARY KEY (round, provider, band),
        FOREIGN KEY(round, provider) REFERENCES opened_bids (round, provider)
    )""",
    """CREATE TABLE sealed_answers (
        round UUID NOT NULL,
        organisation TEXT NOT NULL,
        question TEXT NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (round, organisation, question),
        FOREIGN KEY(round, organisation) REFERENCES sealed_bids (round, organisation)
    )""",
    """CREATE TABLE sealed_prices (
        round UUID NOT NULL,
        organisation TEXT NOT NULL,
        band TEXT NOT NULL,
        pounds_per_week NUMERIC(10, 2) NOT NULL,
        PRIMARY KEY (round, organisation, band),
        FOREIGN KEY(round, organisation) REFERENCES sealed_bids (round, organisation)
    )""",
)


def _guarded(table: str, grants: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"GRANT {grants} ON {table} TO providers_app",
    ]


def _own(table: str, grants: str) -> list[str]:
    """One organisation's own: it alone reads and writes."""
    return [
        *_guarded(table, grants),
        f"""CREATE POLICY {table}_own ON {table} FOR ALL
            USING (organisation = {_ASKING}) WITH CHECK (organisation = {_ASKING})""",
    ]


def _between_two(table: str, one: str, other: str, author: str, grants: str) -> list[str]:
    """Read by the two it concerns, written by its author."""
    return [
        *_guarded(table, grants),
        f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({one} = {_ASKING} OR {other} = {_ASKING})",
        f"CREATE POLICY {table}_write ON {table} FOR ALL USING ({author} = {_ASKING}) WITH CHECK ({author} = {_ASKING})",
    ]


def _consortium(table: str, owner: str, grants: str) -> list[str]:
    """Read by everybody signed in, written by its owner."""
    return [
        *_guarded(table, grants),
        f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({_ASKING} <> '')",
        f"CREATE POLICY {table}_write ON {table} FOR ALL USING ({owner} = {_ASKING}) WITH CHECK ({owner} = {_ASKING})",
    ]


_KEEP = "SELECT, INSERT, UPDATE"
_REPLACE = "SELECT, INSERT, UPDATE, DELETE"

_POLICIES = (
    *_consortium("councils", "organisation", _KEEP),
    *_consortium("lead_roles", "organisation", _REPLACE),
    *_consortium("agencies", "organisation", _KEEP),
    *_consortium("frameworks", "organisation", _KEEP),
    *_consortium("lots", "organisation", _KEEP),
    *_consortium("tender_rounds", "organisation", _KEEP),
    *_consortium("published_tiers", "organisation", _REPLACE),
    *_own("sealed_bids", _KEEP),
    *_own("sealed_prices", _REPLACE),
    *_own("sealed_answers", _REPLACE),
    *_between_two("opened_bids", "consortium", "provider", "consortium", "SELECT, INSERT"),
    *_between_two("opened_prices", "consortium", "provider", "consortium", "SELECT, INSERT"),
    *_between_two("opened_answers", "consortium", "provider", "consortium", "SELECT, INSERT"),
    *_between_two("first_scores", "consortium", "council", "council", _KEEP),
    *_between_two("moderated_scores", "consortium", "provider", "consortium", _KEEP),
    *_between_two("ranked_lines", "consortium", "provider", "consortium", _REPLACE),
    *_own("households", _KEEP),
    *_own("place_counts", _KEEP),
    *_consortium("vacancies", "provider", _KEEP),
    *_between_two("holds", "council", "provider", "council", _KEEP),
    *_between_two("offered_households", "council", "provider", "provider", _KEEP),
)


def upgrade() -> None:
    """Create everything."""
    for statement in (*kit_tables.statements_v1(service="providers"), *_TABLES, *_POLICIES):
        op.execute(statement)
