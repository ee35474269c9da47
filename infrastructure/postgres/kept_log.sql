-- The lists of log lines. What is written names tables without a schema: the connection's path says whether those that
-- answer are meant, or those that are being made beside them.

-- name: told_before
SELECT p.position, e.body, e.personal
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

-- The questions. Each walks lists from the newest place down: the condition on the list and on the place is the only one
-- that an index could be used for, so that it is; `# 0` keeps the planner from using others.

-- name: in_order
-- A list is walked by its index and nothing is put in order: the planner knows how long lists are on the average, and
-- for a long one it would read and sort everything (400 ms in a location of 150,000 facts, instead of 1).
SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)

-- name: places_by_kind
SELECT found.place, found.change
FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT l.place, l.change FROM kept.log_lines AS l
    WHERE l.kind = k.key::smallint AND l.place < %(before)s AND l.place >= %(lowest)s
        AND l.known_at >= %(since)s AND l.known_at <= %(until)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
    ORDER BY l.place DESC LIMIT %(batch)s
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_location
SELECT found.place, found.change
FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT l.place, l.change FROM kept.log_lines AS l
    WHERE l.by_location = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
        AND l.known_at >= %(since)s AND l.known_at <= %(until)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
        AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
        AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
        AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
    ORDER BY l.place DESC LIMIT %(batch)s
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_actor
SELECT found.place, found.change
FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT l.place, l.change FROM kept.log_lines AS l
    WHERE l.by_actor = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
        AND l.known_at >= %(since)s AND l.known_at <= %(until)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
        AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
        AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
        AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
    ORDER BY l.place DESC LIMIT %(batch)s
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_device
SELECT found.place, found.change
FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT l.place, l.change FROM kept.log_lines AS l
    WHERE l.by_device = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
        AND l.known_at >= %(since)s AND l.known_at <= %(until)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
        AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
        AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
        AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
    ORDER BY l.place DESC LIMIT %(batch)s
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_about
SELECT found.place, found.change
FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT l.place, l.change FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
        AND l.known_at >= %(since)s AND l.known_at <= %(until)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
        AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
        AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
        AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
    ORDER BY l.place DESC LIMIT %(batch)s
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_member
-- A member's id in any location: its keys lie side by side, and all that is found there is put in order.
SELECT l.place, l.change
FROM (
    SELECT r.* FROM kept.log_lines AS r WHERE r.by_about BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT u.* FROM kept.log_lines AS u WHERE u.by_about = ANY(%(keys)s::bigint[])
) AS l
WHERE l.place < %(before)s AND l.place >= %(lowest)s AND (l.kind + 0) = ANY(%(kinds)s::int[])
    AND l.known_at >= %(since)s AND l.known_at <= %(until)s AND coalesce(l.effective_at, l.known_at) <= %(on)s
    AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
    AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
ORDER BY l.place DESC LIMIT %(batch)s

-- name: reach_of_location
-- How much there is on some lists, as far as it matters.
SELECT count(*) FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_location = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
    ORDER BY l.place DESC LIMIT %(cap)s
) AS found

-- name: reach_of_actor
SELECT count(*) FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_actor = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
    ORDER BY l.place DESC LIMIT %(cap)s
) AS found

-- name: reach_of_device
SELECT count(*) FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_device = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
    ORDER BY l.place DESC LIMIT %(cap)s
) AS found

-- name: reach_of_about
SELECT count(*) FROM unnest(%(keys)s::bigint[]) AS k (key)
CROSS JOIN LATERAL (
    SELECT FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place < %(before)s AND l.place >= %(lowest)s
    ORDER BY l.place DESC LIMIT %(cap)s
) AS found

-- name: stretches
-- The stretches of blocks in which something became known in a time, the newest first.
SELECT max(near.block), min(near.block)
FROM (
    SELECT found.block, found.block - row_number() OVER (ORDER BY found.block) AS stretch
    FROM (
        SELECT DISTINCT s.block FROM kept.log_spans AS s WHERE s.known_from <= %(until)s AND s.known_to >= %(since)s
    ) AS found
) AS near
GROUP BY near.stretch
ORDER BY 1 DESC

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
SELECT p.position, e.fact, e.type, e.location, e.body, e.personal
FROM ledger.positions AS p
JOIN ledger.entries AS e ON e.id = p.entry
WHERE p.position = ANY(%(positions)s)

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
-- The newest lines of lists, each of one location.
SELECT k.nth, found.place
FROM unnest(%(keys)s::bigint[], %(locations)s::bigint[]) WITH ORDINALITY AS k (key, location, nth)
CROSS JOIN LATERAL (
    SELECT l.place FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place < %(end)s AND (l.by_location # 0) = k.location
    ORDER BY l.place DESC LIMIT %(most)s
) AS found

-- name: known_names
-- Who is called what in some locations, as it is kept; nothing of those that are not kept whole.
SELECT w.location, w.key, s.said
FROM unnest(%(locations)s::text[], %(keys)s::text[], %(positions)s::bigint[]) AS w (location, key, position)
JOIN kept.sayings AS s ON s.location = w.location AND s.kind = 'named' AND s.key = w.key
    AND s.known_from <= w.position AND (s.known_to IS NULL OR w.position < s.known_to)

-- name: known_upto
-- The last entry of each location that was known by a time, of those locations of which everything is kept.
SELECT w.location, coalesce(least(last.position, %(upto)s), 0)
FROM unnest(%(locations)s::text[], %(known)s::timestamptz[]) AS w (location, known)
JOIN kept.locations AS l ON l.location = w.location AND NOT l.irregular
LEFT JOIN LATERAL (
    SELECT e.position FROM kept.lines AS e
    WHERE e.location = w.location AND e.recorded_at <= w.known
    ORDER BY e.recorded_at DESC, e.position DESC LIMIT 1
) AS last ON true

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
