-- The lists of log lines, each walked from the newest place down.
--
-- The condition on the list and on the place is the only one that an index could be used for, so that it is; `# 0` keeps
-- the planner from using others. What is asked of a line beside it is in that index as a rule, so that the table is not
-- looked into: the lines of a location lie on as many pages. A condition that is not asked (null) is none.
--
-- With a time on which facts hold, lines that are late have lists and times of their own: see infrastructure/kept/lists.py.

-- name: in_order
-- A list is walked by its index and nothing is put in order: the planner knows how long lists are on the average, and
-- for a long one it would read and sort everything (400 ms in a location of 150,000 facts, instead of 1).
SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)

-- name: places_by_kind
SELECT found.place
FROM (
    SELECT l.place
    FROM unnest(%(timely_to)s::bigint[], %(timely_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(timely)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.kind = k.key::smallint AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(timely_known)s::timestamptz IS NULL OR l.known_at <= %(timely_known)s)
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
    UNION ALL
    SELECT l.place
    FROM unnest(%(late_to)s::bigint[], %(late_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(late)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.kind = k.key::smallint AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(late_known)s::timestamptz IS NULL OR l.known_at <= %(late_known)s)
            AND l.effective_at <= %(on)s
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_location
SELECT found.place
FROM (
    SELECT l.place
    FROM unnest(%(timely_to)s::bigint[], %(timely_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(timely)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_location = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(timely_known)s::timestamptz IS NULL OR l.known_at <= %(timely_known)s)
            AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
            AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
            AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
    UNION ALL
    SELECT l.place
    FROM unnest(%(late_to)s::bigint[], %(late_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(late)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_location = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(late_known)s::timestamptz IS NULL OR l.known_at <= %(late_known)s)
            AND l.effective_at <= %(on)s
            AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
            AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
            AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_actor
SELECT found.place
FROM (
    SELECT l.place
    FROM unnest(%(timely_to)s::bigint[], %(timely_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(timely)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_actor = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(timely_known)s::timestamptz IS NULL OR l.known_at <= %(timely_known)s)
            AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
            AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
            AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
    UNION ALL
    SELECT l.place
    FROM unnest(%(late_to)s::bigint[], %(late_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(late)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_actor = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(late_known)s::timestamptz IS NULL OR l.known_at <= %(late_known)s)
            AND l.effective_at <= %(on)s
            AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
            AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
            AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_device
SELECT found.place
FROM (
    SELECT l.place
    FROM unnest(%(timely_to)s::bigint[], %(timely_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(timely)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_device = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(timely_known)s::timestamptz IS NULL OR l.known_at <= %(timely_known)s)
            AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
            AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
            AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
    UNION ALL
    SELECT l.place
    FROM unnest(%(late_to)s::bigint[], %(late_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(late)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_device = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(late_known)s::timestamptz IS NULL OR l.known_at <= %(late_known)s)
            AND l.effective_at <= %(on)s
            AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
            AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
            AND (%(abouts)s::bigint[] IS NULL OR (l.by_about # 0) = ANY(%(abouts)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_about
SELECT found.place
FROM (
    SELECT l.place
    FROM unnest(%(timely_to)s::bigint[], %(timely_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(timely)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_about = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(timely_known)s::timestamptz IS NULL OR l.known_at <= %(timely_known)s)
            AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
            AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
            AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
    UNION ALL
    SELECT l.place
    FROM unnest(%(late_to)s::bigint[], %(late_from)s::bigint[]) AS s (ends, begins)
    CROSS JOIN unnest(%(late)s::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT l.place FROM kept.log_lines AS l
        WHERE l.by_about = k.key AND l.place < s.ends AND l.place >= s.begins
            AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
            AND (%(late_known)s::timestamptz IS NULL OR l.known_at <= %(late_known)s)
            AND l.effective_at <= %(on)s
            AND (%(locations)s::bigint[] IS NULL OR (l.by_location # 0) = ANY(%(locations)s::bigint[]))
            AND (%(actors)s::bigint[] IS NULL OR (l.by_actor # 0) = ANY(%(actors)s::bigint[]))
            AND (%(devices)s::bigint[] IS NULL OR (l.by_device # 0) = ANY(%(devices)s::bigint[]))
        ORDER BY l.place DESC LIMIT %(batch)s
    ) AS l
) AS found
ORDER BY found.place DESC LIMIT %(batch)s

-- name: places_by_member
-- A member's id in any location: its keys lie side by side, and all that is found there is put in order.
SELECT l.place
FROM (
    SELECT r.* FROM kept.log_lines AS r WHERE r.by_about BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT u.* FROM kept.log_lines AS u WHERE u.by_about = ANY(%(keys)s::bigint[])
) AS l
WHERE l.place < %(before)s AND l.place >= %(lowest)s AND (l.kind + 0) = ANY(%(kinds)s::int[])
    AND (%(since)s::timestamptz IS NULL OR l.known_at >= %(since)s)
    AND (%(late_known)s::timestamptz IS NULL OR l.known_at <= %(late_known)s)
    AND (%(on)s::timestamptz IS NULL OR coalesce(l.effective_at, l.known_at) <= %(on)s)
ORDER BY l.place DESC LIMIT %(batch)s

-- name: reaches
-- How much there is on some lists, as far as it matters: up to the cap, and no further than on the list before.
WITH about AS MATERIALIZED (
    SELECT count(*) AS n FROM (
        SELECT FROM unnest(%(about)s::bigint[]) AS k (key)
        CROSS JOIN LATERAL (
            SELECT FROM kept.log_lines AS l
            WHERE l.by_about = k.key AND l.place < %(before)s AND l.place >= %(lowest)s LIMIT %(cap)s
        ) AS l
        LIMIT %(cap)s::bigint
    ) AS found
), device AS MATERIALIZED (
    SELECT count(*) AS n FROM (
        SELECT FROM unnest(%(device)s::bigint[]) AS k (key)
        CROSS JOIN LATERAL (
            SELECT FROM kept.log_lines AS l
            WHERE l.by_device = k.key AND l.place < %(before)s AND l.place >= %(lowest)s LIMIT %(cap)s
        ) AS l
        LIMIT least(%(cap)s::bigint, (SELECT nullif(c.n, 0) FROM about AS c))
    ) AS found
), location AS MATERIALIZED (
    SELECT count(*) AS n FROM (
        SELECT FROM unnest(%(location)s::bigint[]) AS k (key)
        CROSS JOIN LATERAL (
            SELECT FROM kept.log_lines AS l
            WHERE l.by_location = k.key AND l.place < %(before)s AND l.place >= %(lowest)s LIMIT %(cap)s
        ) AS l
        LIMIT least(%(cap)s::bigint, (SELECT nullif(c.n, 0) FROM about AS c), (SELECT nullif(c.n, 0) FROM device AS c))
    ) AS found
), actor AS MATERIALIZED (
    SELECT count(*) AS n FROM (
        SELECT FROM unnest(%(actor)s::bigint[]) AS k (key)
        CROSS JOIN LATERAL (
            SELECT FROM kept.log_lines AS l
            WHERE l.by_actor = k.key AND l.place < %(before)s AND l.place >= %(lowest)s LIMIT %(cap)s
        ) AS l
        LIMIT least(%(cap)s::bigint, (SELECT nullif(c.n, 0) FROM about AS c), (SELECT nullif(c.n, 0) FROM device AS c), (SELECT nullif(c.n, 0) FROM location AS c))
    ) AS found
)
SELECT b.n, d.n, l.n, a.n FROM about AS b, device AS d, location AS l, actor AS a

-- name: stretches
-- For each time until which is asked, the stretches of blocks in which something became known, the newest first.
SELECT near.nth, max(near.block), min(near.block)
FROM (
    SELECT found.nth, found.block,
        found.block - row_number() OVER (PARTITION BY found.nth ORDER BY found.block) AS stretch
    FROM (
        SELECT DISTINCT u.nth, s.block
        FROM unnest(%(untils)s::timestamptz[]) WITH ORDINALITY AS u (until, nth)
        JOIN kept.log_spans AS s ON (u.until IS NULL OR s.known_from <= u.until)
            AND (%(since)s::timestamptz IS NULL OR s.known_to >= %(since)s)
    ) AS found
) AS near
GROUP BY near.nth, near.stretch
ORDER BY near.nth, max(near.block) DESC

-- name: at_once
-- Rows whose places are known beforehand are fetched together, and not one after the other.
SELECT set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true)
