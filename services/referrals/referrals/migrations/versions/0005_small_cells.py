"""How many looked-after children share what a referral shows: councils' counts, what others are told of them, and acknowledgements.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ASKING = "(select current_setting('app.organisation', true))"

TABLES = (
    """CREATE TABLE count_uploads (
    organisation TEXT NOT NULL,
    version INTEGER NOT NULL,
    as_of DATE NOT NULL,
    counts JSONB NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, version)
)""",
    """CREATE TABLE council_counts (
    organisation TEXT NOT NULL,
    council TEXT NOT NULL,
    version INTEGER NOT NULL,
    counts JSONB NOT NULL,
    PRIMARY KEY (council)
)""",
    """CREATE TABLE small_cell_acknowledgements (
    organisation TEXT NOT NULL,
    referral UUID NOT NULL,
    version INTEGER NOT NULL,
    number NUMERIC(9, 1) NOT NULL,
    threshold INTEGER NOT NULL,
    blurred TEXT[] NOT NULL,
    reason TEXT NOT NULL,
    acknowledged_by TEXT NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, referral, version)
)""",
    "CREATE INDEX small_cell_acknowledgements_newest ON small_cell_acknowledgements (organisation, acknowledged_at)",
)

OWN = ("count_uploads", "small_cell_acknowledgements")
"""Only ever added to."""


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    op.execute("ALTER TABLE lots ADD COLUMN age_bands JSONB DEFAULT '[]' NOT NULL")
    for table in (*OWN, "council_counts"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table in OWN:
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO referrals_app")
    op.execute(f"CREATE POLICY council_counts_read ON council_counts FOR SELECT USING ({ASKING} <> '')")
    op.execute(f"CREATE POLICY council_counts_insert ON council_counts FOR INSERT WITH CHECK (organisation = {ASKING})")
    op.execute(
        f"CREATE POLICY council_counts_update ON council_counts FOR UPDATE USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON council_counts TO referrals_app")
