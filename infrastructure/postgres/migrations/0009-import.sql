-- Imports that go on where they were killed, and that are stored in steps, so that nobody waits for them for long.
-- depends: 0008-append

-- What an import needs to go on: the moment that stands in its stamps, and how long its file is. Who gives an import
-- up says so; one that is neither finished nor given up was killed.
ALTER TABLE ledger.imports
    ADD COLUMN stamped_at timestamptz,
    ADD COLUMN bytes bigint,
    ADD COLUMN given_up_at timestamptz;
UPDATE ledger.imports SET given_up_at = clock_timestamp() WHERE finished_at IS NULL;

-- A chunk of the file is staged in one transaction with this line: by its digest a second run knows it again. The note
-- is what was found in it beside good rows. Not logged, like the staged rows: a crash empties both.
CREATE UNLOGGED TABLE ledger.staged_chunks (
    import int NOT NULL,
    chunk int NOT NULL,
    sha256 bytea NOT NULL,
    rows int NOT NULL,
    note bytea NOT NULL,
    PRIMARY KEY (import, chunk)
);

-- Staged lines that are not to be stored. Staging itself is never changed, so that an import may be checked again.
CREATE UNLOGGED TABLE ledger.left_out (
    import int NOT NULL,
    line bigint NOT NULL,
    PRIMARY KEY (import, line)
);

-- The versioned streams of an import; while it is stored, the last version and recorded_at of each.
CREATE UNLOGGED TABLE ledger.staged_streams (
    import int NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    recorded_at timestamptz,
    PRIMARY KEY (import, stream)
);

CREATE VIEW ledger.staged_lines AS
SELECT s.* FROM ledger.staging AS s
WHERE NOT EXISTS (SELECT FROM ledger.left_out AS o WHERE o.import = s.import AND o.line = s.line);

DROP FUNCTION ledger.finish_import(int, bigint, boolean);
DROP FUNCTION ledger.heads_of_import(int);

-- Removes what is staged for an import, at once if nobody else has something staged.
CREATE FUNCTION ledger.forget_import(of_import int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
BEGIN
    BEGIN
        LOCK TABLE ledger.staging, ledger.staged_chunks, ledger.left_out, ledger.staged_streams
            IN ACCESS EXCLUSIVE MODE NOWAIT;
        IF NOT EXISTS (SELECT FROM ledger.staging AS s WHERE s.import <> of_import)
            AND NOT EXISTS (SELECT FROM ledger.staged_chunks AS c WHERE c.import <> of_import)
        THEN
            TRUNCATE ledger.staging, ledger.staged_chunks, ledger.left_out, ledger.staged_streams;
        END IF;
    EXCEPTION WHEN lock_not_available THEN
        NULL; -- others are at work: row by row
    END;
    DELETE FROM ledger.staging AS s WHERE s.import = of_import;
    DELETE FROM ledger.staged_chunks AS c WHERE c.import = of_import;
    DELETE FROM ledger.left_out AS o WHERE o.import = of_import;
    DELETE FROM ledger.staged_streams AS n WHERE n.import = of_import;
    UPDATE ledger.imports AS i SET given_up_at = clock_timestamp() WHERE i.id = of_import AND i.finished_at IS NULL;
END
$body$;

-- Removes what imports left behind that were killed. A running one holds the lock on its id, and keeps what it has; but
-- a session is given its own lock once more, so it says which one is its own.
CREATE FUNCTION ledger.forget_killed_imports(own int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
DECLARE
    dead int;
    all_dead int[];
BEGIN
    SELECT array_agg(i.id) INTO all_dead
    FROM ledger.imports AS i
    WHERE (
            (i.finished_at IS NULL AND i.given_up_at IS NULL)
            OR EXISTS (SELECT FROM ledger.staging AS s WHERE s.import = i.id)
            OR EXISTS (SELECT FROM ledger.staged_chunks AS c WHERE c.import = i.id)
        )
        AND i.id <> own AND pg_try_advisory_xact_lock(7305, i.id);
    FOREACH dead IN ARRAY coalesce(all_dead, '{}') LOOP
        PERFORM ledger.forget_import(dead);
    END LOOP;
END
$body$;

-- Storing is one transaction of three kinds of steps: begin, store some lines (again and again), end.
--
-- Begins to store, and returns the generation that the rows get. If the import has been finished already (the answer
-- was lost) it returns how many rows that were instead. Refusals as in ledger.append.
-- An import of more than 1000 streams takes no locks unless it is to be `careful`: appends to other streams go on, and
-- an append that comes in between makes the import break a unique index, after which it is tried again carefully.
CREATE FUNCTION ledger.begin_storing(
    of_import int, careful boolean,
    OUT stored bigint, OUT in_generation int, OUT first_line bigint, OUT last_line bigint
)
LANGUAGE plpgsql SET search_path = pg_catalog, ledger SET jit = off AS $body$
DECLARE
    streams text[];
BEGIN
    -- A transaction whose client went away may still be running.
    PERFORM pg_advisory_xact_lock(7306, of_import);
    SELECT i.facts INTO stored FROM ledger.imports AS i WHERE i.id = of_import AND i.finished_at IS NOT NULL;
    IF FOUND THEN
        RETURN;
    END IF;
    PERFORM ledger.require_fresh_transaction();
    streams := ARRAY(SELECT n.stream FROM ledger.staged_streams AS n WHERE n.import = of_import);
    IF careful OR cardinality(streams) <= 1000 THEN
        PERFORM ledger.lock_streams(streams, cardinality(streams) > 1000);
    END IF;

    in_generation := ledger.current_generation();
    IF in_generation IS NULL THEN
        RAISE EXCEPTION 'No generation holds in this cluster yet.' USING ERRCODE = 'LD005';
    END IF;
    SELECT min(s.line), max(s.line) INTO first_line, last_line FROM ledger.staging AS s WHERE s.import = of_import;

    -- The first write of the transaction: all heads are read with a snapshot from before it has a transaction id.
    UPDATE ledger.staged_streams AS n
    SET version = head.version, recorded_at = head.recorded_at
    FROM (
        SELECT w.stream, e.version, e.recorded_at
        FROM ledger.staged_streams AS w
        CROSS JOIN LATERAL (
            SELECT l.version, l.recorded_at FROM ledger.entries AS l
            WHERE l.stream = w.stream AND l.version IS NOT NULL
            ORDER BY l.version DESC LIMIT 1
        ) AS e
        WHERE w.import = of_import
    ) AS head
    WHERE n.import = of_import AND n.stream = head.stream;
END
$body$;

CREATE FUNCTION ledger.refuse_late(stream text) RETURNS bigint
LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Recorded before the last of the stream.' USING ERRCODE = 'LD003', DETAIL = stream;
END
$body$;

-- Stores the staged lines of a range, in their order, and returns how many. Ids of facts go in sorted: that index is
-- the only one without an order of its own.
CREATE FUNCTION ledger.store_lines(
    of_import int, in_generation int, from_line bigint, to_line bigint, OUT stored bigint
)
LANGUAGE plpgsql SET search_path = pg_catalog, ledger SET jit = off AS $body$
BEGIN
    WITH added AS (
        INSERT INTO ledger.entries (
            generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command, body,
            personal
        )
        SELECT in_generation, n.fact, n.stream,
            CASE WHEN n.recorded_at < n.recorded_before THEN ledger.refuse_late(n.stream) ELSE n.next_version END,
            n.type, n.location, n.recorded_at, n.effective_at, n.carries, n.command, n.body, n.personal
        FROM (
            SELECT s.*, m.next_version, m.recorded_before
            FROM ledger.staged_lines AS s
            -- Numbered apart: what has to be sorted by stream is a tenth of the rows.
            LEFT JOIN (
                SELECT v.line, h.version + row_number() OVER of_stream AS next_version,
                    coalesce(lag(v.recorded_at) OVER of_stream, h.recorded_at) AS recorded_before
                FROM ledger.staged_lines AS v
                JOIN ledger.staged_streams AS h ON h.import = v.import AND h.stream = v.stream
                WHERE v.import = of_import AND v.versioned AND v.line BETWEEN from_line AND to_line
                WINDOW of_stream AS (PARTITION BY v.stream ORDER BY v.line)
            ) AS m ON m.line = s.line
            WHERE s.import = of_import AND s.line BETWEEN from_line AND to_line
        ) AS n
        ORDER BY n.line
        RETURNING id, fact, carries, stream, version, recorded_at
    ), claimed AS (
        INSERT INTO ledger.facts (fact, entry)
        SELECT c.fact, c.id
        FROM (
            SELECT a.fact, a.id FROM added AS a
            UNION ALL
            SELECT carried, a.id FROM added AS a, unnest(a.carries) AS carried WHERE a.carries IS NOT NULL
        ) AS c (fact, id)
        ORDER BY c.fact
    ), moved AS (
        UPDATE ledger.staged_streams AS h
        SET version = last.version, recorded_at = last.recorded_at
        FROM (
            SELECT a.stream, max(a.version) AS version, max(a.recorded_at) AS recorded_at
            FROM added AS a WHERE a.version IS NOT NULL GROUP BY a.stream
        ) AS last
        WHERE h.import = of_import AND h.stream = last.stream
    )
    SELECT count(*) INTO stored FROM added;
END
$body$;

-- Ends the storing; LD006 if not all that was staged was there to be stored.
CREATE FUNCTION ledger.end_storing(of_import int, in_generation int, stored bigint, expected bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
BEGIN
    IF stored <> expected THEN
        RAISE EXCEPTION 'Staged rows were lost.' USING ERRCODE = 'LD006';
    END IF;
    UPDATE ledger.imports AS i
    SET finished_at = clock_timestamp(), facts = stored, generation = in_generation, xid = pg_current_xact_id()
    WHERE i.id = of_import;
END
$body$;
