-- Who owns what, and who may do what with it: what differs from that, as walls.sql says.

-- name: doors
-- The database itself, before owners change: they need to make things in it.
SELECT 'rights', format('%s may not make schemas here.', w.role),
    format('GRANT CREATE ON DATABASE %I TO %I', current_database(), w.role)
FROM (VALUES ('ledger_owner'), ('ledger_projector')) AS w (role)
WHERE to_regrole(w.role) IS NULL OR NOT has_database_privilege(to_regrole(w.role), current_database(), 'CREATE')
UNION ALL
SELECT 'rights', format('%s may not connect to this database.', w.role),
    format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), w.role)
FROM (VALUES ('ledger_app'), ('ledger_reader'), ('ledger_writer'), ('ledger_sequencer'), ('ledger_migrator')) AS w (role)
WHERE to_regrole(w.role) IS NULL OR NOT has_database_privilege(to_regrole(w.role), current_database(), 'CONNECT')
UNION ALL
SELECT 'rights', format('Everybody may %s in this database.', CASE a.privilege_type WHEN 'CREATE' THEN 'make schemas' ELSE 'make temporary tables' END),
    format('REVOKE %s ON DATABASE %I FROM PUBLIC', a.privilege_type, d.datname)
FROM pg_database AS d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type IN ('CREATE', 'TEMPORARY')
UNION ALL
SELECT 'rights', 'Everybody may make tables and functions in the schema public.', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'

-- name: owners
WITH schemas (name, owner) AS (
    VALUES ('ledger', 'ledger_owner'), ('evidence', 'ledger_owner'), ('door', 'ledger_owner'),
        ('webhooks', 'ledger_owner'), ('views', 'ledger_owner'), ('migrations', 'ledger_owner'),
        ('kept', 'ledger_projector'), ('kept_next', 'ledger_projector'), ('kept_old', 'ledger_projector'),
        ('keys', 'ledger_app')
), found AS (
    SELECT n.oid, n.nspname, n.nspowner, s.owner FROM schemas AS s JOIN pg_namespace AS n ON n.nspname = s.name
), owned (nth, kind, name, owner, wanted) AS (
    SELECT 1, 'SCHEMA', quote_ident(f.nspname), f.nspowner, f.owner FROM found AS f
    UNION ALL
    SELECT 2,
        CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
        c.oid::regclass::text, c.relowner, f.owner
    FROM found AS f JOIN pg_class AS c ON c.relnamespace = f.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm') OR (
        c.relkind = 'S' AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        )
    )
    UNION ALL
    SELECT 3, 'FUNCTION', p.oid::regprocedure::text, p.proowner, f.owner
    FROM found AS f JOIN pg_proc AS p ON p.pronamespace = f.oid
)
SELECT 'owners', format('%s %s belongs to %s.', initcap(o.kind), o.name, o.owner::regrole),
    format('ALTER %s %s OWNER TO %I', o.kind, o.name, o.wanted)
FROM owned AS o
WHERE o.owner IS DISTINCT FROM to_regrole(o.wanted)::oid
ORDER BY o.nth, o.name

-- name: functions
-- Functions that run with the owner's rights: they are the only ways in which a fact is stored or gets its position.
WITH wanted AS (
    SELECT p.oid, p.prosecdef, p.proconfig
    FROM pg_proc AS p
    WHERE p.pronamespace = 'ledger'::regnamespace AND p.proname IN (
        'append', 'append_here', 'renew_generation', 'sequence', 'make_partitions', 'begin_storing', 'store_lines',
        'end_storing', 'forget_import', 'forget_killed_imports', 'analyze_staging'
    )
)
SELECT 'functions', format('%s runs with the rights of whoever calls it.', w.oid::regprocedure),
    format('ALTER FUNCTION %s SECURITY DEFINER', w.oid::regprocedure)
FROM wanted AS w WHERE NOT w.prosecdef
UNION ALL
SELECT 'functions', format('%s looks for names where others can put some.', w.oid::regprocedure),
    format('ALTER FUNCTION %s SET search_path = pg_catalog, ledger, pg_temp', w.oid::regprocedure)
FROM wanted AS w
WHERE NOT EXISTS (
    SELECT FROM unnest(w.proconfig) AS c
    WHERE c IN ('search_path=pg_catalog, ledger, pg_temp', 'search_path=pg_catalog, pg_temp')
)
UNION ALL
SELECT 'functions', format('%s runs with the rights of its owner, and is none of those that should.', p.oid::regprocedure),
    format('ALTER FUNCTION %s SECURITY INVOKER', p.oid::regprocedure)
FROM pg_proc AS p
WHERE p.pronamespace = 'ledger'::regnamespace AND p.prosecdef AND p.oid NOT IN (SELECT w.oid FROM wanted AS w)

-- name: kept
SELECT 'rights', format('%s has no views for readers.', n.nspname), format('SELECT ledger.wall_kept(%L)', n.nspname)
FROM pg_namespace AS n
WHERE n.nspname IN ('kept', 'kept_next') AND EXISTS (
    SELECT FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'location'
    WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND NOT EXISTS (
        SELECT FROM pg_class AS v
        WHERE v.relnamespace = n.oid AND v.relname = c.relname || '_here'
            AND v.reloptions @> '{security_barrier=true}'
            AND pg_get_viewdef(v.oid) LIKE '%location = NULLIF(current_setting(''app.location''::text, true), ''''::text));'
    )
)
UNION ALL
SELECT 'rights', format('%s has a trigger or a rule of its own: %s.', c.oid::regclass, t.name),
    format('DROP %s %I ON %s', t.kind, t.name, c.oid::regclass)
FROM pg_class AS c
CROSS JOIN LATERAL (
    SELECT 'TRIGGER', t.tgname FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'RULE', r.rulename FROM pg_rewrite AS r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'
) AS t (kind, name)
WHERE c.relnamespace IN (to_regnamespace('kept'), to_regnamespace('kept_next'))

-- name: rights
-- What each role may do with each table, view, sequence, schema and function: no less, and nobody else any more.
WITH schemas AS (
    SELECT n.oid, n.nspname AS name, n.nspowner, n.nspacl
    FROM pg_namespace AS n
    WHERE n.nspname IN ('ledger', 'evidence', 'door', 'webhooks', 'views', 'migrations', 'kept', 'kept_next', 'keys')
), relations AS (
    SELECT c.oid, s.name AS schema, c.relname AS name, c.relkind AS kind, c.relowner, c.relacl,
        EXISTS (
            SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'guard'
        ) OR s.name = 'evidence' AS guarded,
        -- A year's table is read by its parent only.
        EXISTS (
            SELECT FROM pg_inherits AS i
            WHERE i.inhrelid = c.oid AND i.inhparent IN ('ledger.observations'::regclass, 'ledger.retired'::regclass)
        ) OR c.relname LIKE 'dividing\_%' AS of_a_year
    FROM schemas AS s JOIN pg_class AS c ON c.relnamespace = s.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
), wanted (kind, oid, role, privilege) AS (
    SELECT 'SCHEMA', s.oid, r.role, 'USAGE'
    FROM schemas AS s
    CROSS JOIN LATERAL (
        SELECT 'ledger_app' UNION ALL
        SELECT r FROM unnest(ARRAY['ledger_reader', 'ledger_writer', 'ledger_sequencer', 'ledger_projector']) AS r
        WHERE s.name = 'ledger' UNION ALL
        SELECT r FROM unnest(ARRAY['ledger_reader', 'ledger_owner']) AS r WHERE s.name LIKE 'kept%'
    ) AS r (role)
    UNION ALL
    SELECT CASE t.kind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, t.oid, r.role, p.privilege
    FROM relations AS t
    CROSS JOIN LATERAL (
        -- The facts and all about them: read, and stored by functions.
        SELECT 'ledger_app', '{SELECT}' WHERE t.schema IN ('ledger', 'migrations') AND t.kind <> 'S' AND NOT t.of_a_year
        UNION ALL
        SELECT 'ledger_app', '{INSERT}' WHERE t.schema = 'ledger' AND t.name IN ('imports', 'verifications', 'holds')
        UNION ALL
        SELECT 'ledger_app', '{INSERT,DELETE}'
        WHERE t.schema = 'ledger' AND t.name IN ('staging', 'staged_chunks', 'left_out', 'staged_streams')
        UNION ALL
        SELECT 'ledger_reader', '{SELECT}'
        WHERE t.schema = 'ledger' AND t.name IN (
            'entries', 'decisions', 'observations', 'retired', 'positions', 'rows', 'ever_stored'
        )
        UNION ALL
        SELECT 'ledger_projector', '{SELECT}' WHERE t.schema = 'ledger' AND t.name IN (
            'entries', 'decisions', 'observations', 'retired', 'positions', 'facts', 'sequencer', 'generations', 'rows',
            'ever_stored', 'dropped'
        )
        UNION ALL
        -- What is only added to.
        SELECT 'ledger_app', '{SELECT,INSERT}'
        WHERE t.schema IN ('evidence', 'door', 'webhooks', 'views') AND t.kind <> 'S' AND t.guarded
        UNION ALL
        -- The rest of what the program keeps.
        SELECT 'ledger_app', '{SELECT,INSERT,UPDATE,DELETE}'
        WHERE t.schema IN ('door', 'webhooks', 'views', 'kept', 'kept_next') AND t.kind = 'r' AND NOT t.guarded
        UNION ALL
        SELECT 'ledger_app', '{USAGE}' WHERE t.schema IN ('evidence', 'door', 'webhooks', 'views') AND t.kind = 'S'
        UNION ALL
        SELECT 'ledger_reader', '{SELECT}' WHERE t.schema IN ('kept', 'kept_next') AND t.kind = 'v'
        UNION ALL
        SELECT 'ledger_owner', '{SELECT}' WHERE t.schema IN ('kept', 'kept_next') AND t.kind = 'r'
    ) AS r (role, privileges)
    CROSS JOIN LATERAL unnest(r.privileges::text[]) AS p (privilege)
    UNION ALL
    SELECT 'FUNCTION', p.oid, r.role, 'EXECUTE'
    FROM pg_proc AS p
    CROSS JOIN LATERAL (
        SELECT 'ledger_writer' WHERE p.proname IN ('append_here', 'renew_generation')
        UNION ALL
        SELECT 'ledger_sequencer' WHERE p.proname = 'sequence'
        UNION ALL
        SELECT 'ledger_app' WHERE p.proname IN (
            'append', 'make_partitions', 'begin_storing', 'store_lines', 'end_storing', 'forget_import',
            'forget_killed_imports', 'analyze_staging', 'walls_stand', 'is_held', 'start_of_year'
        )
    ) AS r (role)
    WHERE p.pronamespace = 'ledger'::regnamespace
), found (kind, oid, role, privilege, owner) AS (
    SELECT 'SCHEMA', s.oid, a.grantee, a.privilege_type, s.nspowner FROM schemas AS s, aclexplode(s.nspacl) AS a
    UNION ALL
    SELECT CASE t.kind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, t.oid, a.grantee, a.privilege_type, t.relowner
    FROM relations AS t, aclexplode(t.relacl) AS a
    UNION ALL
    SELECT 'TABLE', t.oid, a.grantee, a.privilege_type, t.relowner
    FROM relations AS t JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attacl IS NOT NULL, aclexplode(c.attacl) AS a
    UNION ALL
    SELECT 'FUNCTION', p.oid, a.grantee, a.privilege_type, p.proowner
    FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    WHERE p.pronamespace IN (SELECT s.oid FROM schemas AS s)
), named AS (
    SELECT 'SCHEMA' AS kind, s.oid, quote_ident(s.name) AS name FROM schemas AS s
    UNION ALL
    SELECT CASE t.kind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, t.oid, t.oid::regclass::text FROM relations AS t
    UNION ALL
    SELECT 'FUNCTION', p.oid, p.oid::regprocedure::text FROM pg_proc AS p
    WHERE p.pronamespace IN (SELECT s.oid FROM schemas AS s)
)
SELECT 'rights', format('%s may not %s on %s.', w.role, string_agg(w.privilege, ', ' ORDER BY w.privilege), n.name),
    format('GRANT %s ON %s %s TO %I', string_agg(w.privilege, ', ' ORDER BY w.privilege), w.kind, n.name, w.role)
FROM wanted AS w
JOIN named AS n ON n.kind = w.kind AND n.oid = w.oid
WHERE NOT EXISTS (
    SELECT FROM found AS f
    WHERE f.kind = w.kind AND f.oid = w.oid AND f.role = to_regrole(w.role) AND f.privilege = w.privilege
) AND NOT EXISTS (
    -- Who owns it may all.
    SELECT FROM relations AS t WHERE w.kind IN ('TABLE', 'SEQUENCE') AND t.oid = w.oid AND t.relowner = to_regrole(w.role)
    UNION ALL
    SELECT FROM schemas AS s WHERE w.kind = 'SCHEMA' AND s.oid = w.oid AND s.nspowner = to_regrole(w.role)
)
GROUP BY w.role, w.kind, n.name
UNION ALL
SELECT 'rights', format('%s may %s on %s.', coalesce(g.rolname, 'Everybody'), string_agg(DISTINCT f.privilege, ', '), n.name),
    format(
        'REVOKE %s ON %s %s FROM %s', string_agg(DISTINCT f.privilege, ', '), f.kind, n.name,
        coalesce(quote_ident(g.rolname), 'PUBLIC')
    )
FROM found AS f
JOIN named AS n ON n.kind = f.kind AND n.oid = f.oid
LEFT JOIN pg_roles AS g ON g.oid = f.role
WHERE f.role <> f.owner
    -- Others than these roles may have been let read by somebody, but never more.
    AND (f.role = 0 OR g.rolname LIKE 'ledger\_%' OR f.privilege NOT IN ('SELECT', 'USAGE', 'EXECUTE'))
    AND NOT EXISTS (
        SELECT FROM wanted AS w
        WHERE w.kind = f.kind AND w.oid = f.oid AND to_regrole(w.role) = f.role AND w.privilege = f.privilege
    )
GROUP BY g.rolname, f.kind, n.name
