"""Notices, webhooks and what became of each sending.

A notice is its organisation's own: written by its author (the council that broadcast, the agency that offered), read, numbered
and cleared away by the organisation it is for. A webhook and its deliveries are their organisation's own. ``webhook_owners``
says for which organisations the sender has anything to look at; it is the consortium's shape so that the sender, which acts for one
organisation after the other, need not ask all of them.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"

_TABLES = (
    # No primary key: a row is written without a number and numbered when its organisation first looks (decision 0517). One index
    # serves both states; a broadcast to 330 agencies pays for each index 330 times.
    """CREATE TABLE notices (
        organisation text NOT NULL,
        author text NOT NULL,
        notice uuid NOT NULL,
        type text NOT NULL,
        happened_at timestamptz NOT NULL,
        council text,
        referral uuid,
        reference text,
        offer uuid,
        subject uuid,
        number bigint
    )""",
    "CREATE UNIQUE INDEX notices_in_order ON notices (organisation, number)",
    """CREATE TABLE notice_feeds (
        organisation text NOT NULL,
        numbered bigint NOT NULL,
        pruned bigint DEFAULT 0 NOT NULL,
        PRIMARY KEY (organisation)
    )""",
    """CREATE TABLE webhooks (
        organisation text NOT NULL,
        webhook uuid NOT NULL,
        url text NOT NULL,
        types text[] NOT NULL,
        description text NOT NULL,
        state text NOT NULL,
        stopped_because text,
        secret text NOT NULL,
        old_secret text,
        old_secret_until timestamptz,
        carried bigint NOT NULL,
        failing_since timestamptz,
        succeeded_at timestamptz,
        made_at timestamptz NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (organisation, webhook)
    )""",
    """CREATE TABLE webhook_deliveries (
        organisation text NOT NULL,
        webhook uuid NOT NULL,
        number bigint NOT NULL,
        notice uuid NOT NULL,
        state text NOT NULL,
        due_at timestamptz NOT NULL,
        held_until timestamptz,
        holder uuid,
        attempts integer DEFAULT 0 NOT NULL,
        first_tried_at timestamptz,
        last_tried_at timestamptz,
        last_status integer,
        last_failure text,
        PRIMARY KEY (organisation, webhook, number)
    )""",
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (organisation, webhook, due_at) WHERE state = 'waiting'",
    """CREATE TABLE webhook_owners (
        organisation text NOT NULL,
        active boolean NOT NULL,
        PRIMARY KEY (organisation)
    )""",
)

_GRANTS = {
    "notices": "SELECT, INSERT, UPDATE, DELETE",
    "notice_feeds": "SELECT, INSERT, UPDATE",
    "webhooks": "SELECT, INSERT, UPDATE, DELETE",
    "webhook_deliveries": "SELECT, INSERT, UPDATE, DELETE",
    "webhook_owners": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)
    for table, rights in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT {rights} ON {table} TO matching_app")
    for table in ("notice_feeds", "webhooks", "webhook_deliveries"):
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {_ME}) WITH CHECK (organisation = {_ME})")
    op.execute(f"CREATE POLICY notices_read ON notices FOR SELECT USING (organisation = {_ME})")
    op.execute(f"CREATE POLICY notices_write ON notices FOR INSERT WITH CHECK (author = {_ME})")
    op.execute(f"CREATE POLICY notices_number ON notices FOR UPDATE USING (organisation = {_ME}) WITH CHECK (organisation = {_ME})")
    op.execute(f"CREATE POLICY notices_clear ON notices FOR DELETE USING (organisation = {_ME})")
    op.execute(f"CREATE POLICY webhook_owners_read ON webhook_owners FOR SELECT USING ({_ME} <> '')")
    op.execute(
        f"CREATE POLICY webhook_owners_write ON webhook_owners FOR ALL USING (organisation = {_ME}) WITH CHECK (organisation = {_ME})"
    )


def downgrade() -> None:
    """Notices, webhooks and their deliveries go."""
    for table in ("webhook_owners", "webhook_deliveries", "webhooks", "notice_feeds", "notices"):
        op.execute(f"DROP TABLE {table}")
