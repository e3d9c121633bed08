"""The tables of referrals, each with its row security: a council's own, between two, or the consortium's."""

from alembic import op

from shared import kit_tables

revision = "0001"
down_revision = None

ASKING = "(select current_setting('app.organisation', true))"

TABLES = [
    """CREATE TABLE councils (
    organisation TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (code)
)""",
    """CREATE TABLE agencies (
    organisation TEXT NOT NULL,
    urn TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (urn)
)""",
    """CREATE TABLE lots (
    organisation TEXT NOT NULL,
    lot TEXT NOT NULL,
    framework TEXT NOT NULL,
    title TEXT NOT NULL,
    kinds TEXT[] NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (lot)
)""",
    """CREATE TABLE council_settings (
    organisation TEXT NOT NULL,
    version INTEGER NOT NULL,
    settings JSONB NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, version)
)""",
    """CREATE TABLE search_keys (
    organisation TEXT NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    PRIMARY KEY (organisation)
)""",
    """CREATE TABLE children (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    confirmation_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE INDEX children_by_key ON children (organisation, key_id)",
    """CREATE TABLE child_terms (
    organisation TEXT NOT NULL,
    field TEXT NOT NULL,
    term BYTEA NOT NULL,
    child UUID NOT NULL,
    PRIMARY KEY (organisation, field, term, child)
)""",
    "CREATE INDEX child_terms_by_child ON child_terms (organisation, child)",
    "CREATE UNIQUE INDEX child_terms_one_child_id ON child_terms (organisation, term) WHERE field = 'child_id'",
    """CREATE TABLE disclosures (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    child UUID NOT NULL,
    placement UUID,
    seen_by TEXT NOT NULL,
    subject TEXT NOT NULL,
    act TEXT NOT NULL,
    by_right TEXT NOT NULL,
    fields TEXT[] NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE INDEX disclosures_of_child ON disclosures (organisation, child, at, id)",
    """CREATE TABLE referrals (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    lot TEXT NOT NULL,
    terms JSONB NOT NULL,
    view JSONB,
    re_referral_of UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    sent_in_house_at TIMESTAMP WITH TIME ZONE,
    broadcast_at TIMESTAMP WITH TIME ZONE,
    closes_at TIMESTAMP WITH TIME ZONE,
    in_house_reason TEXT,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawal_reason TEXT,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE INDEX referrals_in_state ON referrals (organisation, state, created_at, id)",
    "CREATE INDEX referrals_newest ON referrals (organisation, created_at, id)",
    "CREATE UNIQUE INDEX referrals_one_reference ON referrals (organisation, reference)",
    """CREATE TABLE referral_children (
    organisation TEXT NOT NULL,
    referral UUID NOT NULL,
    child UUID NOT NULL,
    number INTEGER NOT NULL,
    open_demand BOOLEAN NOT NULL,
    PRIMARY KEY (organisation, referral, child)
)""",
    "CREATE UNIQUE INDEX referral_children_one_demand ON referral_children (organisation, child) WHERE open_demand",
    """CREATE TABLE in_house_matches (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    referral UUID NOT NULL,
    vacancy UUID NOT NULL,
    pounds_per_week NUMERIC(10, 2) NOT NULL,
    starts_on DATE NOT NULL,
    state TEXT NOT NULL,
    reasons TEXT[] NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE INDEX in_house_matches_of_referral ON in_house_matches (organisation, referral, decided_at)",
    """CREATE TABLE distances (
    organisation TEXT NOT NULL,
    referral UUID NOT NULL,
    household UUID NOT NULL,
    miles NUMERIC(4, 1) NOT NULL,
    measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, referral, household)
)""",
    """CREATE TABLE placement_children (
    organisation TEXT NOT NULL,
    placement UUID NOT NULL,
    child UUID NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (organisation, placement, child)
)""",
    "CREATE INDEX placement_children_of_child ON placement_children (organisation, child)",
    """CREATE TABLE placements (
    council TEXT NOT NULL,
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    referral UUID NOT NULL,
    reference TEXT NOT NULL,
    offer UUID,
    match UUID,
    vacancy UUID NOT NULL,
    household UUID NOT NULL,
    hold UUID NOT NULL,
    lot TEXT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    children INTEGER NOT NULL,
    ages INTEGER[] NOT NULL,
    tier INTEGER,
    pounds_per_week NUMERIC(10, 2) NOT NULL,
    starts_on DATE NOT NULL,
    within_20_miles TEXT NOT NULL,
    agreed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_on DATE,
    ended_on DATE,
    planned_ending BOOLEAN,
    ending_reason TEXT,
    episode_ceased TEXT,
    cancellation_reason TEXT,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (council, id),
    CONSTRAINT placements_end_after_start CHECK (ended_on >= started_on),
    CONSTRAINT placements_offer_or_match CHECK ((offer IS NULL) <> (match IS NULL))
)""",
    "CREATE INDEX placements_by_id ON placements (id)",
    "CREATE INDEX placements_newest_of_council ON placements (council, agreed_at, id)",
    "CREATE INDEX placements_newest_of_provider ON placements (provider, agreed_at, id)",
    "CREATE UNIQUE INDEX placements_one_a_match ON placements (council, match)",
    "CREATE UNIQUE INDEX placements_one_a_referral ON placements (council, referral) WHERE state <> 'cancelled'",
    "CREATE UNIQUE INDEX placements_one_an_offer ON placements (council, offer)",
    """CREATE TABLE identity_grants (
    council TEXT NOT NULL,
    placement UUID NOT NULL,
    child UUID NOT NULL,
    provider TEXT NOT NULL,
    number INTEGER NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (council, placement, child)
)""",
    "CREATE INDEX identity_grants_of_provider ON identity_grants (provider, placement)",
]

CONSORTIUM = ("councils", "agencies", "lots")
"""Read by everybody who is signed in; written by the consortium, whose news they are."""

COUNCILS_OWN = {
    "council_settings": "SELECT, INSERT",
    "search_keys": "SELECT, INSERT, UPDATE",
    "children": "SELECT, INSERT, UPDATE",
    "child_terms": "SELECT, INSERT, DELETE",
    "disclosures": "SELECT, INSERT",
    "referrals": "SELECT, INSERT, UPDATE",
    "referral_children": "SELECT, INSERT, UPDATE, DELETE",
    "in_house_matches": "SELECT, INSERT, UPDATE",
    "distances": "SELECT, INSERT, UPDATE",
    "placement_children": "SELECT, INSERT",
}
"""What the application may do with each. Settings and disclosures are only ever added to: no UPDATE, no DELETE."""

BETWEEN_TWO = ("placements", "identity_grants")
"""Read by the council and the one provider; written by the council."""


def upgrade() -> None:
    for statement in kit_tables.statements_v1(service="referrals"):
        op.execute(statement)
    for statement in TABLES:
        op.execute(statement)
    for table in CONSORTIUM:
        _guard(table)
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({ASKING} <> '')")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK (organisation = {ASKING})")
        op.execute(
            f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO referrals_app")
    for table, granted in COUNCILS_OWN.items():
        _guard(table)
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT {granted} ON {table} TO referrals_app")
    for table in BETWEEN_TWO:
        _guard(table)
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING (council = {ASKING} OR provider = {ASKING})")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK (council = {ASKING})")
        op.execute(f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING (council = {ASKING}) WITH CHECK (council = {ASKING})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO referrals_app")


def _guard(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
