-- name: last_position
SELECT s.position FROM ledger.sequencer AS s

-- name: page_of_all
SELECT r.* FROM ledger.rows AS r
WHERE r.position > %(after)s AND r.position <= %(upto)s
ORDER BY r.position
LIMIT %(batch)s

-- name: page_of_some
SELECT r.* FROM ledger.rows AS r
WHERE r.position > %(after)s AND r.position <= %(upto)s
    AND (%(types)s::text[] IS NULL OR r.type = ANY(%(types)s::text[]))
    AND (%(location)s::text IS NULL OR r.location = %(location)s::text)
ORDER BY r.position
LIMIT %(batch)s

-- name: page_of_stream
SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
    e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
FROM ledger.entries AS e
JOIN ledger.positions AS p ON p.entry = e.id
WHERE e.stream = %(stream)s
    AND (e.generation, e.xid, e.id) > (%(generation)s, %(xid)s::text::xid8, %(entry)s)
    AND p.position <= %(upto)s
ORDER BY e.generation, e.xid, e.id
LIMIT %(batch)s

-- name: page_of_placeless
SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
    e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
FROM ledger.entries AS e
JOIN ledger.positions AS p ON p.entry = e.id
WHERE e.location IS NULL
    AND (e.generation, e.xid, e.id) > (%(generation)s, %(xid)s::text::xid8, %(entry)s)
    AND p.position <= %(upto)s
ORDER BY e.generation, e.xid, e.id
LIMIT %(batch)s

-- name: page_of_committed
SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
    e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
FROM ledger.entries AS e
LEFT JOIN ledger.positions AS p ON p.entry = e.id
WHERE e.stream = %(stream)s
    AND (e.generation, e.xid, e.id) > (%(generation)s, %(xid)s::text::xid8, %(entry)s)
ORDER BY e.generation, e.xid, e.id
LIMIT %(batch)s

-- name: page_of_versions
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version > %(version)s AND r.position <= %(upto)s
ORDER BY r.version
LIMIT %(batch)s

-- name: page_of_committed_versions
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version > %(version)s
ORDER BY r.version
LIMIT %(batch)s

-- name: versions_backwards
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version > %(above)s AND r.version <= %(upto)s
ORDER BY r.version DESC
LIMIT %(limit)s

-- name: versions_forwards
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version > %(above)s AND r.version <= %(upto)s
ORDER BY r.version
LIMIT %(limit)s

-- name: command
SELECT r.* FROM ledger.rows AS r WHERE r.command = %s ORDER BY r.entry

-- name: head
SELECT e.version, e.recorded_at FROM ledger.entries AS e
WHERE e.stream = %s AND e.version IS NOT NULL
ORDER BY e.version DESC
LIMIT 1

-- name: locations
-- One step of the index a location, instead of a walk over all rows.
WITH RECURSIVE found (location) AS (
    (SELECT e.location FROM ledger.entries AS e WHERE e.location IS NOT NULL ORDER BY e.location LIMIT 1)
    UNION ALL
    SELECT (
        SELECT e.location FROM ledger.entries AS e
        WHERE e.location > f.location AND e.location IS NOT NULL ORDER BY e.location LIMIT 1
    )
    FROM found AS f WHERE f.location IS NOT NULL
)
SELECT f.location FROM found AS f WHERE f.location IS NOT NULL

-- name: now
SELECT clock_timestamp()
