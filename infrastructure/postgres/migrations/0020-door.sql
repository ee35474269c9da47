-- Who may come in: keys of systems, stored as hashes, and secrets of the program itself.
-- depends: 0011-kept-log

CREATE SCHEMA door;

CREATE TABLE door.secrets (
    name text PRIMARY KEY,
    value bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE door.keys (
    id text PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE,
    actor_kind text NOT NULL CHECK (actor_kind IN ('system', 'api_key', 'support')),
    actor_id text NOT NULL,
    scopes text[] NOT NULL,
    everywhere boolean NOT NULL,
    locations text[] NOT NULL,
    chains text[] NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
