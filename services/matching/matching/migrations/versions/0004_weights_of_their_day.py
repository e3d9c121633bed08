"""Every version of a council's weights, and whom carers would rather look after.

Weights set before this release begin the history as the version they are.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"


def upgrade() -> None:
    """Row security and rights of vacancies are the table's own and cover new columns."""
    op.execute("ALTER TABLE vacancies ADD COLUMN prefers_from_age integer")
    op.execute("ALTER TABLE vacancies ADD COLUMN prefers_to_age integer")
    op.execute("ALTER TABLE vacancies ADD COLUMN prefers_sexes text[] NOT NULL DEFAULT '{}'")
    op.execute(
        """CREATE TABLE weights_by_version (
        council text NOT NULL,
        version integer NOT NULL,
        weights jsonb NOT NULL,
        effective_from timestamptz NOT NULL,
        PRIMARY KEY (council, version)
    )"""
    )
    # The owner of a table is held to its row security too: for this one statement it may read what lies in council_weights.
    op.execute("ALTER TABLE council_weights NO FORCE ROW LEVEL SECURITY")
    op.execute("INSERT INTO weights_by_version SELECT council, version, weights, effective_from FROM council_weights")
    op.execute("ALTER TABLE council_weights FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE weights_by_version ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE weights_by_version FORCE ROW LEVEL SECURITY")
    # What counted on a day is never altered: no right to update or delete.
    op.execute("GRANT SELECT, INSERT ON weights_by_version TO matching_app")
    op.execute(f"CREATE POLICY weights_by_version_own ON weights_by_version FOR ALL USING (council = {_ME}) WITH CHECK (council = {_ME})")


def downgrade() -> None:
    """Not kept: by which weights a home was chosen is never thrown away by a migration."""
    raise NotImplementedError("weights by version cannot be undone by a migration")
