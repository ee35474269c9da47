-- The evidence: a tree for each location over its facts, and one log over the heads of all trees. Rows are only added.
-- depends: 0025-views
--
--   evidence.logs         the trees; number 0 is the head log
--   evidence.runs         leaf hashes of a tree, some at a time, with the positions of their facts
--   evidence.tiles        roots of whole subtrees of 256, 65,536, ... leaves: proofs read few rows
--   evidence.heads        the leaves of the head log: heads of trees, and what happened to the log itself
--   evidence.growths      how far the trees had come: facts covered, size and right edge of the head log
--   evidence.checkpoints  what was signed; evidence.cosignatures what witnesses signed
--   evidence.events       what is to be said in the head log
--
-- Advisory locks, by their first key:
--   7320  who lets the trees grow (transaction)
--   7321  who publishes (session)

CREATE SCHEMA evidence;

-- A location's tree goes by a name that does not tell the location: everybody may read the head log.
CREATE TABLE evidence.logs (
    id int PRIMARY KEY,
    tree text NOT NULL UNIQUE,
    opaque text NOT NULL UNIQUE DEFAULT replace(gen_random_uuid()::text, '-', '')
);
CREATE SEQUENCE evidence.log_ids OWNED BY evidence.logs.id;
ALTER TABLE evidence.logs ALTER COLUMN id SET DEFAULT nextval('evidence.log_ids');
INSERT INTO evidence.logs (id, tree) VALUES (0, 'heads');

CREATE TABLE evidence.runs (
    log int NOT NULL REFERENCES evidence.logs (id),
    start bigint NOT NULL,              -- the index of the first leaf
    last_position bigint NOT NULL,
    positions bigint[] NOT NULL,
    hashes bytea NOT NULL,              -- 32 bytes a leaf
    PRIMARY KEY (log, start)
);
CREATE INDEX runs_position ON evidence.runs (log, last_position);

CREATE TABLE evidence.tiles (
    log int NOT NULL REFERENCES evidence.logs (id),
    level smallint NOT NULL,            -- 1: of 256 leaves, 2: of 65,536, and so on
    index bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (log, level, index)
);

CREATE TABLE evidence.heads (
    index bigint PRIMARY KEY,
    log int REFERENCES evidence.logs (id),  -- null for an event
    size bigint,
    edge bytea,                         -- roots of the whole subtrees along the right edge, largest first
    leaf bytea NOT NULL
);
CREATE UNIQUE INDEX heads_log ON evidence.heads (log, size) INCLUDE (index) WHERE log IS NOT NULL;

CREATE TABLE evidence.growths (
    size bigint PRIMARY KEY,
    position bigint NOT NULL,
    edge bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX growths_position ON evidence.growths (position);

CREATE TABLE evidence.checkpoints (
    size bigint PRIMARY KEY REFERENCES evidence.growths (size),
    note text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE evidence.cosignatures (
    size bigint NOT NULL REFERENCES evidence.checkpoints (size),
    line text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, line)
);

CREATE TABLE evidence.events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    leaf bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX events_leaf ON evidence.events (sha256(leaf));
-- Which events the head log has taken in, and at which index.
CREATE TABLE evidence.events_told (
    event bigint PRIMARY KEY REFERENCES evidence.events (id),
    index bigint NOT NULL REFERENCES evidence.heads (index)
);
