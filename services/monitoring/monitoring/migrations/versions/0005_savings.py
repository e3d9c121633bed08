"""The savings ledger: the index that prices are adjusted by, awarded prices, the baseline period, unit costs, the lines as counted."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    # What every provider of the lot may see of a need and of a vacancy, by which gaps are found.
    "ALTER TABLE referrals ADD COLUMN ages smallint[], ADD COLUMN closes_at timestamptz, ADD COLUMN home_district text, ADD COLUMN needs text[]",
    "ALTER TABLE offers ADD COLUMN vacancy uuid",
    "ALTER TABLE vacancy_changes ADD COLUMN district text, ADD COLUMN from_age smallint, ADD COLUMN to_age smallint",
    """CREATE TABLE price_indices (
        version integer NOT NULL,
        organisation text NOT NULL,
        source text NOT NULL,
        uploaded_at timestamptz NOT NULL,
        months integer NOT NULL,
        PRIMARY KEY (version)
    )""",
    """CREATE TABLE price_index_values (
        version integer NOT NULL,
        month date NOT NULL,
        organisation text NOT NULL,
        value numeric(12,4) NOT NULL,
        PRIMARY KEY (version, month)
    )""",
    """CREATE TABLE awarded_prices (
        organisation text NOT NULL,
        lot text NOT NULL,
        round uuid NOT NULL,
        agency text NOT NULL,
        band text NOT NULL,
        awarded_at timestamptz NOT NULL,
        tier smallint NOT NULL,
        pounds_per_week numeric(10,2) NOT NULL,
        PRIMARY KEY (organisation, lot, round, agency, band)
    )""",
    """CREATE TABLE ledger_lists (
        organisation text NOT NULL,
        author text NOT NULL,
        list text NOT NULL,
        version integer NOT NULL,
        uploaded_at timestamptz NOT NULL,
        rows integer NOT NULL,
        first date,
        last date,
        PRIMARY KEY (organisation, author, list)
    )""",
    """CREATE TABLE baseline_nights (
        organisation text NOT NULL,
        council text NOT NULL,
        version integer NOT NULL,
        lot text NOT NULL,
        band text NOT NULL,
        nights integer NOT NULL,
        PRIMARY KEY (organisation, council, version, lot, band)
    )""",
    """CREATE TABLE unit_costs (
        organisation text NOT NULL,
        author text NOT NULL,
        version integer NOT NULL,
        event text NOT NULL,
        pence bigint NOT NULL,
        per_1000_nights numeric(8,4) NOT NULL,
        source text NOT NULL,
        PRIMARY KEY (organisation, author, version, event)
    )""",
    """CREATE TABLE ledger_states (
        organisation text NOT NULL,
        council text NOT NULL,
        counted_from text NOT NULL,
        counted_at timestamptz NOT NULL,
        PRIMARY KEY (organisation, council)
    )""",
    """CREATE TABLE ledger_lines (
        organisation text NOT NULL,
        council text NOT NULL,
        quarter date NOT NULL,
        kind text NOT NULL,
        id text NOT NULL,
        lot text NOT NULL,
        provider text,
        tier text NOT NULL,
        nights integer NOT NULL,
        count integer NOT NULL,
        volume bigint NOT NULL,
        mix bigint NOT NULL,
        rate_framework bigint NOT NULL,
        rate_agreed bigint NOT NULL,
        tier_effect bigint NOT NULL,
        baseline bigint NOT NULL,
        paid bigint NOT NULL,
        baseline_real bigint,
        paid_real bigint,
        index_missing date,
        source text,
        tier_one_known boolean NOT NULL,
        begun date,
        why text NOT NULL,
        PRIMARY KEY (organisation, council, quarter, kind, id)
    )""",
    "CREATE INDEX ledger_lines_quarter ON ledger_lines (organisation, quarter, council)",
    # The index that prices are adjusted by: every signed-in organisation reads, the consortium writes.
    "ALTER TABLE price_indices ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE price_indices FORCE ROW LEVEL SECURITY",
    "CREATE POLICY price_indices_read ON price_indices FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY price_indices_write ON price_indices FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON price_indices TO monitoring_app",
    "ALTER TABLE price_index_values ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE price_index_values FORCE ROW LEVEL SECURITY",
    "CREATE POLICY price_index_values_read ON price_index_values FOR SELECT USING ((select current_setting('app.organisation', true)) <> '')",
    "CREATE POLICY price_index_values_write ON price_index_values FOR INSERT WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT ON price_index_values TO monitoring_app",
    # Each row belongs to its one reader; awarded prices are the consortium's alone.
    "ALTER TABLE awarded_prices ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE awarded_prices FORCE ROW LEVEL SECURITY",
    "CREATE POLICY awarded_prices_own ON awarded_prices FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON awarded_prices TO monitoring_app",
    "ALTER TABLE ledger_lists ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE ledger_lists FORCE ROW LEVEL SECURITY",
    "CREATE POLICY ledger_lists_own ON ledger_lists FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON ledger_lists TO monitoring_app",
    "ALTER TABLE baseline_nights ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE baseline_nights FORCE ROW LEVEL SECURITY",
    "CREATE POLICY baseline_nights_own ON baseline_nights FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON baseline_nights TO monitoring_app",
    "ALTER TABLE unit_costs ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE unit_costs FORCE ROW LEVEL SECURITY",
    "CREATE POLICY unit_costs_own ON unit_costs FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE ON unit_costs TO monitoring_app",
    "ALTER TABLE ledger_states ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE ledger_states FORCE ROW LEVEL SECURITY",
    "CREATE POLICY ledger_states_own ON ledger_states FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_states TO monitoring_app",
    "ALTER TABLE ledger_lines ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE ledger_lines FORCE ROW LEVEL SECURITY",
    "CREATE POLICY ledger_lines_own ON ledger_lines FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_lines TO monitoring_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was recorded would be lost. Restore the backup made before the release.")
