"""The disclosure record becomes a ledger: lines numbered and chained by hash, one chain a council, those already written included."""

import hashlib
import json
from datetime import UTC

import sqlalchemy
from alembic import op

revision = "0003"
down_revision = "0002"

ASKING = "(select current_setting('app.organisation', true))"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE ledger_heads (
    organisation TEXT NOT NULL,
    lines BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (organisation)
)"""
    )
    op.execute("ALTER TABLE disclosures ADD COLUMN line BIGINT, ADD COLUMN previous_hash BYTEA, ADD COLUMN hash BYTEA")
    # The owner is bound by row security like everybody, and has no council to ask as: for this transaction it is not.
    op.execute("ALTER TABLE disclosures NO FORCE ROW LEVEL SECURITY")
    _chain_what_is_there()
    op.execute("ALTER TABLE disclosures FORCE ROW LEVEL SECURITY")
    for column in ("line", "previous_hash", "hash"):
        op.execute(f"ALTER TABLE disclosures ALTER COLUMN {column} SET NOT NULL")
    op.execute("CREATE UNIQUE INDEX disclosures_one_a_line ON disclosures (organisation, line)")
    op.execute("ALTER TABLE ledger_heads ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE ledger_heads FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY ledger_heads_own ON ledger_heads FOR ALL USING (organisation = {ASKING}) WITH CHECK (organisation = {ASKING})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON ledger_heads TO referrals_app")


def _chain_what_is_there() -> None:
    """The lines of before, in the order they were written. The form of a hash is written out here because a migration never changes,
    whatever referrals.domain.ledger may come to say."""
    connection = op.get_bind()
    rows = connection.execute(sqlalchemy.text("SELECT * FROM disclosures ORDER BY organisation, at, id")).all()
    ends: dict[str, tuple[int, bytes]] = {}
    for row in rows:
        number, previous = ends.get(row.organisation, (0, hashlib.sha256(b"hearth/1/ledger\0" + row.organisation.encode()).digest()))
        said = {
            "act": row.act,
            "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "child": str(row.child),
            "fields": list(row.fields),
            "id": str(row.id),
            "line": number + 1,
            "organisation": row.organisation,
            "placement": str(row.placement) if row.placement else None,
            "right": row.by_right,
            "seen_by": row.seen_by,
            "subject": row.subject,
        }
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
        found = hashlib.sha256(b"hearth/1/ledger-line\0" + previous + text).digest()
        connection.execute(
            sqlalchemy.text(
                "UPDATE disclosures SET line = :line, previous_hash = :previous, hash = :hash WHERE organisation = :of AND id = :id"
            ),
            {"line": number + 1, "previous": previous, "hash": found, "of": row.organisation, "id": row.id},
        )
        ends[row.organisation] = (number + 1, found)
    for organisation, (lines, end) in ends.items():
        connection.execute(
            sqlalchemy.text("INSERT INTO ledger_heads (organisation, lines, hash) VALUES (:of, :lines, :hash)"),
            {"of": organisation, "lines": lines, "hash": end},
        )
