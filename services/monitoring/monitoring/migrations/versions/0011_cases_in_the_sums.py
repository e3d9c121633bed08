"""Of each case its smallest value beside the sums of its month; and an agency's counted records by one index.

A page of all figures found a median's eight thousand cases among fifty thousand records, and an agency's scorecard read every agency's.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

from shared.migrating import indexes_beside_writers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    # Without a value: counted by a release that knew no cases. Such sums are read from the records, and the next sweep counts them again.
    "ALTER TABLE counted_sums ADD COLUMN cases numeric[]",
    # The sums of the rows that the caller may see of these months. A case is left out only if no other row counts it.
    """CREATE FUNCTION add_up_counted(chosen date[], of_cases text[]) RETURNS void LANGUAGE sql AS $$
    WITH own AS (
        SELECT organisation, month, kpi, council, part, once, numerator, denominator FROM counted WHERE month = ANY (chosen)
    ), smallest AS (
        SELECT month, kpi, council, part, min(numerator) AS value, bool_or(part NOT LIKE 'left out: %') AS counted,
            bool_or(bool_or(part NOT LIKE 'left out: %')) OVER (PARTITION BY month, kpi, once) AS counted_somewhere
        FROM own WHERE kpi = ANY (of_cases) GROUP BY month, kpi, council, part, once
    ), each_case AS (
        SELECT month, kpi, council, part, array_agg(value ORDER BY value) AS cases
        FROM smallest WHERE counted = counted_somewhere GROUP BY month, kpi, council, part
    ), added AS (
        SELECT organisation, month, kpi, council, part, sum(numerator) AS numerator, coalesce(sum(denominator), 0) AS denominator,
            count(*) AS records, count(*) FILTER (WHERE denominator <> 0) AS divided, count(*) FILTER (WHERE once <> '') AS begun,
            count(*) FILTER (WHERE once <> '' AND denominator <> 0) AS divided_begun
        FROM own GROUP BY organisation, month, kpi, council, part
    )
    INSERT INTO counted_sums
        (organisation, month, kpi, council, part, numerator, denominator, records, divided, begun, divided_begun, cases)
    SELECT organisation, added.month, added.kpi, added.council, added.part, numerator, denominator, records, divided, begun, divided_begun,
        coalesce(cases, CASE WHEN added.kpi = ANY (of_cases) THEN ARRAY[]::numeric[] END)
    FROM added LEFT JOIN each_case ON each_case.month = added.month AND each_case.kpi = added.kpi AND each_case.part = added.part
        AND each_case.council IS NOT DISTINCT FROM added.council
    $$""",
    # Beside copy_counted of three arguments, which the release that serves during an upgrade calls.
    """CREATE FUNCTION copy_counted(chosen date[], for_councils text[], for_agencies text[], of_cases text[]) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
        caller text := current_setting('app.organisation', true);
        side text;
        theirs record;
    BEGIN
    FOREACH side IN ARRAY ARRAY['council', 'agency'] LOOP
        -- Each side's rows are read under the caller's setting, which PostgreSQL looks at once, when it begins to read.
        PERFORM set_config('app.organisation', caller, true);
        FOR theirs IN
            SELECT side || ':' || CASE side WHEN 'council' THEN council ELSE agency END AS reader, array_agg(own) AS counted
            FROM counted AS own
            WHERE month = ANY (chosen) AND CASE side
                WHEN 'council' THEN council IS NOT NULL AND kpi = ANY (for_councils)
                ELSE agency <> '*' AND kpi = ANY (for_agencies) END
            GROUP BY 1
        LOOP
            PERFORM set_config('app.organisation', theirs.reader, true);
            INSERT INTO counted
                (organisation, kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator)
            SELECT theirs.reader, kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator
            FROM unnest(theirs.counted);
            PERFORM add_up_counted(chosen, of_cases);
        END LOOP;
    END LOOP;
    PERFORM set_config('app.organisation', caller, true);
    END $$""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    indexes_beside_writers({"counted_month_agency": "counted (organisation, month, kpi, agency)"}, instead_of=("counted_month",))


def downgrade() -> None:
    raise NotImplementedError("no release goes back over this. Restore the backup made before it.")
