"""A notice knows the trace it was told in, so that calling a webhook with it is the last step of that trace.

Empty while tracing is off, and in notices of an older version; adding it rewrites no row.

Revision ID: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices ADD COLUMN traceparent text")


def downgrade() -> None:
    op.execute("ALTER TABLE notices DROP COLUMN traceparent")
