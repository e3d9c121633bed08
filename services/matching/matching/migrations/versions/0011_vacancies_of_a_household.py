"""A household's vacancies are found at once: without, each look at what a hold changed read every vacancy of the consortium.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Beside writers, for as long as it takes; one that an interrupted try has left half made is made anew.
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS vacancies_household")
        op.execute("CREATE INDEX CONCURRENTLY vacancies_household ON vacancies (household)")
        op.execute("RESET statement_timeout")
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.execute("DROP INDEX vacancies_household")
