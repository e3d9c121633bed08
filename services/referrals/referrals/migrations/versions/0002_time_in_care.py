"""A child's time in care, from which the national return is made; each table the council's own. And the sector of each agency."""

from alembic import op

revision = "0002"
down_revision = "0001"

ASKING = "(select current_setting('app.organisation', true))"

TABLES = [
    """CREATE TABLE care_periods (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    child UUID NOT NULL,
    began_on DATE NOT NULL,
    category_of_need TEXT NOT NULL,
    ended_on DATE,
    ending_reason TEXT,
    first_reason TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id),
    CONSTRAINT care_periods_end_after_start CHECK (ended_on >= began_on),
    CONSTRAINT care_periods_end_with_reason CHECK ((ended_on IS NULL) = (ending_reason IS NULL)),
    CONSTRAINT care_periods_one_a_day UNIQUE (organisation, child, began_on)
)""",
    "CREATE UNIQUE INDEX care_periods_one_open ON care_periods (organisation, child) WHERE ended_on IS NULL",
    """CREATE TABLE legal_statuses (
    organisation TEXT NOT NULL,
    child UUID NOT NULL,
    from_on DATE NOT NULL,
    legal_status TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, child, from_on)
)""",
    """CREATE TABLE reviews (
    organisation TEXT NOT NULL,
    child UUID NOT NULL,
    held_on DATE NOT NULL,
    participation TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, child, held_on)
)""",
    """CREATE TABLE outside_placements (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    child UUID NOT NULL,
    began_on DATE NOT NULL,
    place TEXT NOT NULL,
    place_provider TEXT,
    urn TEXT,
    same_carer BOOLEAN NOT NULL,
    ended_on DATE,
    ending_reason TEXT,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id),
    CONSTRAINT outside_placements_end_after_start CHECK (ended_on >= began_on),
    CONSTRAINT outside_placements_one_a_day UNIQUE (organisation, child, began_on)
)""",
    """CREATE TABLE postcodes (
    organisation TEXT NOT NULL,
    subject UUID NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, subject)
)""",
    """CREATE TABLE outcomes (
    organisation TEXT NOT NULL,
    child UUID NOT NULL,
    year INTEGER NOT NULL,
    facts JSONB NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, child, year)
)""",
    """CREATE TABLE fostering_services (
    organisation TEXT NOT NULL,
    urn TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation)
)""",
]

COUNCILS_OWN = ("care_periods", "legal_statuses", "reviews", "outside_placements", "postcodes", "outcomes", "fostering_services")


def upgrade() -> None:
    # Null until the agency's record is heard again: what was heard before this did not keep the sector.
    op.execute("ALTER TABLE agencies ADD COLUMN sector TEXT")
    for statement in TABLES:
        op.execute(statement)
    for table in COUNCILS_OWN:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO referrals_app")
