-- name: append
SELECT in_generation, in_xid, entries
FROM ledger.append(
    %s::uuid[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[],
    %s::uuid[], %s::bytea[], %s::bytea[], %s, %s
)

-- name: renew_generation
SELECT ledger.renew_generation()

-- name: used_ids
SELECT f.fact FROM ledger.facts AS f WHERE f.fact = ANY(%s::uuid[]) ORDER BY f.fact

-- name: stored
SELECT r.* FROM ledger.rows AS r
WHERE r.entry IN (SELECT f.entry FROM ledger.facts AS f WHERE f.fact = ANY(%s::uuid[]))
ORDER BY r.entry
