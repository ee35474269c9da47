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

-- name: within
-- For this transaction only: the location, and where the walls stand a reader's eyes.
SELECT set_config('app.location', %(location)s, true), CASE WHEN EXISTS (
    SELECT FROM pg_namespace AS n
    JOIN pg_roles AS r ON r.rolname = 'ledger_reader' AND pg_has_role(r.oid, 'MEMBER')
    WHERE n.nspname = 'ledger' AND n.nspowner = to_regrole('ledger_owner')
) THEN set_config('role', 'ledger_reader', true) END

-- name: who
-- Who this connection is: its name, whether it is a superuser, may make roles, runs as ledger_app, or could lift the guard.
SELECT current_user::text, r.rolsuper, r.rolcreaterole,
    EXISTS (SELECT FROM pg_roles AS a WHERE a.rolname = 'ledger_app' AND pg_has_role(r.oid, a.oid, 'MEMBER')),
    EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('ledger.entries') AND pg_has_role(r.oid, c.relowner, 'MEMBER')
    )
FROM pg_roles AS r WHERE r.rolname = current_user

-- name: apart
SELECT to_regclass('keys.secrets') IS NOT NULL, current_setting('max_prepared_transactions')::int

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
