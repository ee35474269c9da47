-- What a verification reads. It shares no statement with what makes the evidence.

-- name: settings
SET statement_timeout = 0; SET jit = off; SET work_mem = '128MB'; SET idle_in_transaction_session_timeout = 0

-- name: one_moment
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: stands
SELECT coalesce(max(g.size), 0), coalesce(max(g.position), 0) FROM evidence.growths AS g

-- name: rows
-- Stored bytes in the order of positions; of what is gone its position alone, and of what was dropped the digests.
COPY (
    WITH p AS MATERIALIZED (
        SELECT s.position, s.entry FROM ledger.positions AS s WHERE s.position > %(after)s AND s.position <= %(upto)s
    ), e AS (
        SELECT t.id, t.version IS NOT NULL AS decides, t.recorded_at, t.location, t.stream, t.body, t.personal
        FROM ledger.entries AS t
        WHERE t.id >= (SELECT min(p.entry) FROM p) AND t.id <= (SELECT max(p.entry) FROM p)
        UNION ALL
        SELECT r.id, r.version IS NOT NULL, r.recorded_at, r.location, r.stream, r.body, r.personal
        FROM ledger.retired AS r
        WHERE r.id >= (SELECT min(p.entry) FROM p) AND r.id <= (SELECT max(p.entry) FROM p)
    )
    SELECT p.position, coalesce(e.decides, false), coalesce(e.recorded_at, 'infinity'),
        coalesce(e.location, d.location), coalesce(e.stream, d.stream, ''), e.body, e.personal,
        CASE WHEN e.id IS NULL THEN d.body END, CASE WHEN e.id IS NULL THEN d.personal END
    FROM p LEFT JOIN e ON e.id = p.entry
    LEFT JOIN ledger.dropped AS d ON d.position = p.position AND d.entry = p.entry
    ORDER BY p.position
) TO STDOUT (FORMAT binary)

-- name: growths
SELECT g.size, g.position, g.edge, c.note, c.at
FROM evidence.growths AS g LEFT JOIN evidence.checkpoints AS c ON c.size = g.size
WHERE g.size <= %(size)s ORDER BY g.size

-- name: heads
SELECT h.index, h.log, l.tree, l.opaque, h.size, h.edge, h.leaf
FROM evidence.heads AS h LEFT JOIN evidence.logs AS l ON l.id = h.log
WHERE h.index < %(size)s ORDER BY h.index

-- name: stray_heads
SELECT count(*) FROM evidence.heads AS h WHERE h.index >= %(size)s OR h.index < 0

-- name: stray_checkpoints
SELECT c.size FROM evidence.checkpoints AS c
WHERE NOT EXISTS (SELECT FROM evidence.growths AS g WHERE g.size = c.size) ORDER BY c.size

-- name: cosignatures
SELECT s.size, s.line FROM evidence.cosignatures AS s ORDER BY s.size, s.line

-- name: runs
SELECT r.log, r.start, r.positions, r.hashes FROM evidence.runs AS r ORDER BY r.log, r.start

-- name: runs_of
SELECT r.start, r.positions, r.hashes FROM evidence.runs AS r
WHERE r.log = %(log)s AND r.start < %(end)s AND r.start + cardinality(r.positions) > %(first)s ORDER BY r.start

-- name: tiles
SELECT t.log, t.level, t.index, t.hash FROM evidence.tiles AS t

-- name: log_leaves
SELECT h.leaf FROM evidence.heads AS h WHERE h.index < %(size)s ORDER BY h.index

-- name: waiting_events
SELECT e.leaf FROM evidence.events AS e

-- name: dropped
SELECT d.retirement, d.position, d.body, d.personal FROM ledger.dropped AS d ORDER BY d.retirement, d.position

-- name: came_by_import
-- Of some positions those whose rows one transaction of an import brought, and when that ended.
SELECT p.position, i.finished_at
FROM ledger.positions AS p
JOIN ledger.ever_stored AS e ON e.id = p.entry
JOIN ledger.imports AS i ON i.generation = e.generation AND i.xid = e.xid AND i.finished_at IS NOT NULL
WHERE p.position = ANY(%(positions)s::bigint[])

-- name: beyond
-- Positions after a break are told by their entries.
SELECT p.position FROM ledger.positions AS p WHERE p.position > %(after)s ORDER BY p.position LIMIT 1

-- name: last_sound
SELECT v.position, v.size, v.root, v.signed, v.notes, v.finished_at FROM ledger.verifications AS v
WHERE v.broken = '{}' ORDER BY v.id DESC LIMIT 1

-- name: remember
INSERT INTO ledger.verifications (whole, settled, position, size, root, signed, notes, seconds, broken)
VALUES (%(whole)s, %(settled)s, %(position)s, %(size)s, %(root)s, %(signed)s, %(notes)s, %(seconds)s, %(broken)s)

-- name: latest
SELECT v.finished_at, v.whole, v.settled, v.size, v.seconds, v.broken,
    extract(epoch FROM clock_timestamp() - v.finished_at)::double precision,
    (SELECT extract(epoch FROM clock_timestamp() - max(w.finished_at))::double precision
        FROM ledger.verifications AS w WHERE w.whole)
FROM ledger.verifications AS v ORDER BY v.id DESC LIMIT 1

-- name: age
-- For how long there has been a ledger here.
SELECT extract(epoch FROM clock_timestamp() - min(g.since))::double precision FROM ledger.generations AS g

-- name: try_alone
SELECT pg_try_advisory_lock(7326, 0)

-- name: leave_alone
SELECT pg_advisory_unlock(7326, 0)
