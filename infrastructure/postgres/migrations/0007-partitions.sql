-- Decisions and observations lie apart, and observations in a table a year: retention detaches one, and deletes no row.
-- depends: 0006-placeless

--   ledger.entries
--     ledger.decisions                 the rows with a version
--     ledger.observations              those without
--       ledger.observations_2026       of a year (UTC), by recorded_at
--       ledger.observations_other      of all years that have no table
--   ledger.retired                     the tables of years that were detached; no question reads them
--
-- Advisory lock 7317 (transaction): making, retiring and restoring tables of years.
-- SQLSTATE LD007: rows that are to be retired have no position yet.

-- Nobody appends meanwhile. Whoever waits goes on with the new table: it is found by its name.
LOCK TABLE ledger.entries IN ACCESS EXCLUSIVE MODE;
DROP VIEW ledger.rows;
ALTER TABLE ledger.entries RENAME TO entries_in_one;

-- A sequence of its own: identity columns of partitioned tables are PostgreSQL 17's.
CREATE SEQUENCE ledger.entry_ids;
DO $body$
BEGIN
    PERFORM setval('ledger.entry_ids', s.last_value, s.is_called) FROM ledger.entries_id_seq AS s;
END
$body$;

CREATE TABLE ledger.entries (
    id bigint NOT NULL DEFAULT nextval('ledger.entry_ids'),
    generation int NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    fact uuid NOT NULL,
    stream text NOT NULL,
    version bigint,
    type text NOT NULL,
    location text,
    recorded_at timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    carries uuid[],
    command uuid,
    body bytea NOT NULL,
    personal bytea
) PARTITION BY LIST ((version IS NULL));
ALTER SEQUENCE ledger.entry_ids OWNED BY ledger.entries.id;

CREATE TABLE ledger.decisions PARTITION OF ledger.entries FOR VALUES IN (false);
CREATE TABLE ledger.observations PARTITION OF ledger.entries FOR VALUES IN (true) PARTITION BY RANGE (recorded_at);
CREATE TABLE ledger.observations_other PARTITION OF ledger.observations DEFAULT;
CREATE TABLE ledger.retired (LIKE ledger.entries) PARTITION BY RANGE (recorded_at);

-- What was ever detached. Rows that come later for such a year are retired by a line of their own.
CREATE TABLE ledger.retirements (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partition text NOT NULL,
    starts timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    facts bigint NOT NULL,
    first_position bigint,
    last_position bigint,
    retired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    restored_at timestamptz
);

CREATE FUNCTION ledger.start_of_year(year int) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $body$ SELECT make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC') $body$;

-- Whether a table is there, under any parent or none. Not by to_regclass: that may answer from before a wait for a lock.
CREATE FUNCTION ledger.has_table(part text) RETURNS boolean
LANGUAGE sql AS $body$
    SELECT EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = 'ledger'::regnamespace AND c.relname = part)
$body$;

CREATE FUNCTION ledger.is_retired(part text) RETURNS boolean
LANGUAGE sql AS $body$
    SELECT EXISTS (
        SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'ledger.retired'::regclass AND c.relname = part
    )
$body$;

-- Moves rows of a year from the table of all others to another one. Nobody else can be at work in either.
CREATE FUNCTION ledger.take_from_others(part text, year int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
BEGIN
    EXECUTE format(
        'WITH taken AS (DELETE FROM ledger.observations_other WHERE recorded_at >= %L AND recorded_at < %L RETURNING *)'
        ' INSERT INTO ledger.%I SELECT * FROM taken ORDER BY id',
        ledger.start_of_year(year), ledger.start_of_year(year + 1), part
    );
END
$body$;

CREATE FUNCTION ledger.attach_year(part text, year int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
BEGIN
    LOCK TABLE ledger.observations_other IN ACCESS EXCLUSIVE MODE;
    PERFORM ledger.take_from_others(part, year);
    EXECUTE format(
        'ALTER TABLE ledger.observations ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
        part, ledger.start_of_year(year), ledger.start_of_year(year + 1)
    );
END
$body$;

-- The table has the rows' range as a constraint of its own too: with that it is attached somewhere without being read.
CREATE FUNCTION ledger.make_year(part text, year int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
BEGIN
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.observations_other INCLUDING ALL)', part);
    EXECUTE format(
        'ALTER TABLE ledger.%I ADD CONSTRAINT one_year CHECK (version IS NULL AND recorded_at >= %L AND recorded_at < %L)',
        part, ledger.start_of_year(year), ledger.start_of_year(year + 1)
    );
    PERFORM ledger.attach_year(part, year);
END
$body$;

-- Makes the tables of the years of some moments, where there are none, and returns their names. Anybody may call it at
-- any time, in a transaction of its own. Everybody who reads waits while a table comes in, so if it would have to wait
-- itself it gives that table up: the rows then lie with those of all other years, and are moved the next time. So do
-- past years when there are thirty tables, for every one of them costs every question a little.
CREATE FUNCTION ledger.make_partitions(moments timestamptz[]) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, ledger SET timezone = 'UTC' SET lock_timeout = '500ms'
AS $body$
DECLARE
    year int;
    part text;
    made text[] := '{}';
BEGIN
    FOR year IN
        SELECT DISTINCT extract(year FROM m)::int FROM unnest(moments) AS m WHERE isfinite(m) ORDER BY 1 DESC
    LOOP
        part := 'observations_' || year;
        -- It is there, or retired.
        CONTINUE WHEN ledger.has_table(part);
        CONTINUE WHEN year < extract(year FROM clock_timestamp())
            AND (SELECT count(*) FROM pg_inherits AS i WHERE i.inhparent = 'ledger.observations'::regclass) >= 30;
        BEGIN
            PERFORM pg_advisory_xact_lock(7317, 0);
            CONTINUE WHEN ledger.has_table(part);
            PERFORM ledger.make_year(part, year);
            made := made || part;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            CONTINUE;
        END;
    END LOOP;
    RETURN made;
END
$body$;

-- Retires the oldest year that ended before a moment, and returns what was written down of it; null if there is none.
-- Readers and appends wait for it no longer than for a look at the catalogue: what is long is done under a lock that
-- only imports into that very year meet, and if the short one is not to be had, it gives up (lock_not_available).
CREATE FUNCTION ledger.retire_partition(before timestamptz) RETURNS ledger.retirements
LANGUAGE plpgsql SET search_path = pg_catalog, ledger SET timezone = 'UTC' SET lock_timeout = '500ms' SET jit = off
AS $body$
DECLARE
    oldest int;
    part text;
    retired boolean;
    state ledger.sequencer;
    unsettled boolean;
    noted ledger.retirements;
BEGIN
    PERFORM pg_advisory_xact_lock(7317, 0);
    SELECT min(y.year) INTO oldest
    FROM (
        SELECT substring(c.relname FROM '^observations_(\d+)$')::int AS year
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'ledger.observations'::regclass
        UNION ALL
        SELECT extract(year FROM o.recorded_at)::int FROM ledger.observations_other AS o WHERE o.recorded_at < before
    ) AS y
    WHERE ledger.start_of_year(y.year + 1) <= before;
    IF oldest IS NULL THEN
        RETURN NULL;
    END IF;

    part := 'observations_' || oldest;
    IF NOT ledger.has_table(part) THEN
        PERFORM ledger.make_year(part, oldest);
    END IF;
    retired := ledger.is_retired(part);
    IF retired THEN
        LOCK TABLE ledger.observations_other IN ACCESS EXCLUSIVE MODE;
    ELSE
        EXECUTE format('LOCK TABLE ledger.%I IN SHARE MODE', part);
    END IF;

    -- Without a position yet, they would never get one: the sequencer reads what is attached.
    SELECT * INTO state FROM ledger.sequencer;
    EXECUTE
        'SELECT count(*), min(p.position), max(p.position),'
        ' coalesce(bool_or((o.generation, o.xid, o.id) > ($1.generation, $1.xid, $1.id)), false)'
        ' FROM ledger.observations AS o LEFT JOIN ledger.positions AS p ON p.entry = o.id'
        ' WHERE o.recorded_at >= $2 AND o.recorded_at < $3'
    INTO noted.facts, noted.first_position, noted.last_position, unsettled
    USING state, ledger.start_of_year(oldest), ledger.start_of_year(oldest + 1);
    IF unsettled THEN
        RAISE EXCEPTION 'Observations of % have no final position yet.', oldest USING ERRCODE = 'LD007';
    END IF;

    IF retired THEN
        PERFORM ledger.take_from_others(part, oldest);
    ELSE
        EXECUTE format('ALTER TABLE ledger.observations DETACH PARTITION ledger.%I', part);
        EXECUTE format(
            'ALTER TABLE ledger.retired ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
            part, ledger.start_of_year(oldest), ledger.start_of_year(oldest + 1)
        );
    END IF;
    INSERT INTO ledger.retirements (partition, starts, ends, facts, first_position, last_position)
    VALUES (
        part, ledger.start_of_year(oldest), ledger.start_of_year(oldest + 1),
        noted.facts, noted.first_position, noted.last_position
    )
    RETURNING * INTO noted;
    RETURN noted;
END
$body$;

-- Takes a retired year back, with the rows that came for it since, and tells whether it was retired.
CREATE FUNCTION ledger.restore_partition(part text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, ledger SET timezone = 'UTC' SET lock_timeout = '500ms'
AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock(7317, 0);
    IF NOT ledger.is_retired(part) THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE ledger.retired DETACH PARTITION ledger.%I', part);
    PERFORM ledger.attach_year(part, substring(part FROM '\d+$')::int);
    UPDATE ledger.retirements AS r SET restored_at = clock_timestamp()
    WHERE r.partition = part AND r.restored_at IS NULL;
    RETURN true;
END
$body$;

-- Now the rows: first without indexes, which are made faster when the rows are there.
DO $body$
DECLARE
    part regclass;
BEGIN
    PERFORM ledger.make_partitions(ARRAY(
        SELECT DISTINCT date_trunc('year', e.recorded_at, 'UTC') FROM ledger.entries_in_one AS e
        WHERE e.version IS NULL
    ));
    INSERT INTO ledger.entries SELECT * FROM ledger.entries_in_one ORDER BY id;
    DROP TABLE ledger.entries_in_one;
    ALTER SEQUENCE ledger.entry_ids RENAME TO entries_id_seq;
    FOR part IN SELECT t.relid FROM pg_partition_tree('ledger.entries') AS t WHERE t.isleaf LOOP
        EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (id)', part);
    END LOOP;
END
$body$;

-- The one optimistic concurrency control.
CREATE UNIQUE INDEX entries_stream_version ON ledger.decisions (stream, version);

-- One stream in final order.
CREATE INDEX entries_stream_order ON ledger.entries (stream, generation, xid, id);

-- The order in which the sequencer gives positions, and in which everything is read.
CREATE INDEX entries_order ON ledger.entries (generation, xid, id);

CREATE INDEX entries_command ON ledger.entries (command) WHERE command IS NOT NULL;

-- The last recorded_at of a location, and the list of locations.
CREATE INDEX entries_location ON ledger.entries (location, recorded_at) WHERE location IS NOT NULL;

-- What belongs to no location, in final order.
CREATE INDEX entries_placeless ON ledger.entries (generation, xid, id) WHERE location IS NULL;

CREATE VIEW ledger.rows AS
SELECT e.fact, e.stream, e.version, e.type, e.location, e.recorded_at, e.effective_at, e.carries, e.command,
    e.body, e.personal, p.position, e.id AS entry, e.generation, e.xid::text::bigint AS xid
FROM ledger.entries AS e
LEFT JOIN ledger.positions AS p ON p.entry = e.id;

-- Everything that was ever stored, retired or not: for checks, and for ids that come again.
CREATE VIEW ledger.ever_stored AS
SELECT * FROM ledger.entries UNION ALL SELECT * FROM ledger.retired;
