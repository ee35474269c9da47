-- Pages are at most 2000 rows, and that number stands in the statement: the planner then sees that one plan serves all
-- pages, and keeps it. Planned anew each time, over all tables of the ledger, a page would take longer to plan than to
-- read.

-- name: last_position
SELECT s.position FROM ledger.sequencer AS s

-- name: page_of_few
-- For a handful of positions it is the other way round: each is looked for in all tables, and nothing else is.
SELECT page.* FROM (
    SELECT r.* FROM ledger.rows AS r
    WHERE r.position > %(after)s AND r.position <= %(upto)s
    ORDER BY r.position
    LIMIT 10
) AS page
LIMIT %(batch)s

-- name: page_of_all
-- Entries are walked in their final order from where the first position stands to where the last one does: there is an
-- index of that order in every table, while looking each position's entry up would try all tables each time.
WITH first AS (
    SELECT e.generation, e.xid, e.id
    FROM ledger.positions AS p JOIN ledger.ever_stored AS e ON e.id = p.entry
    WHERE p.position > %(after)s ORDER BY p.position LIMIT 1
), last AS (
    SELECT e.generation, e.xid, e.id
    FROM ledger.positions AS p JOIN ledger.ever_stored AS e ON e.id = p.entry
    WHERE p.position <= %(upto)s ORDER BY p.position DESC LIMIT 1
)
SELECT page.* FROM (
    SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
        e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
    FROM ledger.entries AS e
    JOIN ledger.positions AS p ON p.entry = e.id
    WHERE (e.generation, e.xid, e.id) >= (
            (SELECT f.generation FROM first AS f), (SELECT f.xid FROM first AS f), (SELECT f.id FROM first AS f)
        )
        AND (e.generation, e.xid, e.id) <= (
            (SELECT l.generation FROM last AS l), (SELECT l.xid FROM last AS l), (SELECT l.id FROM last AS l)
        )
    ORDER BY e.generation, e.xid, e.id
    LIMIT 2000
) AS page
WHERE page.position > %(after)s AND page.position <= %(upto)s
LIMIT %(batch)s

-- name: page_of_some
WITH first AS (
    SELECT e.generation, e.xid, e.id
    FROM ledger.positions AS p JOIN ledger.ever_stored AS e ON e.id = p.entry
    WHERE p.position > %(after)s ORDER BY p.position LIMIT 1
), last AS (
    SELECT e.generation, e.xid, e.id
    FROM ledger.positions AS p JOIN ledger.ever_stored AS e ON e.id = p.entry
    WHERE p.position <= %(upto)s ORDER BY p.position DESC LIMIT 1
)
SELECT page.* FROM (
    SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
        e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
    FROM ledger.entries AS e
    JOIN ledger.positions AS p ON p.entry = e.id
    WHERE (e.generation, e.xid, e.id) >= (
            (SELECT f.generation FROM first AS f), (SELECT f.xid FROM first AS f), (SELECT f.id FROM first AS f)
        )
        AND (e.generation, e.xid, e.id) <= (
            (SELECT l.generation FROM last AS l), (SELECT l.xid FROM last AS l), (SELECT l.id FROM last AS l)
        )
        AND p.position > %(after)s AND p.position <= %(upto)s
        AND (%(types)s::text[] IS NULL OR e.type = ANY(%(types)s::text[]))
        AND (%(location)s::text IS NULL OR e.location = %(location)s::text)
    ORDER BY e.generation, e.xid, e.id
    LIMIT 2000
) AS page
LIMIT %(batch)s

-- name: in_order
-- For the pages of a stream: they are walked by the index that has their order, and nothing is sorted. Their stream is
-- put as a range, so that no other index has that order. PostgreSQL takes what comes after a place for as much as comes
-- after its generation, which is nothing, and would as soon read all later entries of the ledger (5 s a page of a
-- location of 100,000 facts among 10,000,000, instead of 16 ms).
SELECT set_config('enable_sort', 'off', true), set_config('enable_incremental_sort', 'off', true)

-- name: page_of_stream
SELECT page.* FROM (
    SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
        e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
    FROM ledger.entries AS e
    JOIN ledger.positions AS p ON p.entry = e.id
    WHERE (e.stream, e.generation, e.xid, e.id) > (%(stream)s, %(generation)s, %(xid)s::text::xid8, %(entry)s)
        AND e.stream <= %(stream)s
        AND p.position <= %(upto)s
    ORDER BY e.stream, e.generation, e.xid, e.id
    LIMIT 2000
) AS page
LIMIT %(batch)s

-- name: page_of_placeless
SELECT page.* FROM (
    SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
        e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
    FROM ledger.entries AS e
    JOIN ledger.positions AS p ON p.entry = e.id
    WHERE e.location IS NULL
        AND (e.generation, e.xid, e.id) > (%(generation)s, %(xid)s::text::xid8, %(entry)s)
        AND p.position <= %(upto)s
    ORDER BY e.generation, e.xid, e.id
    LIMIT 2000
) AS page
LIMIT %(batch)s

-- name: page_of_committed
SELECT page.* FROM (
    SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
        e.body, e.personal, p.position, e.id, e.generation, e.xid::text::bigint
    FROM ledger.entries AS e
    LEFT JOIN ledger.positions AS p ON p.entry = e.id
    WHERE (e.stream, e.generation, e.xid, e.id) > (%(stream)s, %(generation)s, %(xid)s::text::xid8, %(entry)s)
        AND e.stream <= %(stream)s
    ORDER BY e.stream, e.generation, e.xid, e.id
    LIMIT 2000
) AS page
LIMIT %(batch)s

-- name: page_of_versions
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version IS NOT NULL AND r.version > %(version)s AND r.position <= %(upto)s
ORDER BY r.version
LIMIT %(batch)s

-- name: page_of_committed_versions
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version IS NOT NULL AND r.version > %(version)s
ORDER BY r.version
LIMIT %(batch)s

-- name: versions_backwards
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version IS NOT NULL AND r.version > %(above)s AND r.version <= %(upto)s
ORDER BY r.version DESC
LIMIT %(limit)s

-- name: versions_forwards
SELECT r.* FROM ledger.rows AS r
WHERE r.stream = %(stream)s AND r.version IS NOT NULL AND r.version > %(above)s AND r.version <= %(upto)s
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
    (SELECT d.location FROM ledger.decisions AS d WHERE d.location IS NOT NULL ORDER BY d.location LIMIT 1)
    UNION ALL
    SELECT (
        SELECT d.location FROM ledger.decisions AS d
        WHERE d.location > f.location AND d.location IS NOT NULL ORDER BY d.location LIMIT 1
    )
    FROM found AS f WHERE f.location IS NOT NULL
)
SELECT f.location FROM found AS f WHERE f.location IS NOT NULL

-- name: now
SELECT clock_timestamp()
