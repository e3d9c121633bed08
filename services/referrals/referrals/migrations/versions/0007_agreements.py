"""Individual placement agreements, between the council and the one provider: what a side says is written under that side's own rights."""

from alembic import op

revision = "0007"
down_revision = "0006"

ASKING = "(select current_setting('app.organisation', true))"

TABLES = [
    """CREATE TABLE agreement_versions (
    council TEXT NOT NULL,
    placement UUID NOT NULL,
    number INTEGER NOT NULL,
    provider TEXT NOT NULL,
    form TEXT NOT NULL,
    content JSONB NOT NULL,
    content_hash TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (council, placement, number),
    CONSTRAINT agreement_versions_by_a_side CHECK (author IN (council, provider))
)""",
    """CREATE TABLE agreement_acts (
    council TEXT NOT NULL,
    placement UUID NOT NULL,
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    act TEXT NOT NULL,
    provider TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    reason TEXT,
    recorded_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (council, placement, number, author, act),
    CONSTRAINT agreement_acts_by_a_side CHECK (author IN (council, provider))
)""",
    """CREATE TABLE agreement_notices (
    council TEXT NOT NULL,
    placement UUID NOT NULL,
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    author TEXT NOT NULL,
    given_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    reason TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by TEXT,
    PRIMARY KEY (council, placement, id),
    CONSTRAINT agreement_notices_by_a_side CHECK (author IN (council, provider))
)""",
    "CREATE UNIQUE INDEX agreement_notices_one_standing ON agreement_notices (council, placement) WHERE withdrawn_at IS NULL",
    """CREATE TABLE agreement_reminders (
    council TEXT NOT NULL,
    placement UUID NOT NULL,
    due_on DATE NOT NULL,
    stage TEXT NOT NULL,
    provider TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (council, placement, due_on, stage)
)""",
]

WRITTEN_BY = {
    "agreement_versions": ("author", "SELECT, INSERT"),
    "agreement_acts": ("author", "SELECT, INSERT"),
    "agreement_notices": ("author", "SELECT, INSERT, UPDATE"),
    "agreement_reminders": ("council", "SELECT, INSERT"),
}
"""Between two: whose the row is to write, and what the application may do. What was proposed and signed is only ever added to."""


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, (author, granted) in WRITTEN_BY.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING (council = {ASKING} OR provider = {ASKING})")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({author} = {ASKING})")
        if "UPDATE" in granted:
            op.execute(f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({author} = {ASKING}) WITH CHECK ({author} = {ASKING})")
        op.execute(f"GRANT {granted} ON {table} TO referrals_app")
