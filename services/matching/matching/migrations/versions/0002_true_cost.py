"""What an offer states of its price beside the weekly fee, and the day on which a referral's ages were told.

Both are added empty: the release before this one goes on writing rows without them.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Row security and rights are the tables' own and cover new columns."""
    op.execute("ALTER TABLE offers ADD COLUMN pricing jsonb NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE referrals ADD COLUMN aged_on date")


def downgrade() -> None:
    """Take both away again."""
    op.execute("ALTER TABLE referrals DROP COLUMN aged_on")
    op.execute("ALTER TABLE offers DROP COLUMN pricing")
