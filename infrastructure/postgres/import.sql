-- name: settings
SET statement_timeout = 0; SET lock_timeout = '10min'; SET idle_in_transaction_session_timeout = 0; SET jit = off;
SET work_mem = '64MB'

-- name: careless
-- For connections that only stage: what is staged does not outlive a crash anyway.
SET synchronous_commit = off

-- name: killed
-- Imports of a file by somebody that were neither finished nor given up, the last first.
SELECT i.id, i.stamped_at, i.bytes, EXISTS (SELECT FROM ledger.staged_chunks AS c WHERE c.import = i.id)
FROM ledger.imports AS i
WHERE i.file_name = %s AND i.imported_by = %s AND i.stamped_at IS NOT NULL
    AND i.finished_at IS NULL AND i.given_up_at IS NULL
ORDER BY i.id DESC

-- name: take_over
SELECT pg_try_advisory_lock(7305, %s)

-- name: forget_killed
SELECT ledger.forget_killed_imports(%s)

-- name: begin
INSERT INTO ledger.imports (file_name, imported_by, stamped_at, bytes) VALUES (%s, %s, %s, %s) RETURNING id

-- name: stay_alive
SELECT pg_advisory_lock(7305, %s)

-- name: let_go
SELECT pg_advisory_unlock(7305, %s)

-- name: stage
COPY ledger.staging (
    import, line, fact, stream, versioned, type, location, recorded_at, effective_at, carries, command, body, personal
) FROM STDIN WITH (FORMAT binary)

-- name: note_chunk
INSERT INTO ledger.staged_chunks (import, chunk, sha256, rows, note) VALUES (%s, %s, %s, %s, %s)

-- name: chunk
SELECT c.sha256, c.rows, c.note FROM ledger.staged_chunks AS c WHERE c.import = %s AND c.chunk = %s

-- name: unstage_chunk
DELETE FROM ledger.staged_chunks AS c WHERE c.import = %s AND c.chunk = %s

-- name: unstage_lines
DELETE FROM ledger.staging AS s WHERE s.import = %s AND s.line BETWEEN %s AND %s

-- name: analyze
SELECT ledger.analyze_staging()

-- name: existing
SELECT s.line, f.fact, CASE WHEN e.fact = s.fact THEN e.body END, CASE WHEN e.fact = s.fact THEN e.personal END
FROM ledger.staged_lines AS s
JOIN ledger.facts AS f ON f.fact = s.fact
JOIN ledger.ever_stored AS e ON e.id = f.entry
WHERE s.import = %(import)s
UNION ALL
SELECT s.line, f.fact, NULL, NULL
FROM ledger.staged_lines AS s
CROSS JOIN LATERAL unnest(s.carries) AS c
JOIN ledger.facts AS f ON f.fact = c
JOIN ledger.ever_stored AS e ON e.id = f.entry
WHERE s.import = %(import)s AND s.carries IS NOT NULL AND e.fact <> s.fact
UNION ALL
-- Of what was dropped after its term nothing is left to compare with; it is in the ledger and does not come again.
SELECT s.line, f.fact, s.body, s.personal
FROM ledger.staged_lines AS s
JOIN ledger.facts AS f ON f.fact = s.fact
JOIN ledger.dropped AS d ON d.entry = f.entry
WHERE s.import = %(import)s
ORDER BY 1, 2

-- name: duplicates
SELECT twice.fact, twice.lines,
    (
        SELECT bool_and(s.fact = twice.fact) AND count(DISTINCT s.body) = 1
        FROM ledger.staging AS s WHERE s.import = %(import)s AND s.line = ANY(twice.lines)
    )
FROM (
    SELECT every.fact, array_agg(every.line ORDER BY every.line) AS lines
    FROM (
        SELECT s.fact, s.line FROM ledger.staged_lines AS s WHERE s.import = %(import)s
        UNION ALL
        SELECT c, s.line FROM ledger.staged_lines AS s CROSS JOIN LATERAL unnest(s.carries) AS c
        WHERE s.import = %(import)s AND s.carries IS NOT NULL
    ) AS every
    GROUP BY every.fact
    HAVING count(*) > 1
) AS twice
ORDER BY twice.lines

-- name: in_use
-- Ids that stand in the way of an import: the ledger has them, or the import has them twice.
SELECT n.fact
FROM (
    SELECT s.fact FROM ledger.staged_lines AS s WHERE s.import = %(import)s
    UNION ALL
    SELECT c FROM ledger.staged_lines AS s CROSS JOIN LATERAL unnest(s.carries) AS c
    WHERE s.import = %(import)s AND s.carries IS NOT NULL
) AS n
LEFT JOIN ledger.facts AS f ON f.fact = n.fact
GROUP BY n.fact
HAVING count(*) > 1 OR count(f.fact) > 0
LIMIT 100

-- name: out_of_order
-- Order is kept within a location, or within a stream that belongs to none.
WITH staged AS (
    SELECT s.line, s.fact, s.recorded_at, coalesce('location ' || s.location, 'stream ' || s.stream) AS owner,
        s.location, CASE WHEN s.location IS NULL THEN s.stream END AS stream
    FROM ledger.staged_lines AS s WHERE s.import = %(import)s
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

-- name: before_the_ledger
-- The same, where the lines of each location are known to be in order among themselves: nothing has to be sorted, and
-- lines are looked at singly only in locations whose first one is too early.
WITH late AS MATERIALIZED (
    SELECT f.location, head.recorded_at
    FROM (
        SELECT s.location, min(s.recorded_at) AS recorded_at
        FROM ledger.staged_lines AS s WHERE s.import = %(import)s AND s.location IS NOT NULL
        GROUP BY s.location
    ) AS f
    CROSS JOIN LATERAL (
        SELECT max(e.recorded_at) AS recorded_at FROM ledger.entries AS e WHERE e.location = f.location
    ) AS head
    WHERE f.recorded_at < head.recorded_at
), placeless AS (
    SELECT s.line, s.fact, s.recorded_at, greatest(
        (
            SELECT e.recorded_at FROM ledger.entries AS e WHERE e.stream = s.stream AND e.version IS NOT NULL
            ORDER BY e.version DESC LIMIT 1
        ),
        max(s.recorded_at) OVER (
            PARTITION BY s.stream ORDER BY s.line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    ) AS last
    FROM ledger.staged_lines AS s WHERE s.import = %(import)s AND s.location IS NULL
)
SELECT s.line, s.fact, s.recorded_at, l.recorded_at
FROM late AS l JOIN ledger.staged_lines AS s ON s.location = l.location AND s.recorded_at < l.recorded_at
WHERE s.import = %(import)s
UNION ALL
SELECT p.line, p.fact, p.recorded_at, p.last FROM placeless AS p WHERE p.recorded_at < p.last
ORDER BY 1

-- name: leave_out
INSERT INTO ledger.left_out (import, line)
SELECT s.import, s.line FROM ledger.staging AS s WHERE s.import = %s AND s.line = ANY(%s::bigint[])
ON CONFLICT DO NOTHING

-- name: take_all_in_again
DELETE FROM ledger.left_out AS o WHERE o.import = %s

-- name: note_streams
-- And the years of observations, each of which has a table.
WITH told AS MATERIALIZED (
    SELECT DISTINCT CASE WHEN s.versioned THEN s.stream END AS stream,
        CASE WHEN NOT s.versioned THEN date_trunc('year', s.recorded_at, 'UTC') END AS year
    FROM ledger.staging AS s WHERE s.import = %(import)s
), noted AS (
    INSERT INTO ledger.staged_streams (import, stream)
    SELECT %(import)s, t.stream FROM told AS t WHERE t.stream IS NOT NULL
    ON CONFLICT DO NOTHING
)
SELECT array_agg(DISTINCT t.year) FROM told AS t WHERE t.year IS NOT NULL

-- name: make_partitions
SELECT ledger.make_partitions(%s::timestamptz[])

-- name: begin_storing
SELECT stored, in_generation, first_line, last_line FROM ledger.begin_storing(%s, %s)

-- name: store_lines
SELECT stored FROM ledger.store_lines(%s, %s, %s, %s)

-- name: end_storing
SELECT ledger.end_storing(%s, %s, %s, %s)

-- name: forget
SELECT ledger.forget_import(%s)

-- name: imports
SELECT i.id, i.file_name, i.imported_by, i.started_at, i.finished_at, i.facts, i.generation, i.xid::text::bigint
FROM ledger.imports AS i ORDER BY i.id
