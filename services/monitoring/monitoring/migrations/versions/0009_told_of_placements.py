"""Notice given, and what happens in placements counted by month."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE notices (
        organisation text NOT NULL,
        id uuid NOT NULL,
        placement uuid NOT NULL,
        council text NOT NULL,
        provider text NOT NULL,
        given_version integer,
        given_by text,
        given_on date,
        ends_on date,
        withdrawn_version integer,
        withdrawn_at timestamptz,
        PRIMARY KEY (organisation, id)
    )""",
    "CREATE INDEX notices_given ON notices (organisation, given_on)",
    "CREATE INDEX notices_placement ON notices (organisation, placement)",
    """CREATE TABLE placement_event_counts (
        organisation text NOT NULL,
        council text NOT NULL,
        provider text NOT NULL,
        month date NOT NULL,
        kind text NOT NULL,
        version integer NOT NULL,
        events integer NOT NULL,
        PRIMARY KEY (organisation, council, provider, month, kind)
    )""",
    "CREATE INDEX placement_event_counts_month ON placement_event_counts (organisation, month)",
    """CREATE TABLE stability_counts (
        organisation text NOT NULL,
        council text NOT NULL,
        as_of date NOT NULL,
        version integer NOT NULL,
        looked_after_long integer NOT NULL,
        same_placement integer NOT NULL,
        PRIMARY KEY (organisation, council, as_of)
    )""",
    "ALTER TABLE notices ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE notices FORCE ROW LEVEL SECURITY",
    "CREATE POLICY notices_own ON notices FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON notices TO monitoring_app",
    "ALTER TABLE placement_event_counts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE placement_event_counts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY placement_event_counts_own ON placement_event_counts FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON placement_event_counts TO monitoring_app",
    "ALTER TABLE stability_counts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE stability_counts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY stability_counts_own ON stability_counts FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON stability_counts TO monitoring_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
