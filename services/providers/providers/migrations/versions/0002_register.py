"""Ofsted's register as the consortium keeps it: everybody reads, the consortium writes.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ASKING = "(select current_setting('app.organisation', true))"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE register_entries (
        urn TEXT NOT NULL,
        organisation TEXT DEFAULT 'consortium' NOT NULL CHECK (organisation = 'consortium'),
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        provider_codes TEXT[] NOT NULL,
        local_authority TEXT NOT NULL,
        postcode TEXT,
        deregistered_on DATE,
        version INTEGER NOT NULL,
        PRIMARY KEY (urn)
    )"""
    )
    op.execute("ALTER TABLE register_entries ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE register_entries FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY register_entries_read ON register_entries FOR SELECT USING ({_ASKING} <> '')")
    op.execute(
        f"CREATE POLICY register_entries_write ON register_entries FOR ALL USING (organisation = {_ASKING}) WITH CHECK (organisation = {_ASKING})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON register_entries TO providers_app")
