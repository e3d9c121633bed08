"""Decisions heard from matching, and the child's own words.

Lines of the ledger that hold a decision's hash say so in two columns of their own; the lines written before stay as they are.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ASKING = "(select current_setting('app.organisation', true))"

_TABLES = {
    "decisions": """CREATE TABLE decisions (
    organisation TEXT NOT NULL,
    decision UUID NOT NULL,
    referral UUID NOT NULL,
    offer UUID NOT NULL,
    hash BYTEA NOT NULL,
    heard_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, decision)
)""",
    "wishes": """CREATE TABLE wishes (
    organisation TEXT NOT NULL,
    referral UUID NOT NULL,
    child UUID NOT NULL,
    version INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, referral, child, version)
)""",
}


def upgrade() -> None:
    """Both tables are the council's own and only ever added to."""
    for table, statement in _TABLES.items():
        op.execute(statement)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO referrals_app")
    op.execute("CREATE INDEX decisions_of_referral ON decisions (organisation, referral, heard_at)")
    op.execute("ALTER TABLE disclosures ADD COLUMN decision UUID, ADD COLUMN decision_hash BYTEA")
    op.execute("CREATE INDEX disclosures_of_decision ON disclosures (organisation, decision) WHERE decision IS NOT NULL")


def downgrade() -> None:
    """Not kept: what was decided and what children said is never thrown away by a migration."""
    raise NotImplementedError("what was decided is kept")
