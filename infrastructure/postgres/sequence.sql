-- name: sequence
SELECT won, last_position, added FROM ledger.sequence(%s)

-- name: settled
SELECT p.entry, p.position FROM ledger.positions AS p WHERE p.entry = ANY(%s::bigint[])

-- name: entries_of
SELECT DISTINCT f.entry FROM ledger.facts AS f WHERE f.fact = ANY(%s::uuid[])

-- name: listen
LISTEN ledger_positions

-- name: lag
-- What is committed and has no position yet: how many rows, counted up to a bound, and the seconds since the first of
-- them was recorded; an import brings times of its own, and came when it ended.
SELECT count(*),
    coalesce(extract(epoch FROM clock_timestamp() - (array_agg(coalesce(i.finished_at, w.recorded_at)))[1]), 0)
FROM (
    SELECT e.generation, e.xid, e.recorded_at
    FROM ledger.entries AS e
    -- Not a join: only values known beforehand are looked up in the index.
    WHERE (e.generation, e.xid, e.id) > (
        (SELECT s.generation FROM ledger.sequencer AS s), (SELECT s.xid FROM ledger.sequencer AS s),
        (SELECT s.id FROM ledger.sequencer AS s)
    )
    ORDER BY e.generation, e.xid, e.id
    LIMIT %s
) AS w
LEFT JOIN ledger.imports AS i ON i.generation = w.generation AND i.xid = w.xid

-- name: open_transactions
-- Who holds the horizon back: the open transaction, or prepared one, with the oldest id, in any database.
SELECT held.pid, held.database, held.who, held.program, extract(epoch FROM clock_timestamp() - held.since)
FROM (
    SELECT a.pid, a.datname::text AS database, a.usename::text AS who, a.application_name AS program,
        a.xact_start AS since, a.backend_xid AS xid
    FROM pg_stat_activity AS a
    WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
    UNION ALL
    SELECT NULL, x.database::text, x.owner::text, 'prepared transaction ' || x.gid, x.prepared, x.transaction
    FROM pg_prepared_xacts AS x
) AS held
ORDER BY age(held.xid) DESC
LIMIT 1
