-- Webhooks: who is told of which facts, and what came of each telling. Bodies are made from the facts, never kept here.
-- depends: 0021-sessions

CREATE SCHEMA webhooks;

CREATE TABLE webhooks.subscriptions (
    id text PRIMARY KEY,
    url text NOT NULL,
    secret text NOT NULL,
    types text[],
    everywhere boolean NOT NULL,
    locations text[] NOT NULL,
    chains text[] NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    owner text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);

CREATE TABLE webhooks.deliveries (
    subscription text NOT NULL REFERENCES webhooks.subscriptions (id),
    position bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,
    made_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (subscription, position)
);
CREATE INDEX deliveries_waiting ON webhooks.deliveries (subscription, position) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON webhooks.deliveries (subscription) WHERE state = 'dead';
CREATE INDEX deliveries_finished ON webhooks.deliveries (finished_at) WHERE state <> 'waiting';

CREATE TABLE webhooks.attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription text NOT NULL,
    position bigint NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    status integer,
    error text,
    milliseconds integer NOT NULL,
    FOREIGN KEY (subscription, position) REFERENCES webhooks.deliveries (subscription, position) ON DELETE CASCADE
);
CREATE INDEX attempts_of_delivery ON webhooks.attempts (subscription, position, id);
