"""Pasts brought in from elsewhere."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE past_imports (
        organisation text NOT NULL,
        id uuid NOT NULL,
        brought_in_by text NOT NULL,
        brought_in_at timestamptz NOT NULL,
        events integer NOT NULL,
        sent integer NOT NULL,
        first_on date NOT NULL,
        last_on date NOT NULL,
        sha256 text NOT NULL,
        PRIMARY KEY (organisation, id)
    )""",
    "CREATE INDEX past_imports_at ON past_imports (organisation, brought_in_at)",
    "ALTER TABLE past_imports ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE past_imports FORCE ROW LEVEL SECURITY",
    "CREATE POLICY past_imports_own ON past_imports FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON past_imports TO monitoring_app",
    # A past numbers its own counts of places from 1, as the provider's own service does later.
    "ALTER TABLE places_counts DROP CONSTRAINT places_counts_pkey",
    "ALTER TABLE places_counts ADD PRIMARY KEY (organisation, provider, version, counted_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
