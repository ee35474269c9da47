-- The instants at which what holds in a location changes, as known at a position.

-- name: known_to
SELECT max(l.position) FROM kept.lines AS l
WHERE l.location = %s AND l.recorded_at <= %s AND l.position <= %s

-- name: previous
SELECT max(p.held_from) FROM kept.parts AS p
WHERE p.location = %(location)s AND p.held_from < %(on)s AND p.held_from > '-infinity'
    AND p.known_from <= %(position)s AND p.known_to > %(position)s

-- name: next
SELECT min(p.held_from) FROM kept.parts AS p
WHERE p.location = %(location)s AND p.held_from > %(on)s AND p.held_from < 'infinity'
    AND p.known_from <= %(position)s AND p.known_to > %(position)s
