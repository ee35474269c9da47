-- The walls: who may do what in the database. Each statement here compares what should be with the catalogue and returns
-- what differs, each with the wall it belongs to, a sentence, and the statement that puts it right. Where nothing is
-- returned all walls stand; `accessledger walls` carries out what is returned, `doctor` tells it.

-- name: stand
SELECT n.nspowner = to_regrole('ledger_owner') IS TRUE FROM pg_namespace AS n WHERE n.nspname = 'ledger'

-- name: alone
SELECT pg_advisory_lock(7301, 1)

-- name: left_alone
SELECT pg_advisory_unlock(7301, 1)

-- name: patience
SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '5min'

-- name: who
-- Who this connection is: its name, whether it is a superuser, may make roles, runs as ledger_app, or could lift the guard.
SELECT current_user::text, r.rolsuper, r.rolcreaterole,
    EXISTS (SELECT FROM pg_roles AS a WHERE a.rolname = 'ledger_app' AND pg_has_role(r.oid, a.oid, 'MEMBER')),
    EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('ledger.entries') AND pg_has_role(r.oid, c.relowner, 'MEMBER')
    )
FROM pg_roles AS r WHERE r.rolname = current_user

-- name: logins
-- Who may sign in with one of the roles, and which.
SELECT r.rolname::text, g.rolname::text
FROM pg_auth_members AS m
JOIN pg_roles AS r ON r.oid = m.member
JOIN pg_roles AS g ON g.oid = m.roleid
WHERE r.rolcanlogin AND g.rolname LIKE 'ledger\_%'
ORDER BY 1, 2

-- name: roles
-- Roles are the cluster's and not this database's.
WITH wanted (role) AS (
    VALUES ('ledger_owner'), ('ledger_writer'), ('ledger_reader'), ('ledger_sequencer'), ('ledger_projector'),
        ('ledger_migrator'), ('ledger_app')
), within (member, role) AS (
    VALUES ('ledger_app', 'ledger_writer'), ('ledger_app', 'ledger_sequencer'), ('ledger_app', 'ledger_reader'),
        ('ledger_migrator', 'ledger_owner'), ('ledger_migrator', 'ledger_projector'),
        ('ledger_migrator', 'ledger_sequencer')
), settings (name, value) AS (
    VALUES ('default_transaction_read_only', 'on'), ('statement_timeout', '30s'), ('temp_file_limit', '1GB')
)
SELECT 'roles', format('There is no role %s.', w.role), format('CREATE ROLE %I NOLOGIN', w.role)
FROM wanted AS w WHERE to_regrole(w.role) IS NULL
UNION ALL
SELECT 'roles', format('The role %s may %s.', r.rolname, a.may), format('ALTER ROLE %I %s', r.rolname, a.never)
FROM wanted AS w
JOIN pg_roles AS r ON r.rolname = w.role
CROSS JOIN LATERAL (
    VALUES (r.rolsuper, 'do everything', 'NOSUPERUSER'), (r.rolbypassrls, 'go past row security', 'NOBYPASSRLS'),
        (r.rolcreaterole, 'make roles', 'NOCREATEROLE'), (r.rolcreatedb, 'make databases', 'NOCREATEDB'),
        (r.rolreplication, 'copy the cluster', 'NOREPLICATION'), (r.rolcanlogin, 'sign in by itself', 'NOLOGIN')
) AS a (has, may, never)
WHERE a.has
UNION ALL
SELECT 'roles', format('The role %s has not the rights of %s.', i.member, i.role),
    format('GRANT %I TO %I', i.role, i.member)
FROM within AS i
WHERE NOT EXISTS (
    SELECT FROM pg_auth_members AS m WHERE m.roleid = to_regrole(i.role) AND m.member = to_regrole(i.member)
)
UNION ALL
SELECT 'roles', format('The role %s has the rights of %s.', m.member::regrole, m.roleid::regrole),
    format('REVOKE %s FROM %s', m.roleid::regrole, m.member::regrole)
FROM pg_auth_members AS m
JOIN wanted AS w ON to_regrole(w.role) = m.member
WHERE NOT EXISTS (SELECT FROM within AS i WHERE to_regrole(i.member) = m.member AND to_regrole(i.role) = m.roleid)
UNION ALL
SELECT 'roles', format('Who signs in as %s has no %s of %s.', r.rolname, s.name, s.value),
    format('ALTER ROLE %I SET %s = %L', r.rolname, s.name, s.value)
FROM pg_roles AS r
CROSS JOIN settings AS s
WHERE (
        r.rolname = 'ledger_reader' OR r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolcreaterole AND EXISTS (
            SELECT FROM pg_auth_members AS m
            WHERE m.member = r.oid AND m.roleid = to_regrole('ledger_reader') AND pg_has_role(r.oid, m.roleid, 'USAGE')
        )
    )
    AND NOT EXISTS (SELECT FROM unnest(r.rolconfig) AS c WHERE c LIKE s.name || '=%')
    -- That one is a superuser's to set, or of whom one has let.
    AND (s.name <> 'temp_file_limit' OR has_parameter_privilege(s.name, 'SET'))

-- name: memberships
-- Who puts the walls up without being a superuser has to be able to act as the owners.
SELECT 'roles', format('%s cannot act as %s yet.', current_user, o.rolname), format('GRANT %I TO %I', o.rolname, current_user)
FROM pg_roles AS o
WHERE (
        o.rolname IN ('ledger_owner', 'ledger_projector') OR o.rolname = 'ledger_app' AND EXISTS (
            SELECT FROM pg_namespace AS n WHERE n.nspname = 'keys' AND n.nspowner <> o.oid
        )
    )
    AND NOT pg_has_role(current_user, o.oid, 'USAGE')

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

-- name: apart
SELECT to_regclass('keys.secrets') IS NOT NULL, current_setting('max_prepared_transactions')::int

-- name: whose_login
SELECT to_regrole(quote_ident(%(name)s)) IS NULL, EXISTS (
    SELECT FROM pg_roles AS r
    JOIN pg_auth_members AS m ON m.member = r.oid AND m.roleid = to_regrole(%(role)s)
    WHERE r.rolname = %(name)s AND r.rolcanlogin AND NOT r.rolsuper
        AND NOT EXISTS (SELECT FROM pg_auth_members AS o WHERE o.member = r.oid AND o.roleid <> m.roleid)
)

-- name: make_login
SELECT format('CREATE ROLE %%I LOGIN PASSWORD %%L IN ROLE %%I', %(name)s::text, %(verifier)s::text, %(role)s::text)

-- name: renew_login
SELECT format('ALTER ROLE %%I PASSWORD %%L', %(name)s::text, %(verifier)s::text)

-- name: within
-- For this transaction only: the location, and where the walls stand a reader's eyes.
SELECT set_config('app.location', %(location)s, true), CASE WHEN EXISTS (
    SELECT FROM pg_namespace AS n
    JOIN pg_roles AS r ON r.rolname = 'ledger_reader' AND pg_has_role(r.oid, 'MEMBER')
    WHERE n.nspname = 'ledger' AND n.nspowner = to_regrole('ledger_owner')
) THEN set_config('role', 'ledger_reader', true) END
