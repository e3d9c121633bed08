"""Limits of charts, and alerts with what became of them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE chart_limits (
        organisation text NOT NULL,
        kpi text NOT NULL,
        scope text NOT NULL,
        from_month date NOT NULL,
        number integer NOT NULL,
        recalculated boolean NOT NULL,
        reason text NOT NULL,
        words text NOT NULL,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, kpi, scope, from_month, number)
    )""",
    """CREATE TABLE alerts (
        organisation text NOT NULL,
        id uuid NOT NULL,
        kpi text NOT NULL,
        scope text NOT NULL,
        cause text NOT NULL,
        way text NOT NULL,
        reading text NOT NULL,
        begins date NOT NULL,
        ends date NOT NULL,
        chance numeric,
        words text NOT NULL,
        figures jsonb NOT NULL,
        state text NOT NULL,
        raised_at timestamptz NOT NULL,
        owner_words text NOT NULL,
        person text NOT NULL,
        former uuid,
        PRIMARY KEY (organisation, id),
        UNIQUE (organisation, kpi, scope, cause, begins)
    )""",
    """CREATE TABLE alert_steps (
        organisation text NOT NULL,
        alert uuid NOT NULL,
        number integer NOT NULL,
        step text NOT NULL,
        taken_at timestamptz NOT NULL,
        taken_for text NOT NULL,
        taken_by text NOT NULL,
        reason text NOT NULL,
        words text NOT NULL,
        PRIMARY KEY (organisation, alert, number)
    )""",
    """CREATE TABLE watched (
        organisation text NOT NULL,
        through_month date NOT NULL,
        looked_at timestamptz NOT NULL,
        PRIMARY KEY (organisation)
    )""",
    """CREATE TABLE agency_ratings (
        organisation text NOT NULL,
        agency text NOT NULL,
        version integer NOT NULL,
        rating text NOT NULL,
        inspected_on date,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, agency, version)
    )""",
    "CREATE INDEX alerts_raised ON alerts (organisation, raised_at)",
    "ALTER TABLE chart_limits ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE chart_limits FORCE ROW LEVEL SECURITY",
    "CREATE POLICY chart_limits_own ON chart_limits FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON chart_limits TO monitoring_app",
    "ALTER TABLE alerts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE alerts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY alerts_own ON alerts FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON alerts TO monitoring_app",
    "ALTER TABLE alert_steps ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE alert_steps FORCE ROW LEVEL SECURITY",
    "CREATE POLICY alert_steps_own ON alert_steps FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON alert_steps TO monitoring_app",
    "ALTER TABLE watched ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE watched FORCE ROW LEVEL SECURITY",
    "CREATE POLICY watched_own ON watched FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON watched TO monitoring_app",
    "ALTER TABLE agency_ratings ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE agency_ratings FORCE ROW LEVEL SECURITY",
    "CREATE POLICY agency_ratings_own ON agency_ratings FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON agency_ratings TO monitoring_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
