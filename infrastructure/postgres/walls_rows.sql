-- Which rows are seen, and that none is changed: what differs from that, as walls.sql says.

-- name: views
-- A view is read with the rights, and under the row security, of whoever reads it.
SELECT 'row security', format('%s shows every location to whoever may read it.', c.oid::regclass),
    format('ALTER VIEW %s SET (security_invoker = true)', c.oid::regclass)
FROM pg_class AS c
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'v'
    AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false)

-- name: row_security
WITH parts AS (
    SELECT t.relid AS oid, c.relrowsecurity AND c.relforcerowsecurity AS forced
    FROM (
        SELECT p.relid FROM pg_partition_tree('ledger.entries') AS p
        UNION ALL
        SELECT p.relid FROM pg_partition_tree('ledger.retired') AS p
        UNION ALL
        SELECT 'ledger.positions'::regclass
    ) AS t JOIN pg_class AS c ON c.oid = t.relid
), wanted (part, name, command, roles, shows, lets_in) AS (
    SELECT p.oid, 'of_all', 'r', '{ledger_app,ledger_owner,ledger_projector}', 'true', NULL FROM parts AS p
    UNION ALL
    SELECT p.oid, 'of_location', 'r', '{ledger_reader}',
        CASE WHEN p.oid = 'ledger.positions'::regclass
            THEN E'(EXISTS ( SELECT\n   FROM ledger.entries e\n  WHERE (e.id = positions.entry)))'
            ELSE '(location = NULLIF(current_setting(''app.location''::text, true), ''''::text))'
        END,
        NULL
    FROM parts AS p
    UNION ALL
    SELECT p.oid, 'coming_in', 'a', '{ledger_owner}', NULL,
        CASE WHEN p.oid = 'ledger.positions'::regclass THEN 'true' ELSE
            '((NULLIF(current_setting(''app.location''::text, true), ''''::text) IS NULL)'
            ' OR ((location = current_setting(''app.location''::text, true))'
            ' AND ((stream = (''location:''::text || location)) OR (stream = (''observations:''::text || location)))))'
        END
    FROM parts AS p
    UNION ALL
    SELECT 'ledger.observations_other'::regclass, 'moving', 'd', '{ledger_owner}', 'true', NULL
), found AS (
    SELECT p.polrelid AS part, p.polname::text AS name, p.polcmd::text AS command,
        ARRAY(
            SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r) END FROM unnest(p.polroles) AS r ORDER BY 1
        )::text AS roles,
        pg_get_expr(p.polqual, p.polrelid) AS shows, pg_get_expr(p.polwithcheck, p.polrelid) AS lets_in
    FROM pg_policy AS p JOIN parts AS s ON s.oid = p.polrelid
    WHERE p.polpermissive
)
SELECT 'row security', format('Row security of %s is not forced.', p.oid::regclass),
    format('SELECT ledger.wall_entries(%L)', p.oid::regclass)
FROM parts AS p WHERE NOT p.forced
UNION ALL
SELECT 'row security', format('The row security of %s is not as it should be: %s.', d.part::regclass, string_agg(DISTINCT d.name, ', ')),
    format('SELECT ledger.wall_entries(%L)', d.part::regclass)
FROM (
    (SELECT * FROM wanted EXCEPT SELECT * FROM found) UNION ALL (SELECT * FROM found EXCEPT SELECT * FROM wanted)
) AS d
GROUP BY d.part

-- name: guard
WITH guarded (part, repaired) AS (
    SELECT p.relid, CASE WHEN p.relid = 'ledger.observations_other'::regclass THEN 'SELECT ledger.guard_others()' END
    FROM (VALUES ('ledger.entries'::regclass), ('ledger.retired')) AS t (parent)
    CROSS JOIN LATERAL pg_partition_tree(t.parent) AS p
    UNION ALL
    SELECT to_regclass(t.part), NULL
    FROM (
        VALUES ('ledger.facts'), ('ledger.positions'), ('ledger.generations'), ('ledger.retention_terms'),
            ('ledger.holds'), ('ledger.holds_released'), ('ledger.dropped'), ('ledger.verifications')
    ) AS t (part)
    UNION ALL
    SELECT c.oid, NULL FROM pg_class AS c
    WHERE c.relnamespace = to_regnamespace('evidence') AND c.relkind = 'r'
    UNION ALL
    SELECT t.part::regclass, format(
        'SELECT ledger.guard(%L, %L)', t.part,
        ARRAY(
            SELECT a.attname FROM pg_attribute AS a
            WHERE a.attrelid = t.part::regclass AND a.attname = ANY(t.columns) ORDER BY a.attnum
        )
    )
    FROM (
        VALUES ('ledger.imports', '{finished_at,given_up_at,facts,generation,xid}'::text[]),
            ('ledger.retirements', '{restored_at,unlisted_at,dropped_at}')
    ) AS t (part, columns)
), needed AS (
    SELECT g.part, g.repaired, t.name
    FROM guarded AS g
    JOIN pg_class AS c ON c.oid = g.part
    CROSS JOIN LATERAL (
        VALUES ('guard', true), ('guard_statements', g.repaired IS NULL), ('guard_rows', c.relkind <> 'p'),
            ('guard_moves', g.part = 'ledger.observations_other'::regclass)
    ) AS t (name, holds)
    WHERE t.holds
)
SELECT 'guard', format('The guard of %s is off: its rows can be changed.', n.part::regclass),
    coalesce(max(n.repaired), format('SELECT ledger.guard(%L)', n.part::regclass))
FROM needed AS n
LEFT JOIN pg_trigger AS t ON t.tgrelid = n.part AND t.tgname = n.name AND t.tgenabled = 'A'
    AND t.tgfoid IN (
        'ledger.refuse_change'::regproc, 'ledger.refuse_change_of_row'::regproc, 'ledger.refuse_loss'::regproc
    )
WHERE t.oid IS NULL
GROUP BY n.part
