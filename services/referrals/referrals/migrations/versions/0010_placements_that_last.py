"""The placements that last are found among all a council ever made: it looks through them for those that need looking at.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Beside writers, for as long as it takes; one that an interrupted try has left half made is made anew.
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS placements_lasting")
        op.execute("CREATE INDEX CONCURRENTLY placements_lasting ON placements (council, id) WHERE state = 'started'")
        op.execute("RESET statement_timeout")
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.execute("DROP INDEX placements_lasting")
