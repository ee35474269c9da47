-- Statements that bring kept projections forward. Their tables are named without a schema: the connection's path says
-- whether those that answer are meant, or those that are being made beside them.

-- name: irregular
SELECT l.location, l.irregular FROM locations AS l WHERE l.location = ANY(%(locations)s)

-- name: settled_ids
-- What facts are, by their ids or those of what carries them: only what has a position.
SELECT f.fact::text, e.stream, p.position
FROM ledger.facts AS f
JOIN ledger.entries AS e ON e.id = f.entry
JOIN ledger.positions AS p ON p.entry = e.id
WHERE f.fact = ANY(%(facts)s::uuid[]) AND p.position <= %(upto)s

-- name: entries_at
-- Nearly all are decisions: only what is not is looked for among the observations, of which there are many tables.
SELECT d.position, d.fact, d.type, d.location, d.body, d.personal
FROM (
    SELECT p.position, e.fact, e.type, e.location, e.body, e.personal
    FROM ledger.positions AS p
    JOIN ledger.decisions AS e ON e.id = p.entry
    WHERE p.position = ANY(%(positions)s)
    UNION ALL
    SELECT p.position, e.fact, e.type, e.location, e.body, e.personal
    FROM ledger.positions AS p
    JOIN ledger.observations AS e ON e.id = p.entry
    WHERE p.position = ANY(%(positions)s)
        AND NOT EXISTS (SELECT FROM ledger.decisions AS d WHERE d.id = p.entry)
) AS d
ORDER BY d.position

-- name: strands_of_keys
-- What is looked up for many locations at once is looked up one by one: `OFFSET 0` keeps the planner, who does not know
-- how large these tables will be when a plan is used, from reading them whole.
SELECT found.location, found.key, found.strand
FROM unnest(%(locations)s::text[], %(keys)s::text[]) AS w (location, key)
CROSS JOIN LATERAL (
    SELECT s.location, s.key, s.strand FROM strands AS s WHERE s.location = w.location AND s.key = w.key OFFSET 0
) AS found

-- name: strands_of_positions
SELECT found.location, found.position, found.strand
FROM unnest(%(locations)s::text[], %(positions)s::bigint[]) AS w (location, position)
CROSS JOIN LATERAL (
    SELECT l.location, l.position, l.strand FROM lines AS l
    WHERE l.location = w.location AND l.position = w.position OFFSET 0
) AS found

-- name: lines_of_strands
SELECT found.location, found.strand, found.position
FROM unnest(%(locations)s::text[], %(strands)s::bigint[]) AS w (location, strand)
CROSS JOIN LATERAL (
    SELECT l.location, l.strand, l.position FROM lines AS l
    WHERE l.location = w.location AND l.strand = w.strand OFFSET 0
) AS found
ORDER BY found.position

-- name: awaited
SELECT a.location, a.fact::text FROM awaited AS a
WHERE a.fact = ANY(%(facts)s::uuid[]) AND a.location = ANY(%(locations)s)

-- name: awaiting
SELECT DISTINCT a.location FROM awaited AS a WHERE a.fact = ANY(%(facts)s::uuid[])

-- name: open_parts
SELECT found.location, found.key, found.held_from, found.known_from
FROM unnest(%(locations)s::text[], %(keys)s::text[]) AS w (location, key)
CROSS JOIN LATERAL (
    SELECT p.location, p.key, p.held_from, p.known_from FROM parts AS p
    WHERE p.location = w.location AND p.key = w.key AND p.known_to = 9223372036854775807 OFFSET 0
) AS found

-- name: open_sayings
SELECT found.location, found.kind, found.key, found.known_from
FROM unnest(%(locations)s::text[], %(kinds)s::text[], %(keys)s::text[]) AS w (location, kind, key)
CROSS JOIN LATERAL (
    SELECT s.location, s.kind, s.key, s.known_from FROM sayings AS s
    WHERE s.location = w.location AND s.kind = w.kind AND s.key = w.key AND s.known_to IS NULL OFFSET 0
) AS found

-- name: close_parts
UPDATE parts AS p SET known_to = c.known_to, cell = c.cell
FROM unnest(
    %(locations)s::text[], %(keys)s::text[], %(held_from)s::timestamptz[], %(known_to)s::bigint[], %(cells)s::bigint[]
) AS c (location, key, held_from, known_to, cell)
WHERE p.location = c.location AND p.key = c.key AND p.held_from = c.held_from AND p.known_to = 9223372036854775807

-- name: close_sayings
UPDATE sayings AS s SET known_to = c.known_to
FROM unnest(%(locations)s::text[], %(kinds)s::text[], %(keys)s::text[], %(known_from)s::bigint[], %(known_to)s::bigint[])
    AS c (location, kind, key, known_from, known_to)
WHERE s.location = c.location AND s.kind = c.kind AND s.key = c.key AND s.known_from = c.known_from
    AND s.known_to IS NULL

-- name: merge_strands
UPDATE strands AS s SET strand = c.home
FROM unnest(%(locations)s::text[], %(strands)s::bigint[], %(homes)s::bigint[]) AS c (location, strand, home)
WHERE s.location = c.location AND s.strand = c.strand

-- name: merge_lines
UPDATE lines AS l SET strand = c.home
FROM unnest(%(locations)s::text[], %(strands)s::bigint[], %(homes)s::bigint[]) AS c (location, strand, home)
WHERE l.location = c.location AND l.strand = c.strand

-- name: forget_parts
DELETE FROM parts AS p WHERE p.location = ANY(%(locations)s)

-- name: forget_sayings
DELETE FROM sayings AS s WHERE s.location = ANY(%(locations)s)

-- name: forget_lines
DELETE FROM lines AS l WHERE l.location = ANY(%(locations)s)

-- name: forget_strands
DELETE FROM strands AS s WHERE s.location = ANY(%(locations)s)

-- name: forget_awaited
DELETE FROM awaited AS a WHERE a.location = ANY(%(locations)s)

-- name: forget_locations
DELETE FROM locations AS l WHERE l.location = ANY(%(locations)s)

-- name: touched_by
-- Locations in which somebody is named whose keys were destroyed; people are known by the SHA-256 of the subject.
WITH named AS (
    SELECT s.location, s.key FROM strands AS s WHERE left(s.key, 2) IN ('a:', 'm:')
    UNION
    SELECT s.location, s.key FROM sayings AS s WHERE s.kind = 'named' AND left(s.key, 2) IN ('a:', 'm:')
)
SELECT DISTINCT n.location
FROM named AS n
WHERE sha256(convert_to(
    CASE WHEN left(n.key, 2) = 'a:' THEN 'account:' ELSE 'member:' || n.location || '/' END || substr(n.key, 3), 'UTF8'
)) = ANY(%(subjects)s::bytea[])
ORDER BY n.location

-- name: size
SELECT count(*) FROM (SELECT FROM lines AS l WHERE l.location = %(location)s LIMIT %(most)s) AS found

-- name: kept_again
UPDATE state AS s SET made_with = %(made_with)s WHERE s.made_with <> 'not what was written'

-- name: make_irregular
UPDATE locations AS l SET irregular = true WHERE l.location = ANY(%(locations)s)

-- name: copy_locations
COPY locations (location, first_position, irregular) FROM STDIN

-- name: copy_lines
COPY lines (location, position, strand, recorded_at) FROM STDIN

-- name: copy_strands
COPY strands (location, key, strand) FROM STDIN

-- name: copy_awaited
COPY awaited (location, fact) FROM STDIN

-- name: copy_parts
COPY parts (
    location, key, cell, held_from, held_to, known_from, known_to,
    seated, scheduled, paid, interacts, owner_since, part
) FROM STDIN

-- name: copy_sayings
COPY sayings (location, kind, key, known_from, known_to, said) FROM STDIN

-- name: copy_unread
COPY unread (position, stream, location, fact, type, reason) FROM STDIN

-- name: path_kept
SET search_path = kept, pg_catalog

-- name: path_next
SET search_path = kept_next, pg_catalog

-- name: settings
SET statement_timeout = 0; SET lock_timeout = '10min'; SET jit = off; SET synchronous_commit = off;
SET idle_in_transaction_session_timeout = 0

-- name: try_forward
SELECT pg_try_advisory_lock(7307, 0)

-- name: wait_forward
SELECT pg_advisory_lock(7307, 0)

-- name: leave_forward
SELECT pg_advisory_unlock(7307, 0)

-- name: state
SELECT s.position, s.made_with FROM state AS s

-- name: begin_state
UPDATE state AS s SET made_with = %(made_with)s WHERE s.position = 0

-- name: mistrust
UPDATE state AS s SET made_with = 'not what was written'

-- name: forward
UPDATE state AS s SET position = %(upto)s WHERE s.position = %(after)s

-- name: next_rows
-- Entries are walked in their final order: looking each position's entry up would try every table of observations. The
-- limit stands here as a number, so that the plan is always that walk.
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
    SELECT p.position, e.fact::text, e.type, e.location, e.body, e.personal, e.stream
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

-- name: stream_upto
SELECT e.version, p.position, e.fact, e.type, e.location, e.body, e.personal
FROM ledger.decisions AS e
JOIN ledger.positions AS p ON p.entry = e.id
WHERE e.stream = %(stream)s AND e.version > %(version)s AND p.position <= %(upto)s
ORDER BY e.version
LIMIT %(batch)s

-- name: written_locations
COPY (
    SELECT l.location, l.first_position, l.irregular FROM locations AS l WHERE l.location = %(location)s
) TO STDOUT

-- name: written_lines
COPY (
    SELECT l.location, l.position, l.strand, l.recorded_at FROM lines AS l WHERE l.location = %(location)s
) TO STDOUT

-- name: written_strands
COPY (SELECT s.location, s.key, s.strand FROM strands AS s WHERE s.location = %(location)s) TO STDOUT

-- name: written_awaited
COPY (SELECT a.location, a.fact FROM awaited AS a WHERE a.location = %(location)s) TO STDOUT

-- name: written_parts
COPY (
    SELECT p.location, p.key, p.cell, p.held_from, p.held_to, p.known_from, p.known_to,
        p.seated, p.scheduled, p.paid, p.interacts, p.owner_since, p.part
    FROM parts AS p WHERE p.location = %(location)s
) TO STDOUT

-- name: written_sayings
COPY (
    SELECT s.location, s.kind, s.key, s.known_from, s.known_to, s.said
    FROM sayings AS s WHERE s.location = %(location)s
) TO STDOUT

-- name: written_log_lines
COPY (
    SELECT l.place, l.known_at, l.by_location, l.by_actor, l.kind, l.by_device, l.by_about, l.change, l.effective_at
    FROM log_lines AS l WHERE l.kind = ANY(%(kinds)s::smallint[]) AND l.place >= %(first)s AND l.place < %(end)s
) TO STDOUT WITH (FORMAT binary)

-- name: kept_locations
SELECT l.location FROM locations AS l WHERE l.location <> '' AND NOT l.irregular ORDER BY l.location

-- name: one_moment
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: unread_positions
-- Those of some positions whose entries are retired.
SELECT w.position
FROM unnest(%(positions)s::bigint[]) AS w (position)
JOIN ledger.positions AS p ON p.position = w.position
WHERE EXISTS (SELECT FROM ledger.retired AS r WHERE r.id = p.entry)
    OR EXISTS (SELECT FROM ledger.dropped AS d WHERE d.entry = p.entry)
