"""Short holds, how long they last, offers asked to confirm, what changed in a referral, questions and their answers.

Columns are added empty or with a default: the release before this one goes on writing rows without them.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"

_TABLES = (
    """CREATE TABLE home_holds (
        council text NOT NULL,
        hold uuid NOT NULL,
        vacancy uuid NOT NULL,
        referral uuid NOT NULL,
        offer uuid NOT NULL,
        beds integer NOT NULL CHECK (beds > 0),
        taken_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        cools_until timestamptz NOT NULL,
        chosen_at timestamptz,
        ended_at timestamptz,
        end_reason text,
        PRIMARY KEY (council, hold),
        CONSTRAINT home_holds_have_an_end CHECK (expires_at > taken_at)
    )""",
    "CREATE INDEX home_holds_vacancy ON home_holds (vacancy, taken_at)",
    "CREATE INDEX home_holds_running ON home_holds (council, expires_at) WHERE ended_at IS NULL",
    """CREATE TABLE hold_lengths (
        owner text NOT NULL,
        emergency_minutes integer NOT NULL,
        same_day_minutes integer NOT NULL,
        planned_working_days integer NOT NULL,
        long_term_working_days integer NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (owner)
    )""",
    """CREATE TABLE opportunity_changes (
        council text NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        view_version integer NOT NULL,
        changed_at timestamptz NOT NULL,
        fields text[] NOT NULL,
        details jsonb,
        PRIMARY KEY (referral, provider, council, view_version)
    )""",
    """CREATE TABLE questions (
        council text NOT NULL,
        question uuid NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        topic text NOT NULL,
        words text,
        asked_at timestamptz NOT NULL,
        answered_at timestamptz,
        PRIMARY KEY (council, question)
    )""",
    "CREATE INDEX questions_referral ON questions (council, referral, asked_at)",
    "CREATE INDEX questions_provider ON questions (provider, referral)",
    """CREATE TABLE answers (
        council text NOT NULL,
        referral uuid NOT NULL,
        provider text NOT NULL,
        question uuid NOT NULL,
        topic text NOT NULL,
        words text,
        answer text NOT NULL,
        asked_at timestamptz NOT NULL,
        answered_at timestamptz NOT NULL,
        PRIMARY KEY (referral, provider, council, question)
    )""",
)

_COLUMNS = (
    "ALTER TABLE offers ADD COLUMN flagged_at timestamptz",
    "ALTER TABLE offers ADD COLUMN confirm_by timestamptz",
    "ALTER TABLE offers ADD COLUMN flagged_for jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE offers ADD COLUMN reconfirmed_at timestamptz",
    "ALTER TABLE referrals ADD COLUMN decide_by timestamptz",
    "ALTER TABLE referrals ADD COLUMN waiting_since timestamptz",
)

# Whose rows they are, and who else may change them: a question is put by its provider and marked as answered by its council.
_CONSORTIUM = {"home_holds": "council", "hold_lengths": "owner"}
_BETWEEN_TWO = {
    "opportunity_changes": ("council", f"council = {_ME}"),
    "answers": ("council", f"council = {_ME}"),
    "questions": ("provider", f"council = {_ME} OR provider = {_ME}"),
}


def upgrade() -> None:
    """Make the tables; row security and rights of the old ones cover their new columns."""
    for statement in (*_COLUMNS, *_TABLES):
        op.execute(statement)
    for table in (*_CONSORTIUM, *_BETWEEN_TWO):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO matching_app")
    for table, owner in _CONSORTIUM.items():
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({_ME} <> '')")
        op.execute(f"CREATE POLICY {table}_write ON {table} FOR ALL USING ({owner} = {_ME}) WITH CHECK ({owner} = {_ME})")
    for table, (author, changers) in _BETWEEN_TWO.items():
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING (council = {_ME} OR provider = {_ME})")
        op.execute(f"CREATE POLICY {table}_write ON {table} FOR INSERT WITH CHECK ({author} = {_ME})")
        op.execute(f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({changers}) WITH CHECK ({changers})")


def downgrade() -> None:
    """Take all of it away again."""
    for table in ("answers", "questions", "opportunity_changes", "hold_lengths", "home_holds"):
        op.execute(f"DROP TABLE {table}")
    for statement in _COLUMNS:
        op.execute(statement.replace(" ADD COLUMN ", " DROP COLUMN ").split(" timestamptz")[0].split(" jsonb")[0])
