"""Who is signed in on the pages."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE page_sessions (
        organisation text NOT NULL,
        digest bytea NOT NULL,
        subject text NOT NULL,
        roles text[] NOT NULL,
        began_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, digest)
    )""",
    "ALTER TABLE page_sessions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE page_sessions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY page_sessions_own ON page_sessions FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON page_sessions TO monitoring_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
