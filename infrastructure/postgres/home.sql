-- Where people have something to do with.

-- name: given_in
-- Locations in which an account was ever given access, whether it still has it or not.
SELECT DISTINCT e.location
FROM kept.log_lines AS l
JOIN ledger.positions AS p ON p.position = l.place >> 4
JOIN ledger.entries AS e ON e.id = p.entry
WHERE l.by_about = ANY(%(keys)s::bigint[]) AND l.place < %(end)s AND e.location IS NOT NULL
ORDER BY e.location
