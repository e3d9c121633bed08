"""Facts of a household that the law asks about, and suspensions of agencies.

What the law asks is added empty: a household recorded before says of it that it is not stated.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ASKING = "(select current_setting('app.organisation', true))"


def upgrade() -> None:
    """Row security and rights of households are the table's own and cover new columns."""
    op.execute("ALTER TABLE households ADD COLUMN lives_in TEXT")
    op.execute("ALTER TABLE households ADD COLUMN fostered_children INTEGER")
    op.execute("ALTER TABLE households ADD COLUMN fostered_are_siblings BOOLEAN")
    op.execute("ALTER TABLE households ADD COLUMN exemptions JSONB NOT NULL DEFAULT '[]'")
    op.execute(
        """CREATE TABLE suspensions (
        id UUID NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        agency TEXT NOT NULL,
        reason TEXT NOT NULL,
        starts_on DATE NOT NULL,
        review_on DATE,
        ends_on DATE,
        recorded_by TEXT NOT NULL,
        recorded_at timestamptz NOT NULL,
        lifted_because TEXT,
        lifted_by TEXT,
        lifted_at timestamptz,
        PRIMARY KEY (id),
        FOREIGN KEY(agency) REFERENCES agencies (urn)
    )"""
    )
    op.execute("CREATE INDEX suspensions_agency ON suspensions (agency, recorded_at, id)")
    op.execute("ALTER TABLE suspensions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE suspensions FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT, UPDATE ON suspensions TO providers_app")
    op.execute(f"CREATE POLICY suspensions_read ON suspensions FOR SELECT USING ({_ASKING} <> '')")
    op.execute(
        f"CREATE POLICY suspensions_write ON suspensions FOR ALL USING (organisation = {_ASKING}) WITH CHECK (organisation = {_ASKING})"
    )


def downgrade() -> None:
    """Not kept: why an agency was suspended is never thrown away by a migration."""
    raise NotImplementedError("suspensions and exemptions cannot be undone by a migration")
