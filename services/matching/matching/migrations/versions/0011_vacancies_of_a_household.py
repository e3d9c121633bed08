"""A household's vacancies are found at once: without, each look at what a hold changed read every vacancy of the consortium.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

from shared.migrating import indexes_beside_writers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    indexes_beside_writers({"vacancies_household": "vacancies (household)"})


def downgrade() -> None:
    op.execute("DROP INDEX vacancies_household")
