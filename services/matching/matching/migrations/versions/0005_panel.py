"""The complex needs panel: its seats, votes, extensions, reminders and outcome, a council's own; and the hash of a decision.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"

_TABLES = (
    """CREATE TABLE panel_settings (
        council text NOT NULL,
        hours jsonb NOT NULL,
        version integer NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (council)
    )""",
    """CREATE TABLE panels (
        council text NOT NULL,
        panel uuid NOT NULL,
        referral uuid NOT NULL,
        asked jsonb NOT NULL,
        proposal jsonb,
        deciding text NOT NULL,
        quorum_members integer NOT NULL,
        quorum_roles text[] NOT NULL,
        chair_without_quorum boolean NOT NULL,
        opened_at timestamptz NOT NULL,
        opened_by text NOT NULL,
        closes_at timestamptz NOT NULL,
        all_voted_at timestamptz,
        version integer NOT NULL,
        PRIMARY KEY (council, panel)
    )""",
    "CREATE INDEX panels_of_referral ON panels (council, referral, opened_at)",
    """CREATE TABLE panel_members (
        council text NOT NULL,
        panel uuid NOT NULL,
        member uuid NOT NULL,
        role text NOT NULL,
        office text NOT NULL,
        subject text NOT NULL,
        chair boolean NOT NULL,
        PRIMARY KEY (council, panel, member)
    )""",
    "CREATE UNIQUE INDEX panel_members_once ON panel_members (council, panel, subject)",
    "CREATE INDEX panel_members_by_subject ON panel_members (council, subject)",
    """CREATE TABLE panel_votes (
        council text NOT NULL,
        panel uuid NOT NULL,
        member uuid NOT NULL,
        version integer NOT NULL,
        kind text NOT NULL,
        offer uuid,
        split jsonb,
        reason text NOT NULL,
        words text NOT NULL,
        voted_at timestamptz NOT NULL,
        PRIMARY KEY (council, panel, member, version)
    )""",
    """CREATE TABLE panel_extensions (
        council text NOT NULL,
        panel uuid NOT NULL,
        number integer NOT NULL,
        from_at timestamptz NOT NULL,
        to_at timestamptz NOT NULL,
        reason text NOT NULL,
        extended_by text NOT NULL,
        extended_at timestamptz NOT NULL,
        PRIMARY KEY (council, panel, number)
    )""",
    """CREATE TABLE panel_reminders (
        council text NOT NULL,
        panel uuid NOT NULL,
        member uuid NOT NULL,
        reminder text NOT NULL,
        closes_at timestamptz NOT NULL,
        reminded_at timestamptz NOT NULL,
        PRIMARY KEY (council, panel, member, reminder, closes_at)
    )""",
    """CREATE TABLE panel_outcomes (
        council text NOT NULL,
        panel uuid NOT NULL,
        how text NOT NULL,
        offer uuid,
        split jsonb,
        reason text,
        words text,
        decided_by text,
        decided_at timestamptz NOT NULL,
        PRIMARY KEY (council, panel)
    )""",
)

# What was said or decided stays as it was said: no UPDATE and no DELETE. Of a panel itself only its closing moves.
_GRANTS = {
    "panel_settings": "SELECT, INSERT, UPDATE",
    "panels": "SELECT, INSERT, UPDATE (closes_at, all_voted_at, version)",
    "panel_members": "SELECT, INSERT",
    "panel_votes": "SELECT, INSERT",
    "panel_extensions": "SELECT, INSERT",
    "panel_reminders": "SELECT, INSERT",
    "panel_outcomes": "SELECT, INSERT",
}


def upgrade() -> None:
    """New tables, each a council's own. A decision made before this release has no hash."""
    for statement in _TABLES:
        op.execute(statement)
    for table, rights in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT {rights} ON {table} TO matching_app")
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (council = {_ME}) WITH CHECK (council = {_ME})")
    op.execute("ALTER TABLE decisions ADD COLUMN hash bytea")


def downgrade() -> None:
    """Take the column away; what a panel decided is never thrown away by a migration."""
    raise NotImplementedError("what panels decided is kept")
