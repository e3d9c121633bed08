"""An agency's offers are found among millions: by referral, by vacancy, and the newest first.

Under "its council's or its provider's" the planner takes one row in a hundred of an agency's own to be its own, and so reads all of them to
sort fifty. The same rule said as a CASE is guessed at one in two, and the list is read from the end of its index.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

from shared.migrating import indexes_beside_writers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWN = "(select current_setting('app.organisation', true))"
INDEXES = {
    "offers_of_provider_referral": "offers (provider, referral)",
    "offers_chosen_of_provider": "offers (provider, vacancy) WHERE state IN ('shortlisted', 'selected')",
}


def upgrade() -> None:
    op.execute(f"ALTER POLICY offers_read ON offers USING (CASE WHEN provider = {OWN} THEN true ELSE council = {OWN} END)")
    indexes_beside_writers(INDEXES)


def downgrade() -> None:
    op.execute(f"ALTER POLICY offers_read ON offers USING (council = {OWN} OR provider = {OWN})")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
