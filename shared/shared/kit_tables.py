"""The kit's own tables in every service's database: outbox, inbox and kept replies.

``outbox`` and ``inbox`` are plumbing, not a fifth tenancy shape: they belong to no organisation because a relay carries
everybody's news and an event is heard once by a service, not once by each council. So nobody signed in can read them:

* an outbox row may be *written* by any organisation (in the transaction that made the event true) and read, marked or
  pruned only under the setting ``plumbing``, a word no access token can hold (:class:`shared.organisation.Organisation`
  does not parse it);
* an inbox row is an event's id and the moment it was heard, nothing of what the event says. Its ids may be seen by any
  organisation because PostgreSQL asks the SELECT policy for ``ON CONFLICT (event_id)`` and for ``RETURNING`` (tried on 15:
  without one, claiming an event is refused), and the claim has to be made under the organisation whose news it is.

``idempotency_key`` holds replies to a caller and is that organisation's own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

PLUMBING = "plumbing"
"""The value of ``app.organisation`` under which relay and pruning work."""

PLUMBING_TABLES = ("outbox", "inbox")
"""Tables that belong to no organisation; the test of the four shapes knows these two by name."""

_ASKING = "(select current_setting('app.organisation', true))"


def define(metadata: MetaData) -> None:
    """Add the kit's tables to a service's metadata, as :func:`statements_v1` creates them."""
    Table(
        "outbox",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("type", Text, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        Column("sent_at", DateTime(timezone=True)),
        Index("outbox_unsent", "position", postgresql_where=text("sent_at IS NULL")),
        Index("outbox_sent", "sent_at", postgresql_where=text("sent_at IS NOT NULL")),
    )
    Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("heard_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        Index("inbox_heard", "heard_at"),
    )
    Table(
        "idempotency_key",
        metadata,
        Column("organisation", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_hash", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        Index("idempotency_key_age", "organisation", "created_at"),
    )


def statements_v1(service: str) -> list[str]:
    """The SQL that creates the kit's tables for ``service``, one statement an entry, policies and grants included.

    The role ``<service>_app`` must exist. For a service's first migration::

        for statement in kit_tables.statements_v1(service="referrals"):
            op.execute(statement)
    """
    app = f'"{service}_app"'
    return [
        # The envelope is text: it is written once, read once and never searched, and jsonb would parse and print it again.
        """CREATE TABLE outbox (
            id uuid PRIMARY KEY,
            position bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
            type text NOT NULL,
            envelope text NOT NULL,
            recorded_at timestamptz NOT NULL DEFAULT now(),
            sent_at timestamptz
        )""",
        "CREATE INDEX outbox_unsent ON outbox (position) WHERE sent_at IS NULL",
        "CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL",
        # Every row is updated once; without eager cleaning the index of unsent rows fills with dead entries.
        "ALTER TABLE outbox SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)",
        *_guarded("outbox"),
        f"CREATE POLICY outbox_record ON outbox FOR INSERT WITH CHECK ({_ASKING} <> '')",
        f"CREATE POLICY outbox_relay_reads ON outbox FOR SELECT USING ({_ASKING} = '{PLUMBING}')",
        f"CREATE POLICY outbox_relay_marks ON outbox FOR UPDATE USING ({_ASKING} = '{PLUMBING}')",
        f"CREATE POLICY outbox_relay_prunes ON outbox FOR DELETE USING ({_ASKING} = '{PLUMBING}')",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO {app}",
        """CREATE TABLE inbox (
            event_id uuid PRIMARY KEY,
            heard_at timestamptz NOT NULL DEFAULT now()
        )""",
        "CREATE INDEX inbox_heard ON inbox (heard_at)",
        *_guarded("inbox"),
        f"CREATE POLICY inbox_claim ON inbox FOR INSERT WITH CHECK ({_ASKING} <> '')",
        f"CREATE POLICY inbox_known ON inbox FOR SELECT USING ({_ASKING} <> '')",
        f"CREATE POLICY inbox_prunes ON inbox FOR DELETE USING ({_ASKING} = '{PLUMBING}')",
        f"GRANT SELECT, INSERT, DELETE ON inbox TO {app}",
        """CREATE TABLE idempotency_key (
            organisation text NOT NULL,
            key text NOT NULL,
            request_hash bytea NOT NULL,
            status integer NOT NULL,
            headers jsonb NOT NULL,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (organisation, key)
        )""",
        "CREATE INDEX idempotency_key_age ON idempotency_key (organisation, created_at)",
        *_guarded("idempotency_key"),
        f"""CREATE POLICY idempotency_key_own ON idempotency_key FOR ALL
            USING (organisation = {_ASKING}) WITH CHECK (organisation = {_ASKING})""",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_key TO {app}",
    ]


def _guarded(table: str) -> list[str]:
    return [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]
