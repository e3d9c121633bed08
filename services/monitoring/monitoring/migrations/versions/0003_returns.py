"""Returns of agencies: drafts, versions, what was corrected and why."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE return_heads (
        organisation text NOT NULL,
        form text NOT NULL,
        begins date NOT NULL,
        agency text NOT NULL,
        form_version integer NOT NULL,
        ends date NOT NULL,
        due_on date NOT NULL,
        version integer NOT NULL,
        opened_at timestamptz NOT NULL,
        drafted_at timestamptz,
        accepted integer NOT NULL,
        received_on date,
        accepted_at timestamptz,
        brought_in boolean NOT NULL,
        PRIMARY KEY (organisation, form, begins, agency)
    )""",
    """CREATE TABLE return_drafts (
        organisation text NOT NULL,
        form text NOT NULL,
        begins date NOT NULL,
        agency text NOT NULL,
        lines jsonb NOT NULL,
        reason text,
        words text NOT NULL,
        PRIMARY KEY (organisation, form, begins, agency)
    )""",
    """CREATE TABLE return_versions (
        organisation text NOT NULL,
        form text NOT NULL,
        begins date NOT NULL,
        agency text NOT NULL,
        version integer NOT NULL,
        form_version integer NOT NULL,
        ends date NOT NULL,
        due_on date NOT NULL,
        received_on date NOT NULL,
        accepted_at timestamptz NOT NULL,
        reason text,
        words text NOT NULL,
        brought_in boolean NOT NULL,
        lines jsonb NOT NULL,
        PRIMARY KEY (organisation, form, begins, agency, version)
    )""",
    """CREATE TABLE return_chasers (
        organisation text NOT NULL,
        form text NOT NULL,
        begins date NOT NULL,
        agency text NOT NULL,
        chased_for date NOT NULL,
        chaser text NOT NULL,
        chased_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, form, begins, agency, chased_for)
    )""",
    """CREATE TABLE return_settings (
        form text PRIMARY KEY,
        organisation text NOT NULL,
        due_after_days integer NOT NULL,
        chase_before_days integer NOT NULL,
        chase_every_days integer NOT NULL,
        version integer NOT NULL
    )""",
    "CREATE INDEX return_heads_due ON return_heads (organisation, due_on)",
    "CREATE INDEX return_versions_ends ON return_versions (organisation, ends)",
)

POLICIES = (
    "ALTER TABLE return_heads ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE return_heads FORCE ROW LEVEL SECURITY",
    "CREATE POLICY return_heads_own ON return_heads FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON return_heads TO monitoring_app",
    "ALTER TABLE return_drafts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE return_drafts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY return_drafts_own ON return_drafts FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON return_drafts TO monitoring_app",
    # An accepted version is for good: nobody may update or delete one.
    "ALTER TABLE return_versions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE return_versions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY return_versions_own ON return_versions FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON return_versions TO monitoring_app",
    "ALTER TABLE return_chasers ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE return_chasers FORCE ROW LEVEL SECURITY",
    "CREATE POLICY return_chasers_own ON return_chasers FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON return_chasers TO monitoring_app",
    # When returns are due: everybody reads it, the consortium sets it.
    "ALTER TABLE return_settings ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE return_settings FORCE ROW LEVEL SECURITY",
    "CREATE POLICY return_settings_read ON return_settings FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY return_settings_write ON return_settings FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY return_settings_change ON return_settings FOR UPDATE USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON return_settings TO monitoring_app",
)

STATEMENTS: tuple[str, ...] = (*TABLES, *POLICIES)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
