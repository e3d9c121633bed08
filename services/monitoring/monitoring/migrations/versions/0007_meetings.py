"""The year's meetings, their findings and actions."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE meetings (
        organisation text NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        agency text,
        council text,
        placement uuid,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        place text NOT NULL,
        leads text NOT NULL,
        lead_person text NOT NULL,
        state text NOT NULL,
        version integer NOT NULL,
        changed_at timestamptz NOT NULL,
        planned_by text NOT NULL,
        reason text NOT NULL,
        attendance text[] NOT NULL,
        pack jsonb,
        pack_made_at timestamptz,
        readers text[] NOT NULL,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE meeting_findings (
        organisation text NOT NULL,
        meeting uuid NOT NULL,
        number integer NOT NULL,
        code text NOT NULL,
        words text NOT NULL,
        found_by text NOT NULL,
        found_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, meeting, number)
    )""",
    """CREATE TABLE meeting_actions (
        organisation text NOT NULL,
        id uuid NOT NULL,
        meeting uuid NOT NULL,
        agency text,
        council text,
        owner text NOT NULL,
        words text NOT NULL,
        due_on date NOT NULL,
        done_at timestamptz,
        done_by text NOT NULL,
        done_words text NOT NULL,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE calendar_feeds (
        organisation text NOT NULL,
        id uuid NOT NULL,
        secret_hash bytea NOT NULL,
        subject text NOT NULL,
        made_at timestamptz NOT NULL,
        revoked_at timestamptz,
        PRIMARY KEY (organisation, id),
        UNIQUE (secret_hash)
    )""",
    "CREATE INDEX meetings_starts ON meetings (organisation, starts_at)",
    "CREATE INDEX meeting_actions_due ON meeting_actions (organisation, due_on)",
    "ALTER TABLE meetings ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE meetings FORCE ROW LEVEL SECURITY",
    "CREATE POLICY meetings_own ON meetings FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON meetings TO monitoring_app",
    "ALTER TABLE meeting_findings ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE meeting_findings FORCE ROW LEVEL SECURITY",
    "CREATE POLICY meeting_findings_own ON meeting_findings FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON meeting_findings TO monitoring_app",
    "ALTER TABLE meeting_actions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE meeting_actions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY meeting_actions_own ON meeting_actions FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON meeting_actions TO monitoring_app",
    "ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE calendar_feeds FORCE ROW LEVEL SECURITY",
    "CREATE POLICY calendar_feeds_own ON calendar_feeds FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON calendar_feeds TO monitoring_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
