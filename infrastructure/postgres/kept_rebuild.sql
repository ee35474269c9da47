-- Kept projections made anew in the schema kept_next, beside those that answer, and put in their place.

-- name: try_rebuild
SELECT pg_try_advisory_lock(7308, 0)

-- name: at_work
-- Held by every worker for as long as it lives: whoever is gone may have left some that are not done yet.
SELECT pg_advisory_lock_shared(7308, 1)

-- name: tables_beside
-- Which tables are being made: every rebuild makes its own.
SELECT to_regnamespace('kept_next')::oid::bigint

-- name: wait_for_workers
SELECT pg_advisory_lock(7308, 1)

-- name: let_workers_in
SELECT pg_advisory_unlock(7308, 1)

-- name: clear
-- What a rebuild that was killed has left.
DROP SCHEMA IF EXISTS kept_next CASCADE

-- name: tables
-- The same tables, empty and without indexes: these are made when the rows are there.
DO $body$
DECLARE
    each text;
BEGIN
    CREATE SCHEMA kept_next;
    FOR each IN SELECT t.tablename FROM pg_tables AS t WHERE t.schemaname = 'kept' ORDER BY t.tablename LOOP
        EXECUTE format(
            'CREATE TABLE kept_next.%1$I (LIKE kept.%1$I INCLUDING ALL EXCLUDING INDEXES EXCLUDING CONSTRAINTS)', each
        );
    END LOOP;
    -- They are nobody's else than the old ones: where the walls stand, they stand here too.
    PERFORM ledger.wall_kept('kept_next');
END
$body$

-- name: begin
INSERT INTO state (position, made_with) VALUES (%(position)s, %(made_with)s)

-- name: nowhere
INSERT INTO locations (location, first_position, irregular) VALUES ('', 0, false)

-- name: spans
-- When the lines of each block of positions became known.
INSERT INTO log_spans (block, known_from, known_to)
SELECT (l.place >> %(bits)s)::int, min(l.known_at), max(l.known_at) FROM log_lines AS l GROUP BY 1

-- name: indexes
-- What makes each index of the tables that answer, for the tables beside them. Not in one transaction with anything:
-- an open writing transaction would hold back everybody's final positions as long as it takes.
SELECT t.tablename || '.' || i.indexname,
    replace(
        regexp_replace(i.indexdef, '^CREATE (UNIQUE )?INDEX ', 'CREATE \1INDEX CONCURRENTLY '),
        ' ON kept.', ' ON kept_next.'
    )
FROM pg_indexes AS i
JOIN pg_tables AS t ON t.schemaname = i.schemaname AND t.tablename = i.tablename
LEFT JOIN pg_class AS c ON c.oid = format('%I.%I', i.schemaname, i.indexname)::regclass
WHERE i.schemaname = 'kept'
ORDER BY c.relpages DESC, 1

-- name: index_settings
SET maintenance_work_mem = '256MB'; SET max_parallel_maintenance_workers = 0

-- name: analyze
-- And note which pages everybody may see: counts are told by an index alone where that is known.
VACUUM (ANALYZE) kept_next.locations, kept_next.lines, kept_next.strands, kept_next.parts, kept_next.sayings,
    kept_next.log_lines, kept_next.log_undoing, kept_next.log_spans, kept_next.log_stragglers

-- name: drop_old
DROP SCHEMA IF EXISTS kept_old CASCADE

-- name: swap
ALTER SCHEMA kept RENAME TO kept_old; ALTER SCHEMA kept_next RENAME TO kept

-- name: stream_sizes
-- Locations with how many facts decide them, the largest first.
SELECT e.location, count(*)
FROM ledger.decisions AS e
WHERE e.location IS NOT NULL
GROUP BY e.location
ORDER BY count(*) DESC, e.location

-- name: counted
SELECT count(*) FILTER (WHERE l.location <> ''), count(*) FILTER (WHERE l.irregular) FROM locations AS l
