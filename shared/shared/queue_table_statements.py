"""The SQL of the queue table: plain PostgreSQL 15, no extension, one statement a step."""

TABLES = """
SELECT pg_advisory_xact_lock(hashtext('hearth bus tables'));
CREATE SEQUENCE IF NOT EXISTS bus_holder;
CREATE TABLE IF NOT EXISTS bus_binding (queue text NOT NULL, type text NOT NULL, PRIMARY KEY (type, queue));
CREATE TABLE IF NOT EXISTS bus_message (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    holder bigint,
    visible_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX IF NOT EXISTS bus_message_waiting ON bus_message (queue, position) WHERE holder IS NULL;
CREATE INDEX IF NOT EXISTS bus_message_held ON bus_message (holder) WHERE holder IS NOT NULL;
CREATE TABLE IF NOT EXISTS bus_dead_letter (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    reason text NOT NULL,
    died_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS bus_dead_letter_queue ON bus_dead_letter (queue, position);
"""

PUBLISH = """
INSERT INTO bus_message (queue, id, type, body)
SELECT bound.queue, new.id, new.type, new.body
FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS new (id, type, body, place)
JOIN bus_binding bound ON bound.type = new.type AND bound.queue = ANY($4::text[])
ORDER BY new.place
"""

TAKE = """
UPDATE bus_message SET holder = $2, attempts = attempts + 1
WHERE position = ANY (ARRAY(
    SELECT position FROM bus_message WHERE queue = $1 AND holder IS NULL AND visible_at <= now()
    ORDER BY position LIMIT $3 FOR UPDATE SKIP LOCKED))
RETURNING position, id, type, body, attempts
"""

TAKE_OVER = """
UPDATE bus_message SET holder = NULL
WHERE queue = $1 AND holder IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = (holder >> 32)::bigint::oid AND objid = (holder & 4294967295)::bigint::oid AND objsubid = 1)
"""

GIVE_BACK = """
UPDATE bus_message SET holder = NULL, visible_at = now() + make_interval(secs => $3), attempts = attempts - $4
WHERE holder = $1 AND ($2::bigint[] IS NULL OR position = ANY($2))
"""

DIE = """
WITH dead AS (DELETE FROM bus_message WHERE holder = $1 AND position = ANY($2) RETURNING queue, id, type, body)
INSERT INTO bus_dead_letter (queue, id, type, body, reason) SELECT queue, id, type, body, $3 FROM dead
"""

REPLAY = """
WITH back AS (DELETE FROM bus_dead_letter WHERE queue = $1 AND ($2::text[] IS NULL OR id = ANY($2)) RETURNING position, id, type, body)
INSERT INTO bus_message (queue, id, type, body) SELECT $1, id, type, body FROM back ORDER BY position
"""

DISCARD = "DELETE FROM bus_dead_letter WHERE queue = $1 AND id = ANY($2::text[])"

DEPTH = """
SELECT (SELECT count(*) FROM bus_message WHERE queue = $1) AS waiting,
       (SELECT count(*) FROM bus_dead_letter WHERE queue = $1) AS dead,
       (SELECT extract(epoch FROM now() - min(published_at))::float FROM bus_message WHERE queue = $1) AS oldest
"""
