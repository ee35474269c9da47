-- The counts of all locations at a date.

-- name: places
-- Every location that has been opened by a position, with its time zone.
SELECT l.location, max(z.said) FILTER (WHERE z.kind = 'zone'), l.irregular
FROM kept.locations AS l
LEFT JOIN kept.sayings AS z ON z.location = l.location AND z.kind IN ('zone', 'opened') AND z.key = ''
    AND z.known_from <= %(position)s AND (z.known_to IS NULL OR %(position)s < z.known_to)
WHERE l.location <> '' AND l.first_position <= %(position)s
GROUP BY l.location, l.irregular
HAVING l.irregular OR bool_or(z.kind = 'opened')

-- name: prefixes
SELECT a.location, least(%(position)s, coalesce(
    (
        SELECT l.position FROM kept.lines AS l
        WHERE l.location = a.location AND l.recorded_at <= a.known
        ORDER BY l.recorded_at DESC, l.position DESC
        LIMIT 1
    ), 0
))
FROM unnest(%(locations)s::text[], %(known)s::timestamptz[]) AS a (location, known)

-- name: counts
-- The twin of judging every seat: see projections/fleet.py for what the numbers mean. A location's cells are looked for
-- in one walk over its part of the index, and all that is counted is there; of two parts a row shows more than that.
WITH held AS MATERIALIZED (
    SELECT a.location, a.bit, p.*
    FROM (
        SELECT w.location, w.cells::bigint[] AS cells, w.held_at, w.position, w.bit
        FROM unnest(
            %(locations)s::text[], %(cells)s::text[], %(ons)s::timestamptz[], %(positions)s::bigint[],
            %(bits)s::bigint[]
        ) AS w (location, cells, held_at, position, bit)
    ) AS a
    CROSS JOIN LATERAL (
        SELECT f.cell, f.held_from, f.held_to, f.known_from, f.known_to, f.key,
            f.seated, f.scheduled, f.paid, f.interacts, f.owner_since
        FROM kept.parts AS f
        WHERE f.location = a.location AND f.cell = ANY(a.cells)
            AND f.held_from <= a.held_at AND f.held_to > a.held_at
            AND f.known_from <= a.position AND f.known_to > a.position
    ) AS p
), counted AS (
    SELECT h.location,
        count(*) FILTER (WHERE h.seated) AS seats,
        count(*) FILTER (WHERE h.scheduled AND h.key LIKE 'm:%%') AS scheduled,
        count(*) FILTER (WHERE h.paid & h.bit <> 0 AND NOT h.scheduled) AS paid,
        count(*) FILTER (WHERE h.interacts & h.bit <> 0 AND NOT h.scheduled) AS interacting
    FROM held AS h
    GROUP BY h.location
), owned AS (
    SELECT DISTINCT ON (h.location) h.location, h.interacts & h.bit <> 0 AS is_free
    FROM held AS h
    WHERE h.owner_since IS NOT NULL AND NOT h.scheduled
    ORDER BY h.location, h.owner_since, h.key COLLATE "C"
), shown AS (
    SELECT h.location,
        max(s.part) FILTER (WHERE h.key = '@place') AS place,
        max(s.part) FILTER (WHERE h.key = '@subscriptions') AS subscriptions
    FROM held AS h
    CROSS JOIN LATERAL (
        SELECT f.part FROM kept.parts AS f
        WHERE f.location = h.location AND f.cell = h.cell AND f.held_from = h.held_from AND f.held_to = h.held_to
            AND f.known_from = h.known_from AND f.known_to = h.known_to AND f.key = h.key
    ) AS s
    WHERE h.key IN ('@place', '@subscriptions')
    GROUP BY h.location
)
SELECT a.location, coalesce(c.seats, 0), coalesce(c.scheduled, 0), coalesce(c.paid, 0), coalesce(c.interacting, 0),
    coalesce(o.is_free, false), s.place, s.subscriptions
FROM unnest(%(locations)s::text[]) AS a (location)
LEFT JOIN counted AS c ON c.location = a.location
LEFT JOIN owned AS o ON o.location = a.location
LEFT JOIN shown AS s ON s.location = a.location

-- name: by_index
-- Whatever the planner believes of thousands of cells: each is a look into the index.
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('jit', 'off', true), set_config('work_mem', '64MB', true)
