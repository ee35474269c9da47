-- name: state
SELECT s.position, s.made_with FROM kept.state AS s

-- name: opening
-- All that books are opened with: first what can have a position gets one, then the clock is read.
SELECT q.last_position, q.won AND q.added = %(batch)s, clock_timestamp(), s.position, s.made_with
FROM ledger.sequence(%(batch)s) AS q CROSS JOIN kept.state AS s

-- name: location
-- What is kept of a location, its time zone as told up to a position, how far the terms go, what cannot be read, and
-- the last entry that was known by an instant (see `prefix`). With an instant `on` also the parts that hold at both (see
-- `parts`): the cells of the position are counted here as in infrastructure/kept/cells.py.
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
    ),
    w.position,
    CASE WHEN %(on)s::timestamptz IS NOT NULL THEN ARRAY(
        SELECT ARRAY[p.key, p.part] FROM kept.parts AS p
        WHERE p.location = %(location)s
            AND p.cell = ANY(%(cells)s::bigint[] || ARRAY(
                SELECT (1::bigint << (44 - n.level)) | (w.position >> n.level)
                FROM generate_series(6, CASE WHEN s.position < 1 << 28 THEN 30 ELSE 44 END) AS n (level)
            ))
            AND p.held_from <= %(on)s AND p.held_to > %(on)s
            AND p.known_from <= w.position AND p.known_to > w.position
    ) END
FROM kept.state AS s
LEFT JOIN kept.locations AS l ON l.location = %(location)s
CROSS JOIN LATERAL (
    SELECT least(%(position)s::bigint, coalesce((
        SELECT k.position FROM kept.lines AS k
        WHERE k.location = %(location)s AND k.recorded_at <= %(known)s
        ORDER BY k.recorded_at DESC, k.position DESC
        LIMIT 1
    ), 0)) AS position
) AS w

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

-- name: woven
-- Every key that lies in one strand with one of some keys.
SELECT o.key
FROM (
    SELECT DISTINCT s.strand FROM kept.strands AS s WHERE s.location = %(location)s AND s.key = ANY(%(keys)s)
) AS f
JOIN kept.strands AS o ON o.location = %(location)s AND o.strand = f.strand

-- name: strands
-- The entries of the strands that some keys are in.
SELECT l.position, e.fact, e.type, e.location, e.body, e.personal
FROM (
    SELECT DISTINCT s.strand FROM kept.strands AS s WHERE s.location = %(location)s AND s.key = ANY(%(keys)s)
) AS f
JOIN kept.lines AS l ON l.location = %(location)s AND l.strand = f.strand
JOIN ledger.positions AS p ON p.position = l.position
JOIN ledger.entries AS e ON e.id = p.entry
WHERE l.position <= %(position)s AND l.recorded_at IS NOT NULL
ORDER BY l.position

-- name: fleet
SELECT s.position, s.made_with,
    (
        SELECT e.version FROM ledger.decisions AS e WHERE e.stream = %(terms)s ORDER BY e.version DESC LIMIT 1
    )
FROM kept.state AS s

-- name: nowhere
SELECT l.irregular FROM kept.locations AS l WHERE l.location = ''
