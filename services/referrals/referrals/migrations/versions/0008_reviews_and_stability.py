"""What happens in a placement, that officers looked at it, and corrections of what was recorded of a time in care."""

from alembic import op

revision = "0008"
down_revision = "0007"

ASKING = "(select current_setting('app.organisation', true))"

TABLES = [
    """CREATE TABLE placement_events (
    council TEXT NOT NULL,
    id UUID NOT NULL,
    placement UUID NOT NULL,
    provider TEXT,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    happened_on DATE NOT NULL,
    until DATE,
    interview_offered BOOLEAN,
    complaint_by TEXT,
    recorded_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    retracted_at TIMESTAMP WITH TIME ZONE,
    retraction_reason TEXT,
    PRIMARY KEY (council, id),
    CONSTRAINT placement_events_end_after_start CHECK (until >= happened_on),
    CONSTRAINT placement_events_by_a_side CHECK (author = council OR (provider IS NOT NULL AND author = provider))
)""",
    "CREATE INDEX placement_events_of_placement ON placement_events (council, placement, happened_on)",
    """CREATE TABLE placement_looks (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    placement UUID NOT NULL,
    done TEXT NOT NULL,
    by_date DATE,
    reasons JSONB NOT NULL,
    looked_on DATE NOT NULL,
    recorded_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE INDEX placement_looks_of_placement ON placement_looks (organisation, placement, at)",
    """CREATE TABLE care_corrections (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    child UUID NOT NULL,
    record TEXT NOT NULL,
    reason TEXT NOT NULL,
    before JSONB NOT NULL,
    after JSONB,
    recorded_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE INDEX care_corrections_of_child ON care_corrections (organisation, child, at, id)",
]

COUNCILS_OWN = ("placement_looks", "care_corrections")
"""Only ever added to: no UPDATE, no DELETE."""


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table in ("placement_events", *COUNCILS_OWN):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    # An event the council keeps to itself names no provider, and so is between the council and nobody.
    op.execute(f"CREATE POLICY placement_events_read ON placement_events FOR SELECT USING (council = {ASKING} OR provider = {ASKING})")
    op.execute(f"CREATE POLICY placement_events_insert ON placement_events FOR INSERT WITH CHECK (author = {ASKING})")
    op.execute(
        f"CREATE POLICY placement_events_update ON placement_events FOR UPDATE USING (author = {ASKING}) WITH CHECK (author = {ASKING})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON placement_events TO referrals_app")
    for table in COUNCILS_OWN:
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO referrals_app")
    # What was recorded wrongly and never was is taken out; what it said stays in care_corrections.
    for table in ("legal_statuses", "reviews", "care_periods", "outside_placements"):
        op.execute(f"GRANT DELETE ON {table} TO referrals_app")
