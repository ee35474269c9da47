-- What the retention of observations reads and writes; the work itself is done by functions of the schema.

-- name: settings
SET statement_timeout = 0; SET jit = off; SET work_mem = '64MB'

-- name: alone
SELECT pg_try_advisory_lock(7325, 0)

-- name: leave
SELECT pg_advisory_unlock(7325, 0)

-- name: terms
SELECT DISTINCT ON (t.class) t.class, t.months, t.set_by, t.reason, t.set_at
FROM ledger.retention_terms AS t ORDER BY t.class, t.id DESC

-- name: set_term
INSERT INTO ledger.retention_terms (class, months, set_by, reason) VALUES (%(name)s, %(months)s, %(by)s, %(reason)s)

-- name: holds
SELECT h.id, h.location, h.class, h.ends_at, h.placed_by, h.reason, h.placed_at
FROM ledger.holds AS h
WHERE (h.ends_at IS NULL OR h.ends_at > clock_timestamp())
    AND NOT EXISTS (SELECT FROM ledger.holds_released AS r WHERE r.hold = h.id)
ORDER BY h.id

-- name: place_hold
INSERT INTO ledger.holds (location, class, types, ends_at, placed_by, reason)
VALUES (%(location)s, %(name)s, %(types)s, %(ends_at)s, %(by)s, %(reason)s) RETURNING id

-- name: release_hold
INSERT INTO ledger.holds_released (hold, released_by, reason)
SELECT h.id, %(by)s, %(reason)s FROM ledger.holds AS h WHERE h.id = %(hold)s ON CONFLICT DO NOTHING

-- name: years
-- The years that observations lie in which questions read.
SELECT DISTINCT y.year FROM (
    SELECT substring(c.relname FROM '^observations_(\d+)$')::int AS year
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ledger.observations'::regclass
    UNION ALL
    SELECT extract(year FROM o.recorded_at AT TIME ZONE 'UTC')::int FROM ledger.observations_other AS o
) AS y
WHERE y.year IS NOT NULL ORDER BY y.year

-- name: counted
-- By type: how many there are, how many of them are held, how many belong to a fact that decides.
SELECT o.type, count(*), count(*) FILTER (WHERE ledger.is_held(o.type, o.location)),
    count(*) FILTER (WHERE o.id = ANY(%(named)s::bigint[]) AND NOT ledger.is_held(o.type, o.location))
FROM ledger.observations AS o
WHERE o.recorded_at >= ledger.start_of_year(%(year)s) AND o.recorded_at < ledger.start_of_year(%(year)s + 1)
GROUP BY o.type ORDER BY o.type

-- name: named
SELECT ledger.named_in(%(year)s)

-- name: places
SELECT attached, retired FROM ledger.places_of_year(%(year)s)

-- name: retire_year
SELECT r.id, r.partition, r.starts, r.ends, r.facts, r.first_position, r.last_position, r.retired_at, r.restored_at
FROM ledger.retire_year(%(year)s) AS r WHERE r.id IS NOT NULL

-- name: make_year
SELECT ledger.make_partitions(ARRAY[ledger.start_of_year(%(year)s)])

-- name: begin_division
SELECT ledger.begin_division(%(year)s)

-- name: divide_some
SELECT ledger.divide_some(%(year)s, %(source)s, %(after)s, %(batch)s, %(due)s::text[], %(named)s::bigint[])

-- name: end_division
SELECT r.id, r.partition, r.starts, r.ends, r.facts, r.first_position, r.last_position, r.retired_at, r.restored_at
FROM ledger.end_division(%(year)s, %(due)s::text[]) AS r

-- name: to_unlist
SELECT r.id, r.first_position, r.last_position FROM ledger.retirements AS r
WHERE r.unlisted_at IS NULL AND r.restored_at IS NULL AND r.first_position IS NOT NULL ORDER BY r.id

-- name: let_nobody_bring_forward
SELECT pg_advisory_xact_lock(7307, 0)

-- name: unlist
-- What the log lists and no question reads any more.
DELETE FROM kept.log_lines AS l
WHERE l.kind = ANY(%(kinds)s::smallint[]) AND l.place >= %(first)s AND l.place < %(end)s
    AND NOT EXISTS (
        SELECT FROM ledger.positions AS p JOIN ledger.entries AS e ON e.id = p.entry WHERE p.position = l.place >> 4
    )

-- name: unlisted
UPDATE ledger.retirements AS r SET unlisted_at = clock_timestamp() WHERE r.id = %(retirement)s

-- name: retired_tables
-- Tables that are retired, each with its year, oldest first.
SELECT c.relname, substring(c.relname FROM '^observations_(\d+)')::int
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'ledger.retired'::regclass ORDER BY 2, 1

-- name: signed_upto
SELECT coalesce(max(g.position), 0)
FROM evidence.checkpoints AS c JOIN evidence.growths AS g ON g.size = c.size

-- name: note_dropped
SELECT ledger.note_dropped(%(part)s, %(batch)s)

-- name: drop_retired
SELECT ledger.drop_retired(%(part)s, %(covered)s)

-- name: dropped_rows
-- Of a table that is to be dropped: what the leaves of its rows are made of, in their order.
SELECT p.position, t.body, t.personal FROM ledger.retired AS t JOIN ledger.positions AS p ON p.entry = t.id
WHERE t.recorded_at >= ledger.start_of_year(%(year)s) AND t.recorded_at < ledger.start_of_year(%(year)s + 1)
ORDER BY p.position

-- name: coverage
-- What is retired: types (null: all) and the end of the last year that is.
SELECT r.types, max(r.ends) FROM ledger.retirements AS r WHERE r.restored_at IS NULL AND r.facts > 0 GROUP BY r.types
