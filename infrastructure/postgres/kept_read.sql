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
        SELECT e.version FROM ledger.entries AS e
        WHERE e.stream = %(terms)s AND e.version IS NOT NULL ORDER BY e.version DESC LIMIT 1
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
    AND p.held_from <= %(on)s AND (p.held_to IS NULL OR %(on)s < p.held_to)
    AND p.known_from <= %(position)s AND (p.known_to IS NULL OR %(position)s < p.known_to)

-- name: sayings
SELECT s.key, s.said FROM kept.sayings AS s
WHERE s.location = %(location)s AND s.kind = %(kind)s
    AND s.known_from <= %(position)s AND (s.known_to IS NULL OR %(position)s < s.known_to)
