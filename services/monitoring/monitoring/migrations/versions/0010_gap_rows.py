"""What gap analysis keeps of each broadcast referral, and of which months it is kept."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE gap_referrals (
        organisation text NOT NULL,
        month date NOT NULL,
        referral uuid NOT NULL,
        council text NOT NULL,
        lot text NOT NULL,
        urgency text,
        broadcast_at timestamptz NOT NULL,
        closes_at timestamptz,
        home_district text,
        ages smallint[] NOT NULL,
        needs text[] NOT NULL,
        offers integer NOT NULL,
        offers_placed integer NOT NULL,
        first_offer_at timestamptz,
        nearest_miles numeric,
        free_anywhere integer NOT NULL,
        free_near integer
    )""",
    # As with the other counts, a row is only ever deleted with its whole month: it has no name of its own to be found by.
    "CREATE INDEX gap_referrals_broadcast ON gap_referrals (organisation, broadcast_at)",
    "CREATE INDEX gap_referrals_month ON gap_referrals (organisation, month)",
    # A month that was counted by a release without these rows stands in counted_sums and not here: the next sweep counts it again.
    """CREATE TABLE gap_months (
        organisation text NOT NULL,
        month date NOT NULL,
        PRIMARY KEY (organisation, month)
    )""",
    "ALTER TABLE gap_referrals ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE gap_referrals FORCE ROW LEVEL SECURITY",
    "CREATE POLICY gap_referrals_own ON gap_referrals FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, DELETE ON gap_referrals TO monitoring_app",
    "ALTER TABLE gap_months ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE gap_months FORCE ROW LEVEL SECURITY",
    "CREATE POLICY gap_months_own ON gap_months FOR ALL USING (organisation = (select current_setting('app.organisation', true))) WITH CHECK (organisation = (select current_setting('app.organisation', true)))",
    "GRANT SELECT, INSERT, DELETE ON gap_months TO monitoring_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("no release goes back over this. Restore the backup made before it.")
