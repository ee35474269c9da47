-- What walls need at run time: tables that are made while a ledger lives get the walls that the others have.
-- depends: 0040-guard
--
-- Roles belong to a cluster, are not everybody's to make, and a dump does not bring them: `accessledger walls` makes
-- them, and gives out what each may do (see infrastructure/walls). Until it has, nothing here does anything.
--
-- The setting app.location, set in a transaction and for it alone, names the one location that a reader sees and that
-- a writer writes to. SQLSTATE LD011: it is not set, and a writer may write nowhere.

CREATE FUNCTION ledger.walls_stand() RETURNS boolean
LANGUAGE sql STABLE AS $body$
    SELECT n.nspowner = to_regrole('ledger_owner') IS TRUE FROM pg_namespace AS n WHERE n.nspname = 'ledger'
$body$;

-- Row security of a table of entries. Everybody who may read at all reads all of it, but for readers: they read the
-- rows of the location that is set. Rows come in through the owner's functions, and under a location only its own.
CREATE FUNCTION ledger.wall_entries(part regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    old name;
BEGIN
    IF NOT ledger.walls_stand() THEN
        RETURN;
    END IF;
    FOR old IN SELECT p.polname FROM pg_policy AS p WHERE p.polrelid = part LOOP
        EXECUTE format('DROP POLICY %I ON %s', old, part);
    END LOOP;
    EXECUTE format('CREATE POLICY of_all ON %s FOR SELECT TO ledger_app, ledger_owner, ledger_projector USING (true)', part);
    IF part = 'ledger.positions'::regclass THEN
        CREATE POLICY of_location ON ledger.positions FOR SELECT TO ledger_reader
            USING (EXISTS (SELECT FROM ledger.entries AS e WHERE e.id = positions.entry));
        CREATE POLICY coming_in ON ledger.positions FOR INSERT TO ledger_owner WITH CHECK (true);
    ELSE
        EXECUTE format(
            'CREATE POLICY of_location ON %s FOR SELECT TO ledger_reader'
            ' USING (location = nullif(current_setting(''app.location'', true), ''''))', part
        );
        EXECUTE format(
            'CREATE POLICY coming_in ON %s FOR INSERT TO ledger_owner WITH CHECK ('
            'nullif(current_setting(''app.location'', true), '''') IS NULL'
            ' OR location = current_setting(''app.location'', true)'
            ' AND (stream = ''location:'' || location OR stream = ''observations:'' || location))', part
        );
    END IF;
    -- The guard looks whether they arrive where they belong.
    IF part = 'ledger.observations_other'::regclass THEN
        CREATE POLICY moving ON ledger.observations_other FOR DELETE TO ledger_owner USING (true);
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
END
$body$;

-- What a schema of kept tables needs: an owner, those who write, and for readers a view of each table that has
-- locations. A view and not row security, for that would forbid COPY to whoever is not the owner; and whoever owned the
-- tables could put triggers there, which run with the rights of the next one who writes.
CREATE FUNCTION ledger.wall_kept(in_schema name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    part record;
BEGIN
    IF NOT ledger.walls_stand() THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER SCHEMA %I OWNER TO ledger_projector', in_schema);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO ledger_app, ledger_reader, ledger_owner', in_schema);
    FOR part IN
        SELECT c.relname AS named, EXISTS (
            SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'location' AND NOT a.attisdropped
        ) AS of_locations
        FROM pg_class AS c WHERE c.relnamespace = in_schema::text::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %I.%I OWNER TO ledger_projector', in_schema, part.named);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO ledger_app', in_schema, part.named);
        EXECUTE format('GRANT SELECT ON %I.%I TO ledger_owner', in_schema, part.named);
        CONTINUE WHEN NOT part.of_locations;
        EXECUTE format('DROP VIEW IF EXISTS %I.%I', in_schema, part.named || '_here');
        EXECUTE format(
            'CREATE VIEW %1$I.%2$I WITH (security_barrier) AS SELECT * FROM %1$I.%3$I AS t'
            ' WHERE t.location = nullif(current_setting(''app.location'', true), '''')',
            in_schema, part.named || '_here', part.named
        );
        EXECUTE format('ALTER VIEW %I.%I OWNER TO ledger_projector', in_schema, part.named || '_here');
        EXECUTE format('GRANT SELECT ON %I.%I TO ledger_reader', in_schema, part.named || '_here');
    END LOOP;
END
$body$;

-- As migration 0040 has it; and a table of observations that comes into being later gets its row security with its guard.
CREATE OR REPLACE FUNCTION ledger.guard(part regclass, changeable text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    named text := (SELECT string_agg(quote_literal(c), ', ') FROM unnest(changeable) AS c);
    guarded pg_class;
    guarding text;
BEGIN
    SELECT * INTO guarded FROM pg_class AS c WHERE c.oid = part;
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER guard BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()',
        part
    );
    IF named IS NULL THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER guard_statements BEFORE UPDATE OR DELETE ON %s FOR EACH STATEMENT'
            ' EXECUTE FUNCTION ledger.refuse_change()', part
        );
    END IF;
    IF guarded.relkind <> 'p' THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON %s FOR EACH ROW'
            ' EXECUTE FUNCTION ledger.refuse_change_of_row(%s)', part, coalesce(named, '')
        );
    END IF;
    FOR guarding IN
        SELECT t.tgname FROM pg_trigger AS t
        WHERE t.tgrelid = part AND t.tgname IN ('guard', 'guard_statements', 'guard_rows') AND t.tgenabled <> 'A'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', part, guarding);
    END LOOP;
    IF guarded.relnamespace = 'ledger'::regnamespace AND guarded.relname LIKE 'observations\_%' THEN
        PERFORM ledger.wall_entries(part);
    END IF;
END
$body$;

-- ledger.append for whoever writes to one location only: it is named by app.location, and rows of another are refused by
-- row security.
CREATE FUNCTION ledger.append_here(
    new_facts uuid[], new_streams text[], new_versions bigint[], new_types text[], new_locations text[],
    new_recorded timestamptz[], new_effective timestamptz[], new_carries text[], new_commands uuid[],
    new_bodies bytea[], new_personals bytea[], gaps boolean, may_wait boolean,
    OUT in_generation int, OUT in_xid bigint, OUT entries bigint[]
)
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp AS $body$
BEGIN
    IF nullif(current_setting('app.location', true), '') IS NULL THEN
        RAISE EXCEPTION 'Name the location that is written to: set app.location in this transaction.'
            USING ERRCODE = 'LD011';
    END IF;
    SELECT a.in_generation, a.in_xid, a.entries INTO in_generation, in_xid, entries
    FROM ledger.append(
        new_facts, new_streams, new_versions, new_types, new_locations, new_recorded, new_effective, new_carries,
        new_commands, new_bodies, new_personals, gaps, may_wait
    ) AS a;
END
$body$;

-- Only an owner may make statistics.
CREATE FUNCTION ledger.analyze_staging() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    ANALYZE ledger.staging;
END
$body$;
