-- name: settings
-- A sound ledger has nothing to find, so nothing ends early: plans that hope for the first hundred are the slow ones.
SET statement_timeout = 0; SET jit = off; SET work_mem = '64MB'; SET enable_nestloop = off

-- name: positions_without_gaps
SELECT p.position, p.entry, p.before::text
FROM (SELECT position, entry, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS before FROM ledger.positions) AS p
WHERE p.position <> p.before + 1
ORDER BY p.position LIMIT 100

-- name: positions_have_entries
-- What is retired is kept: its positions are sound, and it is held to its place and its ids like all the rest.
SELECT p.position, p.entry, p.entry::text
FROM ledger.positions AS p
WHERE NOT EXISTS (SELECT FROM ledger.ever_stored AS e WHERE e.id = p.entry)
    -- Of what was dropped that it was so; whether it may be is for the evidence to say.
    AND NOT EXISTS (SELECT FROM ledger.dropped AS d WHERE d.entry = p.entry AND d.position = p.position)
ORDER BY p.position LIMIT 100

-- name: commit_order
SELECT o.position, o.entry, o.xid::text
FROM (
    SELECT p.position, e.id AS entry, e.generation, e.xid,
        lag(e.generation) OVER w AS generation_before, lag(e.xid) OVER w AS xid_before, lag(e.id) OVER w AS id_before
    FROM ledger.positions AS p JOIN ledger.ever_stored AS e ON e.id = p.entry
    WINDOW w AS (ORDER BY p.position)
) AS o
WHERE (o.generation, o.xid, o.entry) <= (o.generation_before, o.xid_before, o.id_before)
ORDER BY o.position LIMIT 100

-- name: versions_without_gaps
SELECT NULL::bigint, v.id, 'version ' || v.version || ' of ' || v.stream || ' after ' || v.before
FROM (
    SELECT e.id, e.stream, e.version, lag(e.version) OVER (PARTITION BY e.stream ORDER BY e.version) AS before
    FROM ledger.entries AS e WHERE e.version IS NOT NULL
) AS v
WHERE v.version <> v.before + 1
ORDER BY v.id LIMIT 100

-- name: versions_in_order
-- Versions that have a position must have them in order, and none may be missing before one that has it.
SELECT v.position, v.id, 'version ' || v.version || ' of ' || v.stream
FROM (
    SELECT e.id, e.stream, e.version, p.position,
        lag(p.position) OVER w AS position_before, lag(e.id) OVER w AS id_before
    FROM ledger.entries AS e LEFT JOIN ledger.positions AS p ON p.entry = e.id
    WHERE e.version IS NOT NULL
    WINDOW w AS (PARTITION BY e.stream ORDER BY e.version)
) AS v
WHERE v.id_before IS NOT NULL AND v.position IS NOT NULL
    AND (v.position_before IS NULL OR v.position_before >= v.position)
ORDER BY v.id LIMIT 100

-- name: times_never_back
SELECT NULL::bigint, v.id, 'version ' || v.version || ' of ' || v.stream
FROM (
    SELECT e.id, e.stream, e.version, e.recorded_at,
        lag(e.recorded_at) OVER (PARTITION BY e.stream ORDER BY e.version) AS before
    FROM ledger.entries AS e WHERE e.version IS NOT NULL
) AS v
WHERE v.recorded_at < v.before
ORDER BY v.id LIMIT 100

-- name: horizon
SELECT coalesce((SELECT max(g.generation) FROM ledger.generations AS g), 0),
    pg_snapshot_xmin(pg_current_snapshot())::text

-- name: settled
SELECT NULL::bigint, e.id, e.xid::text
FROM ledger.ever_stored AS e
WHERE (e.generation, e.xid) < (%(generation)s, %(horizon)s::text::xid8)
    AND NOT EXISTS (SELECT FROM ledger.positions AS p WHERE p.entry = e.id)
ORDER BY e.id LIMIT 100

-- name: sequencer_at_the_end
SELECT s.position, s.id, 'position ' || s.position || ', entry ' || s.id
FROM ledger.sequencer AS s
LEFT JOIN LATERAL (SELECT p.position, p.entry FROM ledger.positions AS p ORDER BY p.position DESC LIMIT 1) AS p ON true
WHERE (s.position, s.id) <> (coalesce(p.position, 0), coalesce(p.entry, 0))

-- name: ids_claimed
SELECT NULL::bigint, n.entry, n.fact::text
FROM (
    SELECT e.id AS entry, e.fact FROM ledger.ever_stored AS e
    UNION ALL
    SELECT e.id, c FROM ledger.ever_stored AS e CROSS JOIN LATERAL unnest(e.carries) AS c WHERE e.carries IS NOT NULL
) AS n
LEFT JOIN ledger.facts AS f ON f.fact = n.fact
WHERE f.entry IS DISTINCT FROM n.entry
ORDER BY n.entry LIMIT 100

-- name: ids_used
SELECT NULL::bigint, f.entry, f.fact::text
FROM ledger.facts AS f
LEFT JOIN ledger.ever_stored AS e ON e.id = f.entry
LEFT JOIN ledger.dropped AS d ON e.id IS NULL AND d.entry = f.entry
WHERE (e.id IS NULL AND d.entry IS NULL) OR (e.fact <> f.fact AND f.fact <> ALL(coalesce(e.carries, '{}')))
ORDER BY f.entry LIMIT 100

-- name: retired_kept
-- Every table that was retired and not taken back is kept, with as many rows as were written down.
SELECT r.first_position, NULL::bigint, r.partition || ' was retired with ' || r.facts || ' rows and has ' || r.kept
FROM (
    SELECT r.partition, sum(r.facts) AS facts, min(r.first_position) AS first_position,
        (
            SELECT count(*) FROM ledger.retired AS e
            WHERE e.recorded_at >= min(r.starts) AND e.recorded_at < min(r.ends)
        ) AS kept
    FROM ledger.retirements AS r WHERE r.restored_at IS NULL AND r.dropped_at IS NULL
    GROUP BY r.partition
) AS r
WHERE r.kept <> r.facts
ORDER BY r.partition
