-- Facts are never changed: an UPDATE, DELETE or TRUNCATE is refused whoever gives it, a superuser and a replica too.
-- depends: 0025-views 0030-evidence
--
-- SQLSTATE LD010: a guarded row was to be changed or removed.
--
-- What is left to who owns the tables is to switch the guard off: `accessledger doctor` says when it is.

-- Refuses whatever it is asked about.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RAISE EXCEPTION 'Rows of %.% are never changed and never removed.', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'LD010', HINT = 'What was wrong is corrected by a further fact.';
END
$body$;

-- Refuses a change of a row, but for the columns that the trigger names.
CREATE FUNCTION ledger.refuse_change_of_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Rows of %.% are never changed and never removed.', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'LD010', HINT = 'What was wrong is corrected by a further fact.';
END
$body$;

-- Guards a table from now on; called again it puts right what was switched off. `changeable` are columns that may be
-- given another value. A statement is refused before it looks at a row, and a row also where the statement named another
-- table (a parent) or came by replication.
CREATE FUNCTION ledger.guard(part regclass, changeable text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    named text := (SELECT string_agg(quote_literal(c), ', ') FROM unnest(changeable) AS c);
    guarding text;
BEGIN
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
    -- Parents have no rows, and a trigger of theirs would be that of all their tables, and leave with them.
    IF (SELECT c.relkind FROM pg_class AS c WHERE c.oid = part) <> 'p' THEN
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
END
$body$;

-- The one way out: a row leaves the table of all other years when the very same row lies in the table of its year. Who
-- it is that moves it does not matter, and no setting opens it.
CREATE FUNCTION ledger.refuse_loss() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    year int;
    lost boolean;
BEGIN
    FOR year IN SELECT DISTINCT extract(year FROM g.recorded_at)::int FROM gone AS g LOOP
        lost := to_regclass(format('ledger.observations_%s', year)) IS NULL;
        IF NOT lost THEN
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM gone AS g WHERE extract(year FROM g.recorded_at) = %s'
                ' AND NOT EXISTS (SELECT FROM ledger.%I AS t WHERE t.id = g.id AND ROW(t.*) IS NOT DISTINCT FROM ROW(g.*)))',
                year, 'observations_' || year
            ) INTO lost;
        END IF;
        IF lost THEN
            RAISE EXCEPTION 'Rows of ledger.observations_other leave it only for the table of their year.'
                USING ERRCODE = 'LD010';
        END IF;
    END LOOP;
    RETURN NULL;
END
$body$;

CREATE FUNCTION ledger.guard_others() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    guarding text;
BEGIN
    CREATE OR REPLACE TRIGGER guard BEFORE UPDATE OR TRUNCATE ON ledger.observations_other
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
    CREATE OR REPLACE TRIGGER guard_rows BEFORE UPDATE ON ledger.observations_other
        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change_of_row();
    CREATE OR REPLACE TRIGGER guard_moves AFTER DELETE ON ledger.observations_other
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_loss();
    FOREACH guarding IN ARRAY '{guard, guard_rows, guard_moves}'::text[] LOOP
        EXECUTE format('ALTER TABLE ledger.observations_other ENABLE ALWAYS TRIGGER %I', guarding);
    END LOOP;
END
$body$;

-- As migration 0007 has it, with the guard of the new table.
CREATE OR REPLACE FUNCTION ledger.make_year(part text, year int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp AS $body$
BEGIN
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.observations_other INCLUDING ALL)', part);
    EXECUTE format(
        'ALTER TABLE ledger.%I ADD CONSTRAINT one_year CHECK (version IS NULL AND recorded_at >= %L AND recorded_at < %L)',
        part, ledger.start_of_year(year), ledger.start_of_year(year + 1)
    );
    PERFORM ledger.guard(format('ledger.%I', part)::regclass);
    PERFORM ledger.attach_year(part, year);
END
$body$;

DO $body$
DECLARE
    part regclass;
BEGIN
    FOR part IN
        SELECT t.relid FROM (VALUES ('ledger.entries'::regclass), ('ledger.retired')) AS parents (parent)
        CROSS JOIN LATERAL pg_partition_tree(parents.parent) AS t
        WHERE t.relid <> 'ledger.observations_other'::regclass
    LOOP
        PERFORM ledger.guard(part);
    END LOOP;
    PERFORM ledger.guard_others();
    FOREACH part IN ARRAY '{ledger.facts, ledger.positions, ledger.generations}'::regclass[] LOOP
        PERFORM ledger.guard(part);
    END LOOP;
    PERFORM ledger.guard('ledger.retirements', '{restored_at}');
    PERFORM ledger.guard('ledger.imports', '{finished_at, given_up_at, facts, generation, xid}');
    -- The evidence is added to and never changed.
    FOR part IN SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('evidence') AND c.relkind = 'r' LOOP
        PERFORM ledger.guard(part);
    END LOOP;
END
$body$;
