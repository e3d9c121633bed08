"""Records as each KPI counts them, and every event as it was heard."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE counted (
        organisation text NOT NULL,
        kpi text NOT NULL,
        month date NOT NULL,
        kind text NOT NULL,
        id text NOT NULL,
        happened_on date NOT NULL,
        council text,
        agency text,
        lot text,
        part text NOT NULL,
        once text NOT NULL,
        numerator numeric NOT NULL,
        denominator numeric
    )""",
    # A kept row is only ever deleted with its whole month: it has no name of its own to be found by.
    "CREATE INDEX counted_month ON counted (organisation, kpi, month)",
    "CREATE INDEX counted_organisation_month ON counted (organisation, month)",
    """CREATE TABLE recount_due (
        organisation text NOT NULL,
        position bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        first_month date NOT NULL,
        last_month date NOT NULL,
        PRIMARY KEY (organisation, position)
    )""",
    """CREATE TABLE counted_through (
        organisation text NOT NULL,
        day date NOT NULL,
        PRIMARY KEY (organisation)
    )""",
    """CREATE TABLE heard (
        organisation text NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        happened_at timestamptz NOT NULL,
        heard_at timestamptz NOT NULL,
        envelope jsonb NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE INDEX heard_happened ON heard (happened_at, id)",
    "CREATE INDEX placements_referral ON placements (organisation, referral)",
    "ALTER TABLE counted ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE counted FORCE ROW LEVEL SECURITY",
    "CREATE POLICY counted_own ON counted FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, DELETE ON counted TO monitoring_app",
    "ALTER TABLE recount_due ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE recount_due FORCE ROW LEVEL SECURITY",
    "CREATE POLICY recount_due_own ON recount_due FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, DELETE ON recount_due TO monitoring_app",
    "ALTER TABLE counted_through ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE counted_through FORCE ROW LEVEL SECURITY",
    "CREATE POLICY counted_through_own ON counted_through FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON counted_through TO monitoring_app",
    # The log of events is written by whoever's news it is and read by nobody signed in: only the rebuild reads it, under a word no
    # access token can hold. There is no right to change or delete a line.
    "ALTER TABLE heard ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE heard FORCE ROW LEVEL SECURITY",
    "CREATE POLICY heard_write ON heard FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY heard_rebuild ON heard FOR SELECT USING ((select current_setting('app.organisation', true)) = 'plumbing')",
    "GRANT SELECT, INSERT ON heard TO monitoring_app",
    # Facts that were heard before are counted with the first sweep. Row security is forced on the owner too.
    "SELECT set_config('app.organisation', 'consortium', true)",
    """INSERT INTO recount_due (organisation, first_month, last_month)
    SELECT 'consortium', date_trunc('month', min(known.moment))::date, date_trunc('month', greatest(now(), max(known.moment)))::date
    FROM (
        SELECT min(created_at) AS moment FROM referrals
        UNION ALL SELECT min(broadcast_at) FROM referrals
        UNION ALL SELECT min(made_at) FROM offers
        UNION ALL SELECT min(agreed_at) FROM placements
        UNION ALL SELECT min(started_on) FROM placements
        UNION ALL SELECT min(happened_at) FROM vacancy_changes
        UNION ALL SELECT min(counted_at) FROM places_counts
    ) AS known HAVING min(known.moment) IS NOT NULL""",
    "SELECT set_config('app.organisation', '', true)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
