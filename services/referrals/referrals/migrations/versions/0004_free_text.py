"""What officers write about a child in their own words, checked before it is sent: the words, sealed; findings cleared; who may read them.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ASKING = "(select current_setting('app.organisation', true))"

TABLES = [
    """CREATE TABLE tier_lines (
    organisation TEXT NOT NULL,
    lot TEXT NOT NULL,
    agency TEXT NOT NULL,
    tier INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (lot, agency)
)""",
    """CREATE TABLE referral_words (
    organisation TEXT NOT NULL,
    referral UUID NOT NULL,
    sealed BYTEA NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_by TEXT NOT NULL,
    sent BYTEA,
    sent_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (organisation, referral)
)""",
    """CREATE TABLE word_clearings (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    referral UUID NOT NULL,
    finding TEXT NOT NULL,
    field TEXT NOT NULL,
    from_character INTEGER NOT NULL,
    to_character INTEGER NOT NULL,
    kind TEXT NOT NULL,
    why TEXT NOT NULL,
    text_hash BYTEA NOT NULL,
    reason TEXT NOT NULL,
    cleared_by TEXT NOT NULL,
    cleared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE UNIQUE INDEX word_clearings_one_a_finding ON word_clearings (organisation, referral, finding)",
    """CREATE TABLE word_readers (
    council TEXT NOT NULL,
    referral UUID NOT NULL,
    provider TEXT NOT NULL,
    tier INTEGER NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (council, referral, provider)
)""",
    "CREATE INDEX word_readers_of_provider ON word_readers (provider, referral)",
]

COUNCILS_OWN = {"referral_words": "SELECT, INSERT, UPDATE, DELETE", "word_clearings": "SELECT, INSERT"}
"""A clearing is only ever added: no UPDATE, no DELETE."""


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table in ("tier_lines", *COUNCILS_OWN, "word_readers"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tier_lines_read ON tier_lines FOR SELECT USING ({ASKING} <> '')")
    op.execute(f"CREATE POLICY tier_lines_insert ON tier_lines FOR INSERT WITH CHECK (organisation = {ASKING})")
    op.execute(
        f"CREATE POLICY tier_lines_update ON tier_lines FOR UPDATE USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})"
    )
    op.execute(f"CREATE POLICY tier_lines_delete ON tier_lines FOR DELETE USING (organisation = {ASKING})")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tier_lines TO referrals_app")
    for table, granted in COUNCILS_OWN.items():
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT {granted} ON {table} TO referrals_app")
    op.execute(f"CREATE POLICY word_readers_read ON word_readers FOR SELECT USING (council = {ASKING} OR provider = {ASKING})")
    op.execute(f"CREATE POLICY word_readers_insert ON word_readers FOR INSERT WITH CHECK (council = {ASKING})")
    op.execute(f"CREATE POLICY word_readers_update ON word_readers FOR UPDATE USING (council = {ASKING}) WITH CHECK (council = {ASKING})")
    op.execute("GRANT SELECT, INSERT ON word_readers TO referrals_app")
