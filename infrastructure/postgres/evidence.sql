-- Growing, publishing and proving: everything that is read and written of the evidence.

-- name: growing
SELECT pg_try_advisory_xact_lock(7320, 0)

-- name: last_growth
SELECT g.size, g.position, g.edge FROM evidence.growths AS g ORDER BY g.size DESC LIMIT 1

-- name: facts
-- The digests of stored bytes are made where the bytes are; whoever checks reads the bytes themselves.
SELECT p.position, coalesce(e.location, r.location), coalesce(e.stream, r.stream),
    coalesce(e.version, r.version) IS NOT NULL, sha256(coalesce(e.body, r.body)),
    sha256(CASE WHEN e.id IS NULL THEN r.personal ELSE e.personal END)
FROM ledger.positions AS p
LEFT JOIN ledger.entries AS e ON e.id = p.entry
LEFT JOIN ledger.retired AS r ON e.id IS NULL AND r.id = p.entry
WHERE p.position > %(after)s AND p.position <= %(upto)s
ORDER BY p.position

-- name: stored
SELECT p.position, e.location, e.stream, e.version IS NOT NULL, e.body, e.personal
FROM ledger.positions AS p
JOIN ledger.entries AS e ON e.id = p.entry
WHERE p.position > %(after)s AND p.position <= %(upto)s
UNION ALL
SELECT p.position, r.location, r.stream, r.version IS NOT NULL, r.body, r.personal
FROM ledger.positions AS p
JOIN ledger.retired AS r ON r.id = p.entry
WHERE p.position > %(after)s AND p.position <= %(upto)s
ORDER BY 1

-- name: add_logs
INSERT INTO evidence.logs (tree) SELECT unnest(%(trees)s::text[]) ON CONFLICT (tree) DO NOTHING

-- name: edges
-- The trees of these names, and how each stands by its newest head.
SELECT l.tree, l.id, l.opaque, coalesce(h.size, 0), coalesce(h.edge, ''::bytea)
FROM evidence.logs AS l
LEFT JOIN LATERAL (
    SELECT n.size, n.edge FROM evidence.heads AS n WHERE n.log = l.id ORDER BY n.size DESC LIMIT 1
) AS h ON true
WHERE l.tree = ANY(%(trees)s)

-- name: edges_before
-- How trees stood by their newest head below an index of the head log.
SELECT l.tree, h.size, h.edge, h.leaf
FROM evidence.logs AS l
CROSS JOIN LATERAL (
    SELECT n.size, n.edge, n.leaf FROM evidence.heads AS n
    WHERE n.log = l.id AND n.index < %(index)s ORDER BY n.size DESC LIMIT 1
) AS h
WHERE l.tree = ANY(%(trees)s)

-- name: waiting_events
SELECT e.id, e.leaf FROM evidence.events AS e
WHERE NOT EXISTS (SELECT FROM evidence.events_told AS t WHERE t.event = e.id) ORDER BY e.id LIMIT 1000

-- name: add_event
INSERT INTO evidence.events (leaf) VALUES (%(leaf)s) ON CONFLICT DO NOTHING

-- name: copy_runs
COPY evidence.runs (log, start, last_position, positions, hashes) FROM STDIN (FORMAT binary)

-- name: copy_tiles
COPY evidence.tiles (log, level, index, hash) FROM STDIN (FORMAT binary)

-- name: copy_heads
COPY evidence.heads (index, log, size, edge, leaf) FROM STDIN (FORMAT binary)

-- name: copy_told
COPY evidence.events_told (event, index) FROM STDIN (FORMAT binary)

-- name: add_growth
INSERT INTO evidence.growths (size, position, edge) VALUES (%(size)s, %(position)s, %(edge)s)

-- name: publishing
SELECT pg_try_advisory_lock(7321, 0)

-- name: published
SELECT pg_advisory_unlock(7321, 0)

-- name: growth_at
SELECT g.size, g.position, g.edge FROM evidence.growths AS g WHERE g.size = %(size)s

-- name: growths
SELECT g.size, g.position FROM evidence.growths AS g WHERE g.size > %(after)s AND g.size <= %(upto)s ORDER BY g.size

-- name: new_heads
SELECT h.index, l.tree, l.opaque, h.leaf FROM evidence.heads AS h LEFT JOIN evidence.logs AS l ON l.id = h.log
WHERE h.index >= %(first)s AND h.index < %(end)s ORDER BY h.index

-- name: flushed
-- Whether what is committed here is on the disk of a standby too, where there has to be one.
SELECT current_setting('synchronous_standby_names') = ''
    OR EXISTS (
        SELECT FROM pg_stat_replication AS r
        WHERE r.sync_state IN ('sync', 'quorum') AND r.flush_lsn >= %(upto)s::pg_lsn
    )

-- name: written_upto
SELECT pg_current_wal_insert_lsn()::text

-- name: add_checkpoint
INSERT INTO evidence.checkpoints (size, note) VALUES (%(size)s, %(note)s) ON CONFLICT (size) DO NOTHING

-- name: add_cosignature
INSERT INTO evidence.cosignatures (size, line) VALUES (%(size)s, %(line)s) ON CONFLICT DO NOTHING

-- name: latest
SELECT c.size FROM evidence.checkpoints AS c ORDER BY c.size DESC LIMIT 1

-- name: covering
SELECT c.size FROM evidence.growths AS g JOIN evidence.checkpoints AS c ON c.size = g.size
WHERE g.position >= %(position)s ORDER BY g.position, g.size LIMIT 1

-- name: checkpoint
SELECT c.note, g.position, c.at,
    coalesce((SELECT string_agg(s.line, '' ORDER BY s.at, s.line) FROM evidence.cosignatures AS s WHERE s.size = c.size), '')
FROM evidence.checkpoints AS c JOIN evidence.growths AS g ON g.size = c.size WHERE c.size = %(size)s

-- name: head_of
SELECT h.index, h.leaf FROM evidence.heads AS h JOIN evidence.logs AS l ON l.id = h.log
WHERE l.tree = %(tree)s AND h.index < %(below)s ORDER BY h.size DESC LIMIT 1

-- name: log_of
SELECT l.id, l.opaque FROM evidence.logs AS l WHERE l.tree = %(tree)s

-- name: leaf_runs
SELECT r.start, r.positions, r.hashes FROM evidence.runs AS r
WHERE r.log = %(log)s AND r.start < %(end)s AND r.start > %(first)s - %(longest)s ORDER BY r.start

-- name: head_leaves
SELECT h.index, h.leaf FROM evidence.heads AS h WHERE h.index >= %(first)s AND h.index < %(end)s ORDER BY h.index

-- name: tile_hashes
SELECT t.hash FROM evidence.tiles AS t
WHERE t.log = %(log)s AND t.level = %(level)s AND t.index >= %(first)s AND t.index < %(end)s ORDER BY t.index

-- name: applied_migrations
SELECT m.migration_id, m.applied_at_utc AT TIME ZONE 'UTC' FROM migrations._yoyo_migration AS m ORDER BY 2, 1

-- name: later_generations
SELECT g.generation, g.since FROM ledger.generations AS g WHERE g.generation > 1 ORDER BY g.generation

-- name: add_new_events
INSERT INTO evidence.events (leaf)
SELECT n.leaf FROM unnest(%(leaves)s::bytea[]) WITH ORDINALITY AS n (leaf, nth)
WHERE NOT EXISTS (SELECT FROM evidence.events AS e WHERE sha256(e.leaf) = sha256(n.leaf))
ORDER BY n.nth
ON CONFLICT DO NOTHING RETURNING id
