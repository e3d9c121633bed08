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
    "CREATE INDEX counted_month ON counted (organisation, month, kpi)",
    # Sums of those, a row a KPI, month, council and part: what pages of all KPIs read.
    """CREATE TABLE counted_sums (
        organisation text NOT NULL,
        month date NOT NULL,
        kpi text NOT NULL,
        council text,
        part text NOT NULL,
        numerator numeric NOT NULL,
        denominator numeric NOT NULL,
        records integer NOT NULL,
        divided integer NOT NULL,
        begun integer NOT NULL,
        divided_begun integer NOT NULL
    )""",
    "CREATE INDEX counted_sums_month ON counted_sums (organisation, month, kpi)",
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
    "ALTER TABLE placements ADD COLUMN hold uuid",
    "ALTER TABLE bed_requests ADD COLUMN hold uuid, ADD COLUMN lives_in text",
    "CREATE INDEX bed_requests_hold ON bed_requests (organisation, hold)",
    "CREATE INDEX placements_referral ON placements (organisation, referral)",
    "ALTER TABLE counted ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE counted FORCE ROW LEVEL SECURITY",
    "CREATE POLICY counted_own ON counted FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, DELETE ON counted TO monitoring_app",
    "ALTER TABLE counted_sums ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE counted_sums FORCE ROW LEVEL SECURITY",
    "CREATE POLICY counted_sums_own ON counted_sums FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, DELETE ON counted_sums TO monitoring_app",
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
    # A council's and an agency's rows are copies of the consortium's, by the right of the facts themselves: each is about what it did, of a
    # KPI that it may see. With the rights of the caller; rows and sums go to each reader under that reader's own setting.
    """CREATE FUNCTION copy_counted(chosen date[], for_councils text[], for_agencies text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        caller text := current_setting('app.organisation', true);
        side text;
        theirs record;
    BEGIN
    FOREACH side IN ARRAY ARRAY['council', 'agency'] LOOP
        -- Each side's rows are read under the caller's setting, which PostgreSQL looks at once, when it begins to read.
        PERFORM set_config('app.organisation', caller, true);
        FOR theirs IN
            SELECT side || ':' || CASE side WHEN 'council' THEN council ELSE agency END AS reader, array_agg(own) AS counted
            FROM counted AS own
            WHERE month = ANY (chosen) AND CASE side
                WHEN 'council' THEN council IS NOT NULL AND kpi = ANY (for_councils)
                ELSE agency <> '*' AND kpi = ANY (for_agencies) END
            GROUP BY 1
        LOOP
            PERFORM set_config('app.organisation', theirs.reader, true);
            INSERT INTO counted
                (organisation, kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator)
            SELECT theirs.reader, kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator
            FROM unnest(theirs.counted);
            INSERT INTO counted_sums
                (organisation, month, kpi, council, part, numerator, denominator, records, divided, begun, divided_begun)
            SELECT theirs.reader, month, kpi, council, part, sum(numerator), coalesce(sum(denominator), 0), count(*),
                count(*) FILTER (WHERE denominator <> 0), count(*) FILTER (WHERE once <> ''),
                count(*) FILTER (WHERE once <> '' AND denominator <> 0)
            FROM unnest(theirs.counted) GROUP BY month, kpi, council, part;
        END LOOP;
    END LOOP;
    PERFORM set_config('app.organisation', caller, true);
    END $$""",
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
