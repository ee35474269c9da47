-- Imports of history: staged in short transactions, checked as a set, stored in one.
-- depends: 0004-sequence

-- Which entries an import stored is told by its generation and transaction id: an import is one transaction.
CREATE TABLE ledger.imports (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name text NOT NULL,
    imported_by text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    facts bigint,
    generation int,
    xid xid8
);

-- Not logged: what is lost with a crash was not imported yet.
CREATE UNLOGGED TABLE ledger.staging (
    import int NOT NULL,
    line bigint NOT NULL,
    fact uuid NOT NULL,
    stream text NOT NULL,
    versioned boolean NOT NULL,
    type text NOT NULL,
    location text,
    recorded_at timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    carries uuid[],
    command uuid,
    body bytea NOT NULL,
    personal bytea,
    PRIMARY KEY (import, line)
);

-- The last version of each versioned stream that the import adds to, of those that have one.
CREATE OR REPLACE FUNCTION ledger.heads_of_import(of_import int)
RETURNS TABLE (stream text, version bigint, recorded_at timestamptz)
LANGUAGE sql STABLE AS $body$
    SELECT n.stream, head.version, head.recorded_at
    FROM (SELECT DISTINCT s.stream FROM ledger.staging AS s WHERE s.import = of_import AND s.versioned) AS n
    CROSS JOIN LATERAL (
        SELECT e.version, e.recorded_at FROM ledger.entries AS e
        WHERE e.stream = n.stream AND e.version IS NOT NULL
        ORDER BY e.version DESC LIMIT 1
    ) AS head
$body$;

-- Stores what is staged, all or nothing, and returns how many rows that are. If the import has been finished already
-- (the answer was lost) it returns that number. Refusals as in ledger.append, and LD006: not all rows are staged.
-- An import of more than 1000 streams takes no locks unless it is to be `careful`: appends to other streams go on, and
-- an append that comes in between makes the import break a unique index, after which it is tried again carefully.
CREATE OR REPLACE FUNCTION ledger.finish_import(of_import int, expected bigint, careful boolean, OUT stored bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, ledger SET jit = off AS $body$
DECLARE
    in_generation int;
    streams text[];
    refused text;
BEGIN
    -- A finish whose client went away may still be running.
    PERFORM pg_advisory_xact_lock(7306, of_import);
    SELECT i.facts INTO stored FROM ledger.imports AS i WHERE i.id = of_import AND i.finished_at IS NOT NULL;
    IF FOUND THEN
        RETURN;
    END IF;
    PERFORM ledger.require_fresh_transaction();
    streams := ARRAY(SELECT DISTINCT s.stream FROM ledger.staging AS s WHERE s.import = of_import AND s.versioned);
    IF careful OR cardinality(streams) <= 1000 THEN
        PERFORM ledger.lock_streams(streams, cardinality(streams) > 1000);
    END IF;

    in_generation := ledger.current_generation();
    IF in_generation IS NULL THEN
        RAISE EXCEPTION 'No generation holds in this cluster yet.' USING ERRCODE = 'LD005';
    END IF;
    IF (SELECT count(*) FROM ledger.staging AS s WHERE s.import = of_import) <> expected THEN
        RAISE EXCEPTION 'Staged rows were lost.' USING ERRCODE = 'LD006';
    END IF;

    SELECT string_agg(u.fact::text, ',') INTO refused
    FROM (
        SELECT n.fact
        FROM (
            SELECT s.fact FROM ledger.staging AS s WHERE s.import = of_import
            UNION ALL
            SELECT c FROM ledger.staging AS s, unnest(s.carries) AS c WHERE s.import = of_import
        ) AS n
        LEFT JOIN ledger.facts AS f ON f.fact = n.fact
        GROUP BY n.fact
        HAVING count(*) > 1 OR count(f.fact) > 0
        LIMIT 100
    ) AS u;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'Fact ids are in use.' USING ERRCODE = 'LD002', DETAIL = refused;
    END IF;

    SELECT n.stream INTO refused
    FROM (
        SELECT s.stream, s.line, s.recorded_at,
            lag(s.recorded_at) OVER (PARTITION BY s.stream ORDER BY s.line) AS recorded_before
        FROM ledger.staging AS s WHERE s.import = of_import AND s.versioned
    ) AS n
    LEFT JOIN ledger.heads_of_import(of_import) AS h ON h.stream = n.stream
    WHERE n.recorded_at < coalesce(n.recorded_before, h.recorded_at)
    ORDER BY n.line LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Recorded before the last of the stream.' USING ERRCODE = 'LD003', DETAIL = refused;
    END IF;

    INSERT INTO ledger.entries (
        generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command, body, personal
    )
    SELECT in_generation, n.fact, n.stream, n.version, n.type, n.location, n.recorded_at, n.effective_at, n.carries,
        n.command, n.body, n.personal
    FROM (
        SELECT s.*,
            CASE WHEN s.versioned THEN
                coalesce(h.version, 0)
                + row_number() OVER (PARTITION BY s.stream, s.versioned ORDER BY s.line)
            END AS version
        FROM ledger.staging AS s
        LEFT JOIN ledger.heads_of_import(of_import) AS h ON h.stream = s.stream AND s.versioned
        WHERE s.import = of_import
    ) AS n
    ORDER BY n.line;
    GET DIAGNOSTICS stored = ROW_COUNT;

    INSERT INTO ledger.facts (fact, entry)
    SELECT e.fact, e.id FROM ledger.entries AS e WHERE e.generation = in_generation AND e.xid = pg_current_xact_id()
    UNION ALL
    SELECT c, e.id FROM ledger.entries AS e, unnest(e.carries) AS c
    WHERE e.generation = in_generation AND e.xid = pg_current_xact_id();

    UPDATE ledger.imports AS i
    SET finished_at = clock_timestamp(), facts = stored, generation = in_generation, xid = pg_current_xact_id()
    WHERE i.id = of_import;
END
$body$;
