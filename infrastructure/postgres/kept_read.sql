-- name: state
SELECT s.position, s.made_with FROM kept.state AS s

-- name: location
-- What is kept of a location, its time zone as told up to a position, how far the terms go, and what cannot be read.
SELECT s.position, s.made_with, l.first_position, l.irregular,
    (
        SELECT z.said FROM kept.sayings AS z
        WHERE z.location = %(location)s AND z.kind = 'zone' AND z.key = ''
            AND z.known_from <= %(position)s AND (z.known_to IS NULL OR %(position)s < z.known_to)
    ),
    (
        SELECT e.version FROM ledger.decisions AS e WHERE e.stream = %(terms)s ORDER BY e.version DESC LIMIT 1
    ),
    ARRAY(
        SELECT u.position FROM kept.unread AS u
        WHERE u.stream IN (%(terms)s, %(stream)s) AND u.position <= %(position)s ORDER BY u.position
    )
FROM kept.state AS s LEFT JOIN kept.locations AS l ON l.location = %(location)s

-- name: prefix
-- The last entry of a location that was known by then: within a location recorded_at rises with the position.
SELECT l.position FROM kept.lines AS l
WHERE l.location = %(location)s AND l.recorded_at <= %(known)s
ORDER BY l.recorded_at DESC, l.position DESC
LIMIT 1

-- name: parts
SELECT p.key, p.part FROM kept.parts AS p
WHERE p.location = %(location)s AND p.cell = ANY(%(cells)s)
    AND p.held_from <= %(on)s AND p.held_to > %(on)s
    AND p.known_from <= %(position)s AND p.known_to > %(position)s

-- name: sayings
SELECT s.key, s.said FROM kept.sayings AS s
WHERE s.location = %(location)s AND s.kind = %(kind)s
    AND s.known_from <= %(position)s AND (s.known_to IS NULL OR %(position)s < s.known_to)

-- name: strand
-- The entries of the strand that a key is in.
SELECT l.position, e.fact, e.type, e.location, e.body, e.personal
FROM kept.strands AS s
JOIN kept.lines AS l ON l.location = s.location AND l.strand = s.strand
JOIN ledger.positions AS p ON p.position = l.position
JOIN ledger.entries AS e ON e.id = p.entry
WHERE s.location = %(location)s AND s.key = %(key)s AND l.position <= %(position)s AND l.recorded_at IS NOT NULL
ORDER BY l.position

-- name: fleet
SELECT s.position, s.made_with,
    (
        SELECT e.version FROM ledger.decisions AS e WHERE e.stream = %(terms)s ORDER BY e.version DESC LIMIT 1
    )
FROM kept.state AS s

-- name: fleet_places
-- Every location that has been opened by a position, with its time zone.
SELECT l.location, max(z.said) FILTER (WHERE z.kind = 'zone'), l.irregular
FROM kept.locations AS l
LEFT JOIN kept.sayings AS z ON z.location = l.location AND z.kind IN ('zone', 'opened') AND z.key = ''
    AND z.known_from <= %(position)s AND (z.known_to IS NULL OR %(position)s < z.known_to)
WHERE l.location <> '' AND l.first_position <= %(position)s
GROUP BY l.location, l.irregular
HAVING l.irregular OR bool_or(z.kind = 'opened')

-- name: fleet_prefixes
SELECT a.location, least(%(position)s, coalesce(
    (
        SELECT l.position FROM kept.lines AS l
        WHERE l.location = a.location AND l.recorded_at <= a.known
        ORDER BY l.recorded_at DESC, l.position DESC
        LIMIT 1
    ), 0
))
FROM unnest(%(locations)s::text[], %(known)s::timestamptz[]) AS a (location, known)

-- name: fleet_counts
-- The twin of judging every seat: see projections/fleet.py for what the numbers mean.
WITH looked_in AS MATERIALIZED (
    SELECT a.location, c.cell, a.held_at, a.position, a.bit
    FROM unnest(
        %(locations)s::text[], %(points)s::int[], %(ons)s::timestamptz[], %(positions)s::bigint[], %(bits)s::bigint[]
    ) AS a (location, point, held_at, position, bit)
    JOIN unnest(%(cell_points)s::int[], %(cells)s::bigint[]) AS c (point, cell) ON c.point = a.point
), held AS (
    SELECT c.location, c.bit, p.key, p.seated, p.scheduled, p.paid, p.interacts, p.owner_since
    FROM looked_in AS c
    CROSS JOIN LATERAL (
        SELECT f.key, f.seated, f.scheduled, f.paid, f.interacts, f.owner_since
        FROM kept.parts AS f
        WHERE f.location = c.location AND f.cell = c.cell
            AND f.held_from <= c.held_at AND f.held_to > c.held_at
            AND f.known_from <= c.position AND f.known_to > c.position
    ) AS p
)
SELECT a.location,
    count(*) FILTER (WHERE h.seated),
    count(*) FILTER (WHERE h.scheduled AND h.key LIKE 'm:%%'),
    count(*) FILTER (WHERE h.paid & h.bit <> 0 AND NOT h.scheduled),
    count(*) FILTER (WHERE h.interacts & h.bit <> 0 AND NOT h.scheduled),
    (
        array_agg(h.interacts & h.bit <> 0 ORDER BY h.owner_since, h.key COLLATE "C")
        FILTER (WHERE h.owner_since IS NOT NULL AND NOT h.scheduled)
    )[1]
FROM unnest(%(locations)s::text[]) AS a (location)
LEFT JOIN held AS h ON h.location = a.location
GROUP BY a.location

-- name: fleet_parts
-- What a location's row shows beside the counts.
SELECT a.location, p.key, p.part
FROM unnest(%(locations)s::text[], %(points)s::int[], %(ons)s::timestamptz[], %(positions)s::bigint[])
    AS a (location, point, held_at, position)
JOIN unnest(%(cell_points)s::int[], %(cells)s::bigint[]) AS c (point, cell) ON c.point = a.point
CROSS JOIN LATERAL (
    SELECT f.key, f.part
    FROM kept.parts AS f
    WHERE f.location = a.location AND f.cell = c.cell
        AND f.held_from <= a.held_at AND f.held_to > a.held_at
        AND f.known_from <= a.position AND f.known_to > a.position
        AND f.key IN ('@place', '@subscriptions')
) AS p

-- name: nowhere
SELECT l.irregular FROM kept.locations AS l WHERE l.location = ''

-- name: by_index
-- Whatever the planner believes of thousands of cells: each is a look into the index.
SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
