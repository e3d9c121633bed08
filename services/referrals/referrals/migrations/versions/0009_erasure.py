"""Keys that can be destroyed: each data key leaves the row it opens for a table of its own, and rows about a child can be deleted.

Revision ID: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ASKING = "(select current_setting('app.organisation', true))"

TABLES = [
    """CREATE TABLE data_keys (
    organisation TEXT NOT NULL,
    subject UUID NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    PRIMARY KEY (organisation, subject)
)""",
    "CREATE INDEX data_keys_by_key ON data_keys (organisation, key_id)",
    """CREATE TABLE erasures (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    child UUID,
    ground TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_by TEXT,
    settled_at TIMESTAMP WITH TIME ZONE,
    key_ids TEXT[] NOT NULL,
    PRIMARY KEY (organisation, id)
)""",
    """CREATE UNIQUE INDEX erasures_one_asked ON erasures
    (organisation, coalesce(child, '00000000-0000-0000-0000-000000000000')) WHERE state = 'asked'""",
    "CREATE INDEX erasures_of_child ON erasures (organisation, child)",
    """CREATE TABLE legal_holds (
    organisation TEXT NOT NULL,
    id UUID NOT NULL,
    child UUID NOT NULL,
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lifted_by TEXT,
    lifted_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (organisation, id)
)""",
    "CREATE UNIQUE INDEX legal_holds_one_in_force ON legal_holds (organisation, child) WHERE lifted_at IS NULL",
]

COUNCILS_OWN = {
    "data_keys": "SELECT, INSERT, UPDATE, DELETE",
    "erasures": "SELECT, INSERT, UPDATE",
    "legal_holds": "SELECT, INSERT, UPDATE",
}

KEYED = {"children": "id", "postcodes": "subject"}
"""Tables whose rows hold their own data key until now, and the column that says whose key it is."""

MAY_BE_DELETED = (
    "care_periods", "legal_statuses", "reviews", "outside_placements", "postcodes", "outcomes", "distances", "search_keys",
    "placement_events", "placement_looks", "care_corrections",
)  # fmt: skip


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, granted in COUNCILS_OWN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})")
        op.execute(f"GRANT {granted} ON {table} TO referrals_app")
    for table in MAY_BE_DELETED:
        op.execute(f"GRANT DELETE ON {table} TO referrals_app")
    # An event that the provider reported is about the council's child too, and falls with its record.
    op.execute(f"CREATE POLICY placement_events_delete ON placement_events FOR DELETE USING (council = {ASKING})")
    op.execute("ALTER TABLE children ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE")
    # The owner is bound by row security like everybody, and has no council to ask as: for this transaction it is not.
    for table, subject in KEYED.items():
        for each in (table, "data_keys"):
            op.execute(f"ALTER TABLE {each} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"INSERT INTO data_keys SELECT organisation, {subject}, key_id, wrapped_key FROM {table}")  # noqa: S608
        for each in (table, "data_keys"):
            op.execute(f"ALTER TABLE {each} FORCE ROW LEVEL SECURITY")
    op.execute("DROP INDEX children_by_key")
    for table in KEYED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN key_id, DROP COLUMN wrapped_key")
