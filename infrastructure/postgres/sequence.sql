-- name: sequence
SELECT won, last_position, added FROM ledger.sequence(%s)

-- name: settled
SELECT p.entry, p.position FROM ledger.positions AS p WHERE p.entry = ANY(%s::bigint[])

-- name: entries_of
SELECT DISTINCT f.entry FROM ledger.facts AS f WHERE f.fact = ANY(%s::uuid[])

-- name: listen
LISTEN ledger_positions

-- name: open_transactions
-- Whoever may hold the horizon back: open writing transactions of any database, and prepared ones.
SELECT held.pid, held.database, held.who, held.program, extract(epoch FROM clock_timestamp() - held.since)
FROM (
    SELECT a.pid, a.datname::text AS database, a.usename::text AS who, a.application_name AS program,
        a.xact_start AS since, a.backend_xid::text::bigint AS xid
    FROM pg_stat_activity AS a
    WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
    UNION ALL
    SELECT NULL, x.database::text, x.owner::text, 'prepared transaction ' || x.gid, x.prepared,
        x.transaction::text::bigint
    FROM pg_prepared_xacts AS x
) AS held
ORDER BY held.since NULLS LAST
LIMIT 1
