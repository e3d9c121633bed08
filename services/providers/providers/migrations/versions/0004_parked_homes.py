"""Homes parked after a decline; and what a hold that never became a stay needs to have an end.

Columns are added empty: the release before this one goes on writing rows without them.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ASKING = "(select current_setting('app.organisation', true))"


def upgrade() -> None:
    """A park is its provider's own; a hold's new columns are covered by its row security."""
    op.execute("ALTER TABLE holds ADD COLUMN starts_on DATE")
    op.execute("ALTER TABLE holds ADD COLUMN freed_because TEXT")
    op.execute(
        """CREATE TABLE parked_homes (
        id UUID NOT NULL,
        organisation TEXT NOT NULL,
        household UUID NOT NULL,
        reason TEXT NOT NULL,
        after_what TEXT NOT NULL,
        parked_at timestamptz NOT NULL,
        parked_by TEXT NOT NULL,
        until DATE NOT NULL,
        ended_at timestamptz,
        PRIMARY KEY (id),
        FOREIGN KEY(household) REFERENCES households (id)
    )"""
    )
    op.execute("CREATE INDEX parked_homes_household ON parked_homes (household, until)")
    op.execute("ALTER TABLE parked_homes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE parked_homes FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT, UPDATE ON parked_homes TO providers_app")
    op.execute(
        f"CREATE POLICY parked_homes_own ON parked_homes FOR ALL USING (organisation = {_ASKING}) WITH CHECK (organisation = {_ASKING})"
    )


def downgrade() -> None:
    """Take it away again."""
    op.execute("DROP TABLE parked_homes")
    op.execute("ALTER TABLE holds DROP COLUMN freed_because")
    op.execute("ALTER TABLE holds DROP COLUMN starts_on")
