-- A year of observations is divided when only some of it is due; and what was retired is dropped, by a second step.
-- depends: 0045-retention
--
-- The rows of the year are copied into two tables, a little at a time so that nobody's final positions wait for it, and
-- these take its place in one short transaction. Only that one meets anybody, and it gives up rather than wait.

-- Two empty tables for the rows of a year: those that stay, and those that are retired. What a killed division left goes.
CREATE FUNCTION ledger.begin_division(year int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['dividing_' || year || '_stays', 'dividing_' || year || '_retired'] LOOP
        EXECUTE format('DROP TABLE IF EXISTS ledger.%I', part);
        EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.observations_other INCLUDING ALL)', part);
        EXECUTE format(
            'ALTER TABLE ledger.%I ADD CONSTRAINT one_year'
            ' CHECK (version IS NULL AND recorded_at >= %L AND recorded_at < %L)',
            part, ledger.start_of_year(year), ledger.start_of_year(year + 1)
        );
    END LOOP;
END
$body$;

-- Copies some rows of a table of the year, in the order of their ids, and returns the last of these; null at the end.
-- Nobody waits for it: the tables it writes to are nobody else's yet.
CREATE FUNCTION ledger.divide_some(
    year int, source text, after bigint, batch int,
    due text[],         -- types that are retired; null for all, and none for a year that is taken back
    named bigint[]
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET jit = off AS $body$
DECLARE
    taken_back boolean := coalesce(cardinality(due) = 0, false);
    last bigint;
BEGIN
    EXECUTE format(
        'WITH page AS MATERIALIZED (SELECT * FROM ledger.%1$I WHERE id > $1 ORDER BY id LIMIT $2),'
        ' told AS MATERIALIZED ('
        '    SELECT s.id, $5 OR (($3 IS NULL OR s.type = ANY($3)) AND s.id <> ALL($4)'
        '        AND NOT ledger.is_held(s.type, s.location)) AS goes'
        '    FROM page AS s'
        ' ), goes AS ('
        '    INSERT INTO ledger.%2$I SELECT s.* FROM page AS s JOIN told AS t ON t.id = s.id WHERE t.goes ORDER BY s.id'
        ' ), stays AS ('
        '    INSERT INTO ledger.%3$I SELECT s.* FROM page AS s JOIN told AS t ON t.id = s.id WHERE NOT t.goes ORDER BY s.id'
        ' ) SELECT max(id) FROM page',
        source, 'dividing_' || year || '_retired', 'dividing_' || year || '_stays'
    ) INTO last USING after, batch, due, named, coalesce(source = (ledger.places_of_year(year)).retired AND NOT taken_back, false);
    RETURN last;
END
$body$;

-- Puts the two tables in the place of the year's, and returns what was written down of what was retired by that.
CREATE FUNCTION ledger.end_division(year int, due text[]) RETURNS ledger.retirements
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms'
SET jit = off AS $body$
DECLARE
    places record;
    part text := 'observations_' || year;
    stays text := 'dividing_' || year || '_stays';
    goes text := 'dividing_' || year || '_retired';
    before_count bigint;
    after_count bigint;
    retired_count bigint := 0;
    stay_count bigint;
    changed boolean := false;
    state ledger.sequencer;
    taken_back boolean := coalesce(cardinality(due) = 0, false);
    noted ledger.retirements;
BEGIN
    PERFORM pg_advisory_xact_lock(7317, 0), pg_advisory_xact_lock(7307, 0);
    IF NOT taken_back AND NOT ledger.may_retire(year) THEN
        RAISE EXCEPTION 'Observations of % have not been kept for twelve months yet.', year USING ERRCODE = 'LD008';
    END IF;
    SELECT * INTO places FROM ledger.places_of_year(year);
    EXECUTE format('LOCK TABLE ledger.%I IN SHARE MODE', coalesce(places.attached, places.retired));

    -- All of it was copied, nothing came since, and nothing came to be held or named.
    SELECT * INTO state FROM ledger.sequencer;
    IF places.retired IS NOT NULL THEN
        EXECUTE format('SELECT count(*) FROM ledger.%I', places.retired) INTO retired_count;
    END IF;
    before_count := retired_count;
    IF places.attached IS NOT NULL THEN
        EXECUTE format(
            'SELECT $1 + count(*), coalesce(bool_or((o.generation, o.xid, o.id) > ($2.generation, $2.xid, $2.id)), false)'
            ' FROM ledger.%I AS o', places.attached
        ) INTO before_count, changed USING retired_count, state;
        IF changed THEN
            RAISE EXCEPTION 'Observations of % have no final position yet.', year USING ERRCODE = 'LD007';
        END IF;
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM ledger.%I AS g JOIN ledger.%I AS o ON o.id = g.id'
            ' WHERE g.id = ANY($1) OR ledger.is_held(g.type, g.location))', goes, places.attached
        ) INTO changed USING ledger.named_in(year);
    END IF;
    EXECUTE format('SELECT count(*) FROM ledger.%I', stays) INTO stay_count;
    EXECUTE format(
        'SELECT count(*), min(p.position) FILTER (WHERE r.id IS NULL), max(p.position) FILTER (WHERE r.id IS NULL)'
        ' FROM ledger.%I AS g LEFT JOIN ledger.retired AS r ON r.id = g.id LEFT JOIN ledger.positions AS p ON p.entry = g.id',
        goes
    ) INTO after_count, noted.first_position, noted.last_position;
    IF changed OR before_count <> stay_count + after_count THEN
        RAISE EXCEPTION 'Observations of % came, or came to be held, while they were divided.', year
            USING ERRCODE = 'LD008';
    END IF;

    IF places.attached IS NOT NULL THEN
        EXECUTE format('ALTER TABLE ledger.observations DETACH PARTITION ledger.%I', places.attached);
        EXECUTE format('DROP TABLE ledger.%I', places.attached);
    END IF;
    IF places.retired IS NOT NULL THEN
        EXECUTE format('ALTER TABLE ledger.retired DETACH PARTITION ledger.%I', places.retired);
        EXECUTE format('DROP TABLE ledger.%I', places.retired);
    END IF;
    IF stay_count > 0 THEN
        EXECUTE format('ALTER TABLE ledger.%I RENAME TO %I', stays, part);
        PERFORM ledger.guard(format('ledger.%I', part)::regclass);
        EXECUTE format(
            'ALTER TABLE ledger.observations ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
            part, ledger.start_of_year(year), ledger.start_of_year(year + 1)
        );
    ELSE
        EXECUTE format('DROP TABLE ledger.%I', stays);
    END IF;
    IF after_count > 0 THEN
        EXECUTE format('ALTER TABLE ledger.%I RENAME TO %I', goes, part || '_retired');
        PERFORM ledger.guard(format('ledger.%I', part || '_retired')::regclass);
        EXECUTE format(
            'ALTER TABLE ledger.retired ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
            part || '_retired', ledger.start_of_year(year), ledger.start_of_year(year + 1)
        );
    ELSE
        EXECUTE format('DROP TABLE ledger.%I', goes);
    END IF;
    IF NOT taken_back THEN
        INSERT INTO ledger.retirements (partition, starts, ends, facts, first_position, last_position, types)
        VALUES (
            part, ledger.start_of_year(year), ledger.start_of_year(year + 1), after_count - retired_count,
            noted.first_position, noted.last_position, due
        )
        RETURNING * INTO noted;
    ELSE
        UPDATE ledger.retirements AS r SET restored_at = clock_timestamp()
        WHERE r.partition = part AND r.restored_at IS NULL AND r.dropped_at IS NULL;
    END IF;
    RETURN noted;
END
$body$;

-- Writes down the positions of a retired table before it is dropped, some at a time; true while there are more.
CREATE FUNCTION ledger.note_dropped(part text, batch int) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET jit = off AS $body$
DECLARE
    added bigint;
BEGIN
    EXECUTE format(
        'INSERT INTO ledger.dropped (position, entry, retirement, fact, location, stream, body, personal)'
        ' SELECT p.position, t.id, (SELECT max(r.id) FROM ledger.retirements AS r WHERE r.partition = $2), t.fact,'
        ' t.location, t.stream, sha256(t.body), sha256(t.personal)'
        ' FROM ledger.%I AS t JOIN ledger.positions AS p ON p.entry = t.id'
        ' WHERE t.id > coalesce((SELECT max(d.entry) FROM ledger.dropped AS d JOIN ledger.%I AS o ON o.id = d.entry), 0)'
        ' ORDER BY t.id LIMIT $1', part, part
    ) USING batch, regexp_replace(part, '_retired$', '');
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added = batch;
END
$body$;

-- Drops a retired table for good. LD008 when something of it is held, or not covered by what was signed.
CREATE FUNCTION ledger.drop_retired(part text, covered bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, ledger, pg_temp SET lock_timeout = '500ms' SET jit = off AS $body$
DECLARE
    held boolean;
    missing bigint;
    beyond boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(7317, 0);
    IF NOT ledger.is_retired(part) THEN
        RAISE EXCEPTION '% is not retired.', part USING ERRCODE = 'LD008';
    END IF;
    EXECUTE format(
        'SELECT coalesce(bool_or(ledger.is_held(t.type, t.location)), false), count(*) FILTER (WHERE d.entry IS NULL),'
        ' coalesce(bool_or(d.position > $1), false)'
        ' FROM ledger.%I AS t LEFT JOIN ledger.dropped AS d ON d.entry = t.id', part
    ) INTO held, missing, beyond USING covered;
    IF held OR missing > 0 OR beyond THEN
        RAISE EXCEPTION '%', CASE
            WHEN held THEN part || ' is held.'
            WHEN beyond THEN part || ' is not covered by a signed checkpoint.'
            ELSE part || ' was not written down whole.'
        END USING ERRCODE = 'LD008';
    END IF;
    EXECUTE format('ALTER TABLE ledger.retired DETACH PARTITION ledger.%I', part);
    EXECUTE format('DROP TABLE ledger.%I', part);
    UPDATE ledger.retirements AS r SET dropped_at = clock_timestamp()
    WHERE r.partition = regexp_replace(part, '_retired$', '') AND r.restored_at IS NULL AND r.dropped_at IS NULL;
END
$body$;
