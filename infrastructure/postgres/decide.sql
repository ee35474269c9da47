-- name: look
-- All that a decision needs, in one look: what came in some streams after some versions (without positions, which
-- decide nothing), what a command has brought about already, and the clock. There is one line at least.
SELECT clock_timestamp(), found.*
FROM (VALUES (true)) AS always
LEFT JOIN (
    SELECT true AS of_stream, news.*
    FROM unnest(%(streams)s::text[], %(versions)s::bigint[]) AS known (stream, version)
    CROSS JOIN LATERAL (
        SELECT d.fact, d.stream, d.version, d.type, d.location, d.recorded_at, d.effective_at, d.carries, d.command,
            d.body, d.personal, NULL::bigint AS position, d.id AS entry, d.generation, d.xid::text::bigint AS xid
        FROM ledger.decisions AS d
        WHERE d.stream = known.stream AND d.version > known.version
        ORDER BY d.version
        LIMIT %(batch)s
    ) AS news
    UNION ALL
    SELECT false, r.* FROM ledger.rows AS r WHERE r.command = %(command)s
) AS found ON true
ORDER BY found.of_stream, found.stream, found.version, found.entry
