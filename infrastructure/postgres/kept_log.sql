-- The lists of log lines. What is written names tables without a schema: the connection's path says whether those that
-- answer are meant, or those that are being made beside them.

-- name: told_before
SELECT p.position, e.fact, e.type, e.location, e.body, e.personal
FROM ledger.facts AS f
JOIN ledger.entries AS e ON e.id = f.entry
JOIN ledger.positions AS p ON p.entry = e.id
WHERE f.fact = ANY(%(facts)s::uuid[]) AND p.position < %(before)s

-- name: copy_lines
COPY log_lines (place, known_at, by_location, by_actor, kind, by_device, by_about, change, effective_at)
FROM STDIN WITH (FORMAT binary)

-- name: copy_undoing
COPY log_undoing (fact, position) FROM STDIN

-- name: widen_span
UPDATE log_spans AS s
SET known_from = least(s.known_from, %(known_from)s), known_to = greatest(s.known_to, %(known_to)s)
WHERE s.block = %(block)s

-- name: add_span
INSERT INTO log_spans (block, known_from, known_to) VALUES (%(block)s, %(known_from)s, %(known_to)s)

-- name: forget_stragglers
DELETE FROM log_stragglers AS s WHERE s.change = ANY(%(changes)s) AND to_regclass(current_schema() || '.log_lines_change') IS NOT NULL

-- name: add_stragglers
-- Only where there is an index to ask; tables that are made beside are asked once, when they are full.
INSERT INTO log_stragglers (change, first_place, last_place)
SELECT l.change, min(l.place), max(l.place) FROM log_lines AS l
WHERE to_regclass(current_schema() || '.log_lines_change') IS NOT NULL AND l.change = ANY(%(changes)s)
GROUP BY l.change HAVING max(l.place) - min(l.place) >= %(far)s

-- name: find_stragglers
INSERT INTO log_stragglers (change, first_place, last_place)
SELECT l.change, min(l.place), max(l.place) FROM log_lines AS l
WHERE l.change IS NOT NULL
GROUP BY l.change HAVING max(l.place) - min(l.place) >= %(far)s

-- The questions. The lists are walked by kept_lists.sql.

-- name: stragglers
SELECT s.change FROM kept.log_stragglers AS s WHERE s.last_place >= %(before)s AND s.first_place < %(before)s

-- name: places_of_changes
-- Of changes that begin early enough.
SELECT found.place
FROM (
    SELECT l.place, min(l.place) OVER (PARTITION BY l.change) AS first_place FROM kept.log_lines AS l
    WHERE l.change = ANY(%(changes)s::bigint[]) AND l.place < %(end)s
) AS found
WHERE found.first_place < %(before)s

-- name: entries_at
-- Found in each table by all ids at once: what lies on a disk is then fetched together.
WITH wanted AS MATERIALIZED (
    SELECT p.position, p.entry FROM ledger.positions AS p WHERE p.position = ANY(%(positions)s::bigint[])
)
SELECT w.position, e.fact, e.type, e.location, e.body, e.personal
FROM ledger.entries AS e
JOIN wanted AS w ON w.entry = e.id
WHERE e.id = ANY(ARRAY(SELECT w.entry FROM wanted AS w))

-- name: positions_of
-- Where facts lie, plain or carried, and where others lie that undo them.
SELECT f.fact::text, p.position
FROM ledger.facts AS f
JOIN ledger.positions AS p ON p.entry = f.entry
WHERE f.fact = ANY(%(facts)s::uuid[]) AND p.position <= %(upto)s
UNION ALL
SELECT u.fact::text, u.position
FROM kept.log_undoing AS u
WHERE u.fact = ANY(%(undone)s::uuid[]) AND u.position <= %(upto)s

-- name: naming_places
-- The newest lines of lists, each of one location, that were known and held by a time.
SELECT k.nth, found.place
FROM unnest(
    %(keys)s::bigint[], %(locations)s::bigint[], %(ons)s::timestamptz[], %(known)s::timestamptz[], %(ends)s::bigint[]
) WITH ORDINALITY AS k (key, location, held_at, known_at, ends, nth)
CROSS JOIN LATERAL (
    SELECT l.place FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place < k.ends AND l.known_at <= k.known_at AND (l.by_location # 0) = k.location
        AND (k.held_at IS NULL OR coalesce(l.effective_at, l.known_at) <= k.held_at)
    ORDER BY l.place DESC LIMIT %(most)s
) AS found

-- name: kept_places
-- Time zones of locations of which everything is kept, and whether they are open, as told up to a position.
SELECT l.location, max(z.said) FILTER (WHERE z.kind = 'zone'), coalesce(bool_or(z.kind = 'opened'), false)
FROM unnest(%(locations)s::text[]) AS w (location)
JOIN kept.locations AS l ON l.location = w.location AND NOT l.irregular AND l.first_position <= %(upto)s
LEFT JOIN kept.sayings AS z ON z.location = l.location AND z.kind IN ('zone', 'opened') AND z.key = ''
    AND z.known_from <= %(upto)s AND (z.known_to IS NULL OR %(upto)s < z.known_to)
GROUP BY l.location

-- name: known_names
-- Who is called what in some locations as known by a time; nothing of those that are not kept whole. Every such location
-- has a row of its own, without a key, with the positions of the last entries that were known by then, and by the time
-- on which facts hold. By a time that is later than everything in the ledger all of it was known: then the index of the
-- location's entries, a page of it for each location, is not read.
WITH newest AS MATERIALIZED (
    SELECT coalesce(max(s.known_to), 'infinity') AS known_at FROM kept.log_spans AS s
), known AS MATERIALIZED (
    SELECT w.location,
        CASE WHEN w.known >= n.known_at THEN %(upto)s ELSE least(coalesce(last.position, 0), %(upto)s) END AS position,
        CASE
            WHEN coalesce(w.held_at, w.known) >= n.known_at THEN %(upto)s
            WHEN w.held_at IS NULL THEN least(coalesce(last.position, 0), %(upto)s)
            ELSE least(coalesce(by_then.position, 0), %(upto)s)
        END AS by_then
    FROM unnest(%(places)s::text[], %(known)s::timestamptz[], %(ons)s::timestamptz[]) AS w (location, known, held_at)
    CROSS JOIN newest AS n
    JOIN kept.locations AS l ON l.location = w.location AND NOT l.irregular
    LEFT JOIN LATERAL (
        SELECT e.position FROM kept.lines AS e
        WHERE e.location = w.location AND e.recorded_at <= w.known AND w.known < n.known_at
        ORDER BY e.recorded_at DESC, e.position DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN LATERAL (
        SELECT e.position FROM kept.lines AS e
        WHERE e.location = w.location AND e.recorded_at <= w.held_at AND w.held_at < n.known_at
        ORDER BY e.recorded_at DESC, e.position DESC LIMIT 1
    ) AS by_then ON true
)
SELECT k.location, NULL, NULL, k.position, k.by_then FROM known AS k
UNION ALL
SELECT w.location, w.key, s.said, k.position, k.by_then
FROM unnest(%(locations)s::text[], %(keys)s::text[]) AS w (location, key)
JOIN known AS k ON k.location = w.location
JOIN kept.sayings AS s ON s.location = w.location AND s.kind = 'named' AND s.key = w.key
    AND s.known_from <= k.position AND (s.known_to IS NULL OR k.position < s.known_to)

-- name: names_at
-- Who is called what in some locations at a position of each.
SELECT w.location, w.key, s.said
FROM unnest(%(locations)s::text[], %(keys)s::text[], %(positions)s::bigint[]) AS w (location, key, position)
JOIN kept.sayings AS s ON s.location = w.location AND s.kind = 'named' AND s.key = w.key
    AND s.known_from <= w.position AND (s.known_to IS NULL OR w.position < s.known_to)

-- name: told_since
-- Lists of locations on which there is something between two places.
SELECT k.nth
FROM unnest(%(keys)s::bigint[], %(locations)s::bigint[], %(thens)s::bigint[], %(ends)s::bigint[])
    WITH ORDINALITY AS k (key, location, begins, ends, nth)
WHERE EXISTS (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place >= k.begins AND l.place < k.ends AND (l.by_location # 0) = k.location
)

-- name: held_later
-- Lists of locations on which something up to a place holds only after a time.
SELECT k.nth
FROM unnest(%(keys)s::bigint[], %(locations)s::bigint[], %(ons)s::timestamptz[], %(ends)s::bigint[])
    WITH ORDINALITY AS k (key, location, held_at, ends, nth)
WHERE EXISTS (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place < k.ends AND (l.by_location # 0) = k.location
        AND coalesce(l.effective_at, l.known_at) > k.held_at
)

-- name: opened_later
-- The same of lists that are a location's own.
SELECT k.nth
FROM unnest(%(keys)s::bigint[], %(ons)s::timestamptz[], %(ends)s::bigint[])
    WITH ORDINALITY AS k (key, held_at, ends, nth)
WHERE EXISTS (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_location = k.key AND l.place < k.ends AND coalesce(l.effective_at, l.known_at) > k.held_at
)

-- name: left_out_at
-- Facts of locations that do not count as told up to a position of each.
SELECT w.location, w.fact
FROM unnest(%(locations)s::text[], %(facts)s::text[], %(positions)s::bigint[]) AS w (location, fact, position)
JOIN kept.sayings AS s ON s.location = w.location AND s.kind = 'left_out' AND s.key = w.fact
    AND s.known_from <= w.position AND (s.known_to IS NULL OR w.position < s.known_to)

-- name: listed_places
-- Short lists, whole.
SELECT l.place FROM kept.log_lines AS l
WHERE l.by_location = ANY(%(keys)s::bigint[]) AND l.place < %(end)s

-- name: any_line
SELECT EXISTS (
    SELECT FROM unnest(%(keys)s::bigint[]) AS k (key)
    JOIN kept.log_lines AS l ON l.by_location = k.key
    WHERE l.place < %(end)s
)

-- name: unread
SELECT u.position, u.stream, u.location, u.fact, u.type, u.reason FROM kept.unread AS u
WHERE u.position <= %(upto)s
ORDER BY u.position

-- name: last_of_each
-- Of each list of sign-ins the one that holds last, at a point of both times.
SELECT DISTINCT ON (l.by_about) l.by_about, l.place
FROM kept.log_lines AS l
WHERE l.by_about = ANY(%(abouts)s) AND l.by_location = ANY(%(locations)s) AND l.place < %(end)s
    AND l.known_at <= %(known)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
    AND l.place >> 4 <> ALL(%(gone)s)
ORDER BY l.by_about, coalesce(l.effective_at, l.known_at) DESC, l.place DESC

-- name: all_of_each
SELECT l.place
FROM kept.log_lines AS l
WHERE l.by_about = ANY(%(abouts)s) AND l.by_location = ANY(%(locations)s) AND l.place < %(end)s
