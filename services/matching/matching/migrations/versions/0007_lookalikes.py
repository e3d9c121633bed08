"""Open referrals that could be joined up: marks by which they are found, what each council is told of its own, and the search.

Revision ID: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ME = "(select current_setting('app.organisation', true))"

_TABLES = (
    """CREATE TABLE lookalike_marks (
        council text NOT NULL,
        mark text NOT NULL,
        referral uuid NOT NULL,
        PRIMARY KEY (council, mark, referral)
    )""",
    "CREATE INDEX lookalike_marks_of_referral ON lookalike_marks (council, referral)",
    """CREATE TABLE lookalikes (
        council text NOT NULL,
        referral uuid NOT NULL,
        pair uuid NOT NULL,
        coinciding text[] NOT NULL,
        found_at timestamptz NOT NULL,
        closed_at timestamptz,
        PRIMARY KEY (council, referral, pair)
    )""",
    "CREATE INDEX lookalikes_of_pair ON lookalikes (council, pair)",
)

_GRANTS = {"lookalike_marks": "SELECT, INSERT, DELETE", "lookalikes": "SELECT, INSERT, UPDATE"}

# One round trip asks in every other council's name in turn. It has its caller's rights and passes by no policy: what it reads of
# each council it reads as that council, as handlers do who act for a row's owner.
_SEARCH = """CREATE FUNCTION open_referrals_marked(marks text[], most integer)
RETURNS TABLE (council text, referral uuid, view jsonb)
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $search$
DECLARE
    asking text := current_setting('app.organisation', true);
    other text;
BEGIN
    FOR other IN SELECT o.organisation FROM organisations o WHERE o.organisation LIKE 'council:%' AND o.organisation <> asking ORDER BY 1 LOOP
        PERFORM set_config('app.organisation', other, true);
        RETURN QUERY
            SELECT r.council, r.referral, r.view FROM referrals r
            WHERE r.council = other AND r.state IN ('open', 'choosing') AND r.view IS NOT NULL AND r.referral IN (
                SELECT m.referral FROM lookalike_marks m WHERE m.council = other AND m.mark = ANY (marks)
            )
            ORDER BY r.sent_at DESC, r.referral LIMIT most;
    END LOOP;
    PERFORM set_config('app.organisation', asking, true);
END
$search$"""


# Each row is written in the name of the council whose referral it is of; ``coinciding`` is a list joined by commas.
_KEEP = """CREATE FUNCTION keep_lookalikes(councils text[], referrals uuid[], pairs uuid[], coinciding text[], at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $keep$
DECLARE
    asking text := current_setting('app.organisation', true);
BEGIN
    FOR place IN 1 .. cardinality(councils) LOOP
        PERFORM set_config('app.organisation', councils[place], true);
        INSERT INTO lookalikes AS kept (council, referral, pair, coinciding, found_at)
        VALUES (councils[place], referrals[place], pairs[place], string_to_array(keep_lookalikes.coinciding[place], ','), at)
        ON CONFLICT ON CONSTRAINT lookalikes_pkey DO UPDATE SET coinciding = excluded.coinciding, closed_at = NULL;
    END LOOP;
    PERFORM set_config('app.organisation', asking, true);
END
$keep$"""


def upgrade() -> None:
    """Referrals that are open already are marked when they are next amended; until then others find none of them."""
    for statement in _TABLES:
        op.execute(statement)
    for table, rights in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT {rights} ON {table} TO matching_app")
        op.execute(f"CREATE POLICY {table}_own ON {table} FOR ALL USING (council = {_ME}) WITH CHECK (council = {_ME})")
    for function, statement in (("open_referrals_marked", _SEARCH), ("keep_lookalikes", _KEEP)):
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO matching_app")
