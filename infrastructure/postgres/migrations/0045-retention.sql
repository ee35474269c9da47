-- Retention by class: terms and holds, and years of observations that are retired as they are.
-- depends: 0040-guard
--
-- Observations stay in a table a year. When all of a year is due its table is detached as it is. When only some of it is
-- (the term of one class is over, a location is held, a fact that decides names an observation) the year is divided: its
-- rows are copied into two tables, a little at a time, and these take its place in one short transaction.
--
-- Advisory lock 7325 (session): who retires.
-- SQLSTATE LD008: what was to be retired or dropped may not be, or came to be held or changed meanwhile.

-- What was set, in order; the newest line of a class counts. Without a term a class is kept for ever.
CREATE TABLE ledger.retention_terms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    class text NOT NULL,
    months int CHECK (months >= 12),
    set_by text NOT NULL,
    reason text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Nothing that a hold names is retired or dropped until it ends or is released.
CREATE TABLE ledger.holds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    location text,                  -- null: every location, and what belongs to none
    class text,                     -- null: every class
    types text[],                   -- those of the class
    ends_at timestamptz,            -- null: until it is released
    placed_by text NOT NULL,
    reason text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE ledger.holds_released (
    hold bigint PRIMARY KEY REFERENCES ledger.holds (id),
    released_by text NOT NULL,
    reason text NOT NULL,
    released_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE ledger.retirements
    ADD COLUMN types text[],            -- null: all of the year
    ADD COLUMN unlisted_at timestamptz, -- when the lists of the log had let go of it
    ADD COLUMN dropped_at timestamptz;

-- What stays of a row that was dropped: its place, which is not given again, its id, and what its leaf is made of, so
-- that every proof over its tree can still be made: SHA-256 of its bytes.
CREATE TABLE ledger.dropped (
    position bigint PRIMARY KEY,
    entry bigint NOT NULL UNIQUE,
    retirement int NOT NULL,
    fact uuid NOT NULL,
    location text,
    stream text NOT NULL,
    body bytea NOT NULL,
    personal bytea
);
CREATE INDEX dropped_stream ON ledger.dropped (stream, position);

DO $body$
BEGIN
    PERFORM ledger.guard('ledger.retention_terms');
    PERFORM ledger.guard('ledger.holds');
    PERFORM ledger.guard('ledger.holds_released');
    PERFORM ledger.guard('ledger.retirements', '{restored_at, unlisted_at, dropped_at}');
    PERFORM ledger.guard('ledger.dropped');
END
$body$;

CREATE FUNCTION ledger.is_held(of_type text, of_location text) RETURNS boolean
LANGUAGE sql STABLE AS $body$
    SELECT EXISTS (
        SELECT FROM ledger.holds AS h
        WHERE (h.location IS NULL OR h.location = of_location) AND (h.types IS NULL OR of_type = ANY(h.types))
            AND (h.ends_at IS NULL OR h.ends_at > clock_timestamp())
            AND NOT EXISTS (SELECT FROM ledger.holds_released AS r WHERE r.hold = h.id)
    )
$body$;

-- Twelve months are the least that anything is kept.
CREATE FUNCTION ledger.may_retire(year int) RETURNS boolean
LANGUAGE sql STABLE AS $body$
    SELECT ledger.start_of_year(year + 1) + interval '12 months' <= clock_timestamp()
$body$;

-- Where a year lies: its table, if one is read, and the one that is retired.
CREATE FUNCTION ledger.places_of_year(year int, OUT attached text, OUT retired text)
LANGUAGE sql STABLE AS $body$
    SELECT max(c.relname) FILTER (WHERE i.inhparent = 'ledger.observations'::regclass),
        max(c.relname) FILTER (WHERE i.inhparent = 'ledger.retired'::regclass)
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE c.relname IN ('observations_' || year, 'observations_' || year || '_retired')
$body$;

-- Observations of a year that a fact which decides names: they stay with it.
CREATE FUNCTION ledger.named_in(year int) RETURNS bigint[]
LANGUAGE sql STABLE SET jit = off AS $body$
    SELECT coalesce(array_agg(DISTINCT n.entry), '{}')
    FROM (
        SELECT p.entry FROM kept.lines AS l JOIN ledger.positions AS p ON p.position = l.position
        WHERE l.recorded_at IS NULL
        UNION ALL
        SELECT f.entry FROM kept.log_undoing AS u JOIN ledger.facts AS f ON f.fact = u.fact
    ) AS n
    JOIN ledger.observations AS o ON o.id = n.entry
    WHERE o.recorded_at >= ledger.start_of_year(year) AND o.recorded_at < ledger.start_of_year(year + 1)
$body$;

-- Retires a year as it is, or the rest of it, and returns what was written down of it; null if there is no row of it.
CREATE FUNCTION ledger.retire_year(year int) RETURNS ledger.retirements
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms'
SET jit = off AS $body$
DECLARE
    part text := 'observations_' || year;
    retired boolean;
    state ledger.sequencer;
    unsettled boolean;
    held boolean;
    noted ledger.retirements;
BEGIN
    PERFORM pg_advisory_xact_lock(7317, 0);
    IF NOT ledger.may_retire(year) THEN
        RAISE EXCEPTION 'Observations of % have not been kept for twelve months yet.', year USING ERRCODE = 'LD008';
    END IF;
    IF NOT ledger.has_table(part) THEN
        IF NOT EXISTS (
            SELECT FROM ledger.observations_other AS o
            WHERE o.recorded_at >= ledger.start_of_year(year) AND o.recorded_at < ledger.start_of_year(year + 1)
        ) THEN
            RETURN NULL;
        END IF;
        PERFORM ledger.make_year(part, year);
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
        ' coalesce(bool_or((o.generation, o.xid, o.id) > ($1.generation, $1.xid, $1.id)), false),'
        ' coalesce(bool_or(ledger.is_held(o.type, o.location)), false)'
        ' FROM ledger.observations AS o LEFT JOIN ledger.positions AS p ON p.entry = o.id'
        ' WHERE o.recorded_at >= $2 AND o.recorded_at < $3'
    INTO noted.facts, noted.first_position, noted.last_position, unsettled, held
    USING state, ledger.start_of_year(year), ledger.start_of_year(year + 1);
    IF unsettled THEN
        RAISE EXCEPTION 'Observations of % have no final position yet.', year USING ERRCODE = 'LD007';
    END IF;
    IF held THEN
        RAISE EXCEPTION 'Observations of % are held.', year USING ERRCODE = 'LD008';
    END IF;

    IF retired THEN
        PERFORM ledger.take_from_others(part, year);
    ELSE
        EXECUTE format('ALTER TABLE ledger.observations DETACH PARTITION ledger.%I', part);
        EXECUTE format(
            'ALTER TABLE ledger.retired ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
            part, ledger.start_of_year(year), ledger.start_of_year(year + 1)
        );
    END IF;
    INSERT INTO ledger.retirements (partition, starts, ends, facts, first_position, last_position)
    VALUES (
        part, ledger.start_of_year(year), ledger.start_of_year(year + 1),
        noted.facts, noted.first_position, noted.last_position
    )
    RETURNING * INTO noted;
    RETURN noted;
END
$body$;

-- The oldest year that ended before a moment, whatever the terms say of it.
CREATE OR REPLACE FUNCTION ledger.retire_partition(before timestamptz) RETURNS ledger.retirements
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms'
AS $body$
DECLARE
    oldest int;
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
    WHERE ledger.start_of_year(y.year + 1) <= before AND ledger.may_retire(y.year);
    RETURN CASE WHEN oldest IS NOT NULL THEN ledger.retire_year(oldest) END;
END
$body$;
