-- Where a device comes up for the first time, by the kept lists of devices.

-- name: first_from
SELECT k.device, min(found.place)
FROM unnest(%(devices)s::text[], %(keys)s::bigint[], %(locations)s::bigint[]) AS k (device, key, location)
CROSS JOIN LATERAL (
    SELECT l.place FROM kept.log_lines AS l
    WHERE l.by_device = k.key AND l.place < %(end)s AND (l.by_location # 0) = k.location
    ORDER BY l.place LIMIT 1
) AS found
GROUP BY k.device

-- name: next_about
-- The line after a place on any of some lists of one location.
SELECT min(found.place)
FROM unnest(%(keys)s::bigint[], %(locations)s::bigint[]) AS k (key, location)
CROSS JOIN LATERAL (
    SELECT l.place FROM kept.log_lines AS l
    WHERE l.by_about = k.key AND l.place > %(after)s AND l.place < %(end)s AND (l.by_location # 0) = k.location
    ORDER BY l.place LIMIT 1
) AS found

-- name: of_change
-- Where the lines of a change lie.
SELECT DISTINCT l.place >> 4 FROM kept.log_lines AS l
WHERE l.change = %(change)s AND l.place < %(end)s
ORDER BY 1 LIMIT %(most)s
