"""Facts heard from events, one row a reader; reference lists that every organisation reads.

Two of the four policy shapes are used: *consortium* for the reference lists, *own* for everything else.
"""

from alembic import op

from shared import kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE councils (
        code text PRIMARY KEY,
        organisation text NOT NULL,
        name text NOT NULL,
        joined_on date NOT NULL,
        lead_roles text[] NOT NULL,
        version integer NOT NULL
    )""",
    """CREATE TABLE agencies (
        urn text PRIMARY KEY,
        organisation text NOT NULL,
        name text NOT NULL,
        rating text NOT NULL,
        sector text NOT NULL,
        version integer NOT NULL
    )""",
    """CREATE TABLE lots (
        code text PRIMARY KEY,
        organisation text NOT NULL,
        framework text NOT NULL,
        title text NOT NULL,
        price_bands jsonb NOT NULL,
        version integer NOT NULL
    )""",
    """CREATE TABLE tier_lists (
        lot text PRIMARY KEY,
        organisation text NOT NULL,
        published_at timestamptz NOT NULL,
        tiers integer NOT NULL,
        lines jsonb NOT NULL,
        version integer NOT NULL
    )""",
    """CREATE TABLE expectations (
        kpi text PRIMARY KEY,
        organisation text NOT NULL,
        value numeric(12,2) NOT NULL,
        words text NOT NULL
    )""",
    """CREATE TABLE referrals (
        organisation text NOT NULL,
        id uuid NOT NULL,
        council text NOT NULL,
        created_version integer,
        created_at timestamptz,
        lot text,
        urgency text,
        re_referral_of uuid,
        broadcast_version integer,
        broadcast_at timestamptz,
        broadcast_lot text,
        in_house_reason text,
        withdrawn_version integer,
        withdrawn_at timestamptz,
        withdrawn_reason text,
        withdrawn_side text,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE offers (
        organisation text NOT NULL,
        id uuid NOT NULL,
        referral uuid NOT NULL,
        council text NOT NULL,
        provider text NOT NULL,
        made_version integer,
        made_at timestamptz,
        lot text,
        tier smallint,
        suitable boolean,
        withdrawn_version integer,
        withdrawn_at timestamptz,
        withdrawn_reason text,
        withdrawn_side text,
        shortlisted_version integer,
        shortlisted_at timestamptz,
        selected_version integer,
        selected_at timestamptz,
        confirmed_version integer,
        confirmed_at timestamptz,
        refused_version integer,
        refused_at timestamptz,
        refused_reasons text[],
        released_version integer,
        released_at timestamptz,
        released_reason text,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE declines (
        organisation text NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        council text NOT NULL,
        declined_version integer NOT NULL,
        declined_at timestamptz NOT NULL,
        reason text NOT NULL,
        side text NOT NULL,
        PRIMARY KEY (organisation, referral, provider)
    )""",
    """CREATE TABLE placements (
        organisation text NOT NULL,
        id uuid NOT NULL,
        referral uuid NOT NULL,
        council text NOT NULL,
        provider text NOT NULL,
        agreed_version integer,
        agreed_at timestamptz,
        lot text,
        tier smallint,
        ages smallint[],
        pounds_per_week numeric(10,2),
        starts_on date,
        within_20_miles text,
        started_version integer,
        started_on date,
        numbers_in_year smallint[],
        ended_version integer,
        ended_from date,
        ended_on date,
        ended_as_planned boolean,
        ended_reason text,
        cancelled_version integer,
        cancelled_at timestamptz,
        cancelled_reason text,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE vacancy_changes (
        organisation text NOT NULL,
        id uuid NOT NULL,
        vacancy uuid NOT NULL,
        version integer NOT NULL,
        provider text NOT NULL,
        event text NOT NULL,
        happened_at timestamptz NOT NULL,
        lots text[] NOT NULL,
        free_beds integer,
        hold uuid,
        beds integer,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE places_counts (
        organisation text NOT NULL,
        provider text NOT NULL,
        version integer NOT NULL,
        counted_at timestamptz NOT NULL,
        households integer NOT NULL,
        approved_places integer NOT NULL,
        PRIMARY KEY (organisation, provider, version)
    )""",
    """CREATE TABLE bed_requests (
        organisation text NOT NULL,
        id uuid NOT NULL,
        council text NOT NULL,
        provider text NOT NULL,
        granted boolean NOT NULL,
        answered_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, id)
    )""",
    """CREATE TABLE baseline_lists (
        organisation text NOT NULL,
        council text NOT NULL,
        version integer NOT NULL,
        uploaded_at timestamptz NOT NULL,
        price_count integer NOT NULL,
        PRIMARY KEY (organisation, council)
    )""",
    """CREATE TABLE baseline_prices (
        organisation text NOT NULL,
        council text NOT NULL,
        version integer NOT NULL,
        lot text NOT NULL,
        band text NOT NULL,
        from_date date NOT NULL,
        pounds_per_week numeric(10,2) NOT NULL,
        PRIMARY KEY (organisation, council, version, lot, band, from_date)
    )""",
)

INDEXES = (
    "CREATE INDEX referrals_created ON referrals (organisation, created_at)",
    "CREATE INDEX referrals_broadcast ON referrals (organisation, broadcast_at)",
    "CREATE INDEX offers_made ON offers (organisation, made_at)",
    "CREATE INDEX offers_referral ON offers (organisation, referral)",
    "CREATE INDEX declines_declined ON declines (organisation, declined_at)",
    "CREATE INDEX placements_agreed ON placements (organisation, agreed_at)",
    "CREATE INDEX placements_ended ON placements (organisation, ended_on)",
    "CREATE INDEX placements_started ON placements (organisation, started_on)",
    "CREATE INDEX vacancy_changes_provider ON vacancy_changes (organisation, provider, happened_at)",
    "CREATE INDEX bed_requests_answered ON bed_requests (organisation, answered_at)",
)

POLICIES = (
    # The reference lists: every signed-in organisation reads, the consortium writes.
    "ALTER TABLE councils ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE councils FORCE ROW LEVEL SECURITY",
    "CREATE POLICY councils_read ON councils FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY councils_write ON councils FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY councils_change ON councils FOR UPDATE USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON councils TO monitoring_app",
    "ALTER TABLE agencies ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE agencies FORCE ROW LEVEL SECURITY",
    "CREATE POLICY agencies_read ON agencies FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY agencies_write ON agencies FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY agencies_change ON agencies FOR UPDATE USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON agencies TO monitoring_app",
    "ALTER TABLE lots ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE lots FORCE ROW LEVEL SECURITY",
    "CREATE POLICY lots_read ON lots FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY lots_write ON lots FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY lots_change ON lots FOR UPDATE USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON lots TO monitoring_app",
    "ALTER TABLE tier_lists ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE tier_lists FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tier_lists_read ON tier_lists FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY tier_lists_write ON tier_lists FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY tier_lists_change ON tier_lists FOR UPDATE USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON tier_lists TO monitoring_app",
    "ALTER TABLE expectations ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE expectations FORCE ROW LEVEL SECURITY",
    "CREATE POLICY expectations_read ON expectations FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY expectations_write ON expectations FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "CREATE POLICY expectations_change ON expectations FOR UPDATE USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON expectations TO monitoring_app",
    # Facts and baseline prices: each row belongs to its one reader.
    "ALTER TABLE referrals ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE referrals FORCE ROW LEVEL SECURITY",
    "CREATE POLICY referrals_own ON referrals FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON referrals TO monitoring_app",
    "ALTER TABLE offers ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE offers FORCE ROW LEVEL SECURITY",
    "CREATE POLICY offers_own ON offers FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON offers TO monitoring_app",
    "ALTER TABLE declines ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE declines FORCE ROW LEVEL SECURITY",
    "CREATE POLICY declines_own ON declines FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON declines TO monitoring_app",
    "ALTER TABLE placements ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE placements FORCE ROW LEVEL SECURITY",
    "CREATE POLICY placements_own ON placements FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON placements TO monitoring_app",
    "ALTER TABLE vacancy_changes ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE vacancy_changes FORCE ROW LEVEL SECURITY",
    "CREATE POLICY vacancy_changes_own ON vacancy_changes FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON vacancy_changes TO monitoring_app",
    "ALTER TABLE places_counts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE places_counts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY places_counts_own ON places_counts FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON places_counts TO monitoring_app",
    "ALTER TABLE bed_requests ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE bed_requests FORCE ROW LEVEL SECURITY",
    "CREATE POLICY bed_requests_own ON bed_requests FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON bed_requests TO monitoring_app",
    "ALTER TABLE baseline_lists ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE baseline_lists FORCE ROW LEVEL SECURITY",
    "CREATE POLICY baseline_lists_own ON baseline_lists FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON baseline_lists TO monitoring_app",
    "ALTER TABLE baseline_prices ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE baseline_prices FORCE ROW LEVEL SECURITY",
    "CREATE POLICY baseline_prices_own ON baseline_prices FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON baseline_prices TO monitoring_app",
)

EXPECTATION = (
    # Row security is forced on the owner too, so the seed is written as the consortium.
    "SELECT set_config('app.organisation', 'consortium', true)",
    """INSERT INTO expectations (kpi, organisation, value, words) VALUES
        ('savings_per_cent', 'consortium', 5.4, 'Average saving the consortium expects in the first year of the framework.')""",
    "SELECT set_config('app.organisation', '', true)",
)


def upgrade() -> None:
    for statement in (*kit_tables.statements_v1(service="monitoring"), *TABLES, *INDEXES, *POLICIES, *EXPECTATION):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("facts are heard once: a step back would lose them. Restore the backup made before the release.")
