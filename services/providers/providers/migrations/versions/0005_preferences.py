"""Whom carers would rather look after; added empty: a household recorded before does not say.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Row security and rights are the table's own and cover new columns."""
    op.execute("ALTER TABLE households ADD COLUMN prefers_from_age INTEGER")
    op.execute("ALTER TABLE households ADD COLUMN prefers_to_age INTEGER")
    op.execute("ALTER TABLE households ADD COLUMN prefers_sexes TEXT[] NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    """Take them away again."""
    for column in ("prefers_sexes", "prefers_to_age", "prefers_from_age"):
        op.execute(f"ALTER TABLE households DROP COLUMN {column}")
