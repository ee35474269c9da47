-- name: settings
SET statement_timeout = 0

-- name: retire
SELECT r.id, r.partition, r.starts, r.ends, r.facts, r.first_position, r.last_position, r.retired_at, r.restored_at
FROM ledger.retire_partition(%s) AS r
WHERE r.id IS NOT NULL

-- name: restore
SELECT ledger.restore_partition(%s)

-- name: retirements
SELECT r.id, r.partition, r.starts, r.ends, r.facts, r.first_position, r.last_position, r.retired_at, r.restored_at
FROM ledger.retirements AS r
ORDER BY r.id
