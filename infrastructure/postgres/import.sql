-- name: settings
SET statement_timeout = 0; SET lock_timeout = '10min'; SET idle_in_transaction_session_timeout = 0; SET jit = off

-- name: clean_up
-- What killed imports left behind: a running one holds the lock on its id.
DELETE FROM ledger.staging AS s
WHERE s.import IN (
    SELECT i.id FROM ledger.imports AS i
    WHERE EXISTS (SELECT FROM ledger.staging AS left_over WHERE left_over.import = i.id)
        AND pg_try_advisory_xact_lock(7305, i.id)
)

-- name: begin
INSERT INTO ledger.imports (file_name, imported_by) VALUES (%s, %s) RETURNING id

-- name: stay_alive
SELECT pg_advisory_lock(7305, %s)

-- name: stage
COPY ledger.staging (
    import, line, fact, stream, versioned, type, location, recorded_at, effective_at, carries, command, body, personal
) FROM STDIN WITH (FORMAT binary)

-- name: analyze
ANALYZE ledger.staging

-- name: existing
SELECT s.line, f.fact, CASE WHEN e.fact = s.fact THEN e.body END, CASE WHEN e.fact = s.fact THEN e.personal END
FROM ledger.staging AS s
JOIN ledger.facts AS f ON f.fact = s.fact
JOIN ledger.entries AS e ON e.id = f.entry
WHERE s.import = %(import)s
UNION ALL
SELECT s.line, f.fact, NULL, NULL
FROM ledger.staging AS s
CROSS JOIN LATERAL unnest(s.carries) AS c
JOIN ledger.facts AS f ON f.fact = c
JOIN ledger.entries AS e ON e.id = f.entry
WHERE s.import = %(import)s AND e.fact <> s.fact
ORDER BY 1, 2

-- name: duplicates
SELECT twice.fact, twice.lines,
    (
        SELECT bool_and(s.fact = twice.fact) AND count(DISTINCT (s.body, s.personal)) = 1
        FROM ledger.staging AS s WHERE s.import = %(import)s AND s.line = ANY(twice.lines)
    )
FROM (
    SELECT every.fact, array_agg(every.line ORDER BY every.line) AS lines
    FROM (
        SELECT s.fact, s.line FROM ledger.staging AS s WHERE s.import = %(import)s
        UNION ALL
        SELECT c, s.line FROM ledger.staging AS s CROSS JOIN LATERAL unnest(s.carries) AS c
        WHERE s.import = %(import)s
    ) AS every
    GROUP BY every.fact
    HAVING count(*) > 1
) AS twice
ORDER BY twice.lines

-- name: out_of_order
-- Order is kept within a location, or within a stream that belongs to none.
WITH staged AS (
    SELECT s.line, s.fact, s.recorded_at, coalesce('location ' || s.location, 'stream ' || s.stream) AS owner,
        s.location, CASE WHEN s.location IS NULL THEN s.stream END AS stream
    FROM ledger.staging AS s WHERE s.import = %(import)s
), owners AS (
    SELECT o.owner, coalesce(
        (SELECT max(e.recorded_at) FROM ledger.entries AS e WHERE e.location = o.location),
        (
            SELECT e.recorded_at FROM ledger.entries AS e WHERE e.stream = o.stream AND e.version IS NOT NULL
            ORDER BY e.version DESC LIMIT 1
        )
    ) AS recorded_at
    FROM (SELECT DISTINCT owner, location, stream FROM staged) AS o
), compared AS (
    SELECT s.line, s.fact, s.recorded_at, greatest(
        o.recorded_at,
        max(s.recorded_at) OVER (
            PARTITION BY s.owner ORDER BY s.line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    ) AS last
    FROM staged AS s JOIN owners AS o ON o.owner = s.owner
)
SELECT c.line, c.fact, c.recorded_at, c.last FROM compared AS c WHERE c.recorded_at < c.last ORDER BY c.line

-- name: drop
DELETE FROM ledger.staging AS s WHERE s.import = %s AND s.line = ANY(%s::bigint[])

-- name: finish
SELECT stored FROM ledger.finish_import(%s, %s, %s)

-- name: forget
DELETE FROM ledger.staging AS s WHERE s.import = %s

-- name: imports
SELECT i.id, i.file_name, i.imported_by, i.started_at, i.finished_at, i.facts, i.generation, i.xid::text::bigint
FROM ledger.imports AS i ORDER BY i.id
