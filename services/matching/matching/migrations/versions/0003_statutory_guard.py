"""Facts that the law asks about, and named approvals.

Every column is added empty or with what the release before this one took for granted: that release goes on writing rows.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"

_COLUMNS = (
    "ALTER TABLE organisations ADD COLUMN rating text",
    "ALTER TABLE organisations ADD COLUMN suspended_from date",
    "ALTER TABLE organisations ADD COLUMN suspended_until date",
    "ALTER TABLE organisations ADD COLUMN suspended_because text",
    "ALTER TABLE lots ADD COLUMN accepted_ratings text[] NOT NULL DEFAULT '{outstanding,good}'",
    "ALTER TABLE lots ADD COLUMN below_gate text NOT NULL DEFAULT 'named_decision'",
    "ALTER TABLE tier_lines ADD COLUMN rating text",
    "ALTER TABLE vacancies ADD COLUMN approved_places integer",
    "ALTER TABLE vacancies ADD COLUMN fostered_children integer",
    "ALTER TABLE vacancies ADD COLUMN fostered_are_siblings boolean",
    "ALTER TABLE vacancies ADD COLUMN lives_in text",
    "ALTER TABLE vacancies ADD COLUMN exemptions jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE offers ADD COLUMN must_be_regularised_by date",
    "ALTER TABLE council_weights ADD COLUMN approval_miles integer NOT NULL DEFAULT 20",
)


def upgrade() -> None:
    """Row security and rights of altered tables are their own and cover new columns."""
    for statement in _COLUMNS:
        op.execute(statement)
    op.execute(
        """CREATE TABLE approvals (
        council text NOT NULL,
        approval uuid NOT NULL,
        referral uuid NOT NULL,
        offer uuid NOT NULL,
        household uuid NOT NULL,
        approved_for text NOT NULL,
        officer text NOT NULL,
        office text NOT NULL,
        reason text NOT NULL,
        approved_on date NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (council, approval)
    )"""
    )
    op.execute("CREATE INDEX approvals_referral ON approvals (council, referral, recorded_at)")
    op.execute(
        """CREATE TABLE beds_held (
        provider text NOT NULL,
        hold uuid NOT NULL,
        household uuid,
        beds integer NOT NULL,
        freed boolean NOT NULL,
        changed_in bigint DEFAULT (pg_current_xact_id()::text::bigint) NOT NULL,
        PRIMARY KEY (provider, hold)
    )"""
    )
    op.execute("CREATE INDEX beds_held_household ON beds_held (household) WHERE NOT freed")
    op.execute("CREATE INDEX beds_held_changed ON beds_held (changed_in)")
    for table in ("approvals", "beds_held"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    # An approval is kept as it was given: nobody may change or remove one.
    op.execute("GRANT SELECT, INSERT ON approvals TO matching_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON beds_held TO matching_app")
    op.execute(f"CREATE POLICY approvals_own ON approvals FOR ALL USING (council = {_ME}) WITH CHECK (council = {_ME})")
    op.execute(f"CREATE POLICY beds_held_read ON beds_held FOR SELECT USING ({_ME} <> '')")
    op.execute(f"CREATE POLICY beds_held_write ON beds_held FOR ALL USING (provider = {_ME}) WITH CHECK (provider = {_ME})")


def downgrade() -> None:
    """Not kept: an approval that a decision rests on is never thrown away by a migration."""
    raise NotImplementedError("named approvals cannot be undone by a migration")
