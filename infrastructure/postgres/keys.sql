-- The key store: one data key a subject, wrapped. It lies in a database of its own where that can be had, so it has no
-- part in the ledger's migrations. Subjects are known here by their SHA-256 alone.
--
-- Advisory locks, by their first key:
--   7310  who makes these tables, or destroys keys (transaction), or clears away after it (session)

-- name: alone
SELECT pg_advisory_xact_lock(7310, 0)

-- name: exists
SELECT to_regclass('keys.state') IS NOT NULL

-- name: make
CREATE SCHEMA IF NOT EXISTS keys;
-- `epoch` rises with every destruction; a restored backup has an older one. `swept` is the last epoch after which the
-- table of secrets was written anew.
CREATE TABLE IF NOT EXISTS keys.state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch bigint NOT NULL,
    swept bigint NOT NULL,
    wrapping bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS keys.secrets (
    id uuid PRIMARY KEY,
    subject bytea NOT NULL UNIQUE,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS keys.destroyed (
    id uuid PRIMARY KEY,
    subject bytea NOT NULL,
    epoch bigint NOT NULL,
    destroyed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS destroyed_epoch ON keys.destroyed (epoch)

-- name: begin
INSERT INTO keys.state (epoch, swept, wrapping) VALUES (1, 1, %s) ON CONFLICT DO NOTHING

-- name: state
SELECT s.epoch, s.swept, s.wrapping FROM keys.state AS s

-- name: epoch
SELECT s.epoch FROM keys.state AS s

-- name: ensure
-- Keys that are there come back as they are; those that are not are made of what is offered. One that another process
-- makes at this moment is seen only by the next try.
WITH offered (id, subject, wrapped) AS (
    SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[])
), made AS (
    INSERT INTO keys.secrets (id, subject, wrapped)
    SELECT o.id, o.subject, o.wrapped FROM offered AS o
    WHERE NOT EXISTS (SELECT FROM keys.secrets AS s WHERE s.subject = o.subject)
    ON CONFLICT (subject) DO NOTHING
    RETURNING id, subject, wrapped
)
SELECT m.subject, m.id, m.wrapped FROM made AS m
UNION ALL
SELECT s.subject, s.id, s.wrapped FROM keys.secrets AS s JOIN offered AS o ON o.subject = s.subject

-- name: of_subjects
SELECT s.subject, s.id, s.wrapped FROM keys.secrets AS s WHERE s.subject = ANY(%s::bytea[])

-- name: held
SELECT s.id, s.subject, s.wrapped FROM keys.secrets AS s WHERE s.id = ANY(%s::uuid[])

-- name: gone
SELECT d.id FROM keys.destroyed AS d WHERE d.id = ANY(%s::uuid[])

-- name: next_epoch
-- By the clock, so that epochs after a backup was restored are none that ever were before.
UPDATE keys.state AS s SET epoch = greatest(s.epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
RETURNING s.epoch

-- name: destroy
WITH gone AS (
    DELETE FROM keys.secrets AS s WHERE s.subject = ANY(%(subjects)s::bytea[]) RETURNING s.id, s.subject
)
INSERT INTO keys.destroyed (id, subject, epoch)
SELECT g.id, g.subject, %(epoch)s FROM gone AS g
RETURNING id

-- name: destroy_again
-- Keys that a restored backup has brought back; those it has not get their stone all the same.
WITH named (id, subject) AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(subjects)s::bytea[])
), gone AS (
    DELETE FROM keys.secrets AS s USING named AS n WHERE s.id = n.id RETURNING s.id
), stones AS (
    INSERT INTO keys.destroyed (id, subject, epoch)
    SELECT n.id, n.subject, %(epoch)s FROM named AS n
    ON CONFLICT (id) DO NOTHING
)
SELECT g.id FROM gone AS g

-- name: any_to_destroy
SELECT EXISTS (SELECT FROM keys.secrets AS s WHERE s.subject = ANY(%s::bytea[]))

-- name: any_without_stone
SELECT EXISTS (
    SELECT FROM unnest(%s::uuid[]) AS n (id)
    WHERE EXISTS (SELECT FROM keys.secrets AS s WHERE s.id = n.id)
        OR NOT EXISTS (SELECT FROM keys.destroyed AS d WHERE d.id = n.id)
)

-- name: destroyed_since
SELECT DISTINCT d.subject FROM keys.destroyed AS d WHERE d.epoch > %s

-- name: sweep_alone
SELECT pg_advisory_lock(7310, 1)

-- name: sweep_done
SELECT pg_advisory_unlock(7310, 1)

-- name: sweep
VACUUM (FULL) keys.secrets

-- name: swept
UPDATE keys.state AS s SET swept = greatest(s.swept, %s)

-- name: has_database
SELECT 1 FROM pg_database WHERE datname = %s

-- name: create_database
-- From the plain template: nothing that somebody put into the default one.
CREATE DATABASE "keys" TEMPLATE template0
