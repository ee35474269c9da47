-- What a dispute bundle holds of one tree: digests of every fact, and the facts that are disclosed.

-- name: facts
-- All facts of some streams up to a position, retired ones too, in their final order: of what decides, and of the facts
-- that are asked for, the stored bytes; of everything else digests alone, made where the bytes are.
SELECT f.position, f.fact, f.decides, f.body_digest, f.personal_digest, f.body, f.personal
FROM (
    SELECT p.position, e.fact, e.version IS NOT NULL AS decides, sha256(e.body) AS body_digest,
        sha256(e.personal) AS personal_digest,
        CASE WHEN e.version IS NOT NULL OR e.fact = ANY(%(disclosed)s::uuid[]) THEN e.body END AS body,
        CASE WHEN e.version IS NOT NULL OR e.fact = ANY(%(disclosed)s::uuid[]) THEN e.personal END AS personal
    FROM ledger.entries AS e JOIN ledger.positions AS p ON p.entry = e.id
    WHERE e.stream = ANY(%(streams)s::text[]) AND p.position <= %(upto)s
    UNION ALL
    SELECT p.position, r.fact, r.version IS NOT NULL, sha256(r.body), sha256(r.personal),
        CASE WHEN r.fact = ANY(%(disclosed)s::uuid[]) THEN r.body END,
        CASE WHEN r.fact = ANY(%(disclosed)s::uuid[]) THEN r.personal END
    FROM ledger.retired AS r JOIN ledger.positions AS p ON p.entry = r.id
    WHERE r.stream = ANY(%(streams)s::text[]) AND p.position <= %(upto)s
) AS f
ORDER BY f.position

-- name: dropped
-- Of facts that were dropped after their term what is left: their places, and what their leaves are made of.
SELECT d.position, d.fact, false, d.body, d.personal, NULL::bytea, NULL::bytea
FROM ledger.dropped AS d
WHERE d.stream = ANY(%(streams)s::text[]) AND d.position <= %(upto)s
ORDER BY d.position
