-- The tables of the ledger. Rows of entries, facts and positions are only ever added.
--
-- Advisory locks, by their first key:
--   7301  migrations (session)
--   7302  1024 groups of streams, second key 0..1023 (transaction; shared by appends)
--   7303  the sequencer (transaction)
--   7304  a new generation (transaction)
--   7305  a running import, second key its id (session)
--   7306  the end of an import, second key its id (transaction)
--   and with one key of 64 bits: a stream, by the hash of its name (transaction)
-- depends:

CREATE SCHEMA IF NOT EXISTS ledger;

-- A generation is one history of transaction ids: a dump that is restored into another cluster starts a new one.
CREATE TABLE ledger.generations (
    generation int PRIMARY KEY,
    system_identifier bigint NOT NULL,
    first_xid xid8 NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE ledger.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation int NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    fact uuid NOT NULL,
    stream text NOT NULL,
    version bigint,
    type text NOT NULL,
    location text,
    recorded_at timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    carries uuid[],
    command uuid,
    body bytea NOT NULL,
    personal bytea
);

-- The one optimistic concurrency control. Observations have no version and are not in it.
CREATE UNIQUE INDEX entries_stream_version ON ledger.entries (stream, version) WHERE version IS NOT NULL;

-- One stream in final order, with its unversioned rows.
CREATE INDEX entries_stream_order ON ledger.entries (stream, generation, xid, id);

-- The order in which the sequencer gives positions.
CREATE INDEX entries_order ON ledger.entries (generation, xid, id);

CREATE INDEX entries_command ON ledger.entries (command) WHERE command IS NOT NULL;

-- The last recorded_at of a location, and the list of locations.
CREATE INDEX entries_location ON ledger.entries (location, recorded_at) WHERE location IS NOT NULL;

-- Every fact id that was ever used, by an entry itself or by a fact carried inside one: one unique index for both,
-- so that two transactions can never use one id in the two ways at once, and no lock is needed for that.
CREATE TABLE ledger.facts (
    fact uuid PRIMARY KEY,
    entry bigint NOT NULL
);

-- The final order; filled by the sequencer only.
CREATE TABLE ledger.positions (
    position bigint PRIMARY KEY,
    entry bigint NOT NULL UNIQUE
);

-- How far the sequencer came: one row.
CREATE TABLE ledger.sequencer (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    generation int NOT NULL DEFAULT 0,
    xid xid8 NOT NULL DEFAULT '0',
    id bigint NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0,
    horizon xid8 NOT NULL DEFAULT '0'
);

INSERT INTO ledger.sequencer DEFAULT VALUES;

-- A row as it is read. The transaction id is shown as bigint because drivers do not know xid8.
CREATE VIEW ledger.rows AS
SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
    e.body, e.personal, p.position, e.id AS entry, e.generation, e.xid::text::bigint AS xid
FROM ledger.entries AS e
LEFT JOIN ledger.positions AS p ON p.entry = e.id;
