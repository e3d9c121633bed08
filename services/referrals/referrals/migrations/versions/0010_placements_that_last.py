"""The placements that last are found among all a council ever made: it looks through them for those that need looking at.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

from shared.migrating import indexes_beside_writers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    indexes_beside_writers({"placements_lasting": "placements (council, id) WHERE state = 'started'"})


def downgrade() -> None:
    op.execute("DROP INDEX placements_lasting")
