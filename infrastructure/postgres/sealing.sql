-- Sealing of rows that were stored before there were seals. Once, while nobody else is at work, and before trees exist.

-- name: alone
SELECT pg_advisory_xact_lock(7310, 2)

-- name: settings
SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = 0

-- name: trees
SELECT EXISTS (SELECT FROM evidence.runs)

-- name: plain
SELECT (SELECT count(*) FROM ledger.entries AS e WHERE substr(e.personal, 1, 1) = '{'::bytea)
    + (SELECT count(*) FROM ledger.retired AS r WHERE substr(r.personal, 1, 1) = '{'::bytea)

-- name: guard_off
-- For this transaction alone; how each trigger was is noted, and put back as it was at the end.
CREATE TEMPORARY TABLE guarding ON COMMIT DROP AS
    SELECT t.tgrelid, t.tgname, t.tgenabled
    FROM pg_trigger AS t
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgrelid IN (
        SELECT p.relid FROM pg_partition_tree('ledger.entries') AS p
        UNION
        SELECT p.relid FROM pg_partition_tree('ledger.retired') AS p
    );
DO $body$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT * FROM pg_temp.guarding LOOP
        EXECUTE format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', each.tgrelid::regclass, each.tgname);
    END LOOP;
END
$body$

-- name: guard_on
DO $body$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT * FROM pg_temp.guarding LOOP
        EXECUTE format(
            'ALTER TABLE ONLY %s ENABLE %s TRIGGER %I', each.tgrelid::regclass,
            CASE each.tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, each.tgname
        );
    END LOOP;
END
$body$

-- name: entries
SELECT e.id, e.fact, e.type, e.location, e.body, e.personal
FROM ledger.entries AS e
WHERE e.id > %(after)s AND substr(e.personal, 1, 1) = '{'::bytea
ORDER BY e.id
LIMIT 2000

-- name: retired
SELECT e.id, e.fact, e.type, e.location, e.body, e.personal
FROM ledger.retired AS e
WHERE e.id > %(after)s AND substr(e.personal, 1, 1) = '{'::bytea
ORDER BY e.id
LIMIT 2000

-- name: seal_entries
UPDATE ledger.entries AS e SET personal = n.sealed
FROM unnest(%(ids)s::bigint[], %(sealed)s::bytea[]) AS n (id, sealed)
WHERE e.id = n.id

-- name: seal_retired
UPDATE ledger.retired AS e SET personal = n.sealed
FROM unnest(%(ids)s::bigint[], %(sealed)s::bytea[]) AS n (id, sealed)
WHERE e.id = n.id

-- name: write_anew
VACUUM (FULL) ledger.entries, ledger.retired
