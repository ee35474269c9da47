-- Appends again, for a fraction of what they cost: one transaction may be all that a hundred threads wait for.
-- depends: 0007-partitions

-- The current generation if its transaction ids are those of this cluster, else null. It is not when the cluster has
-- another identity, and not when the ledger holds a row of a transaction that has not been started here yet.
-- Both hold for as long as the session does, unless the ledger itself is put in the place of another one: the line of
-- the generation is then another row. So a session looks at them once for each such row, and keeps a mark of it.
CREATE OR REPLACE FUNCTION ledger.current_generation() RETURNS int
LANGUAGE plpgsql AS $body$
DECLARE
    found_generation int;
    found_identifier bigint;
    mark text;
BEGIN
    SELECT g.generation, g.system_identifier, g.generation || ' ' || g.tableoid || ' ' || g.xmin
    INTO found_generation, found_identifier, mark
    FROM ledger.generations AS g ORDER BY g.generation DESC LIMIT 1;
    IF mark = current_setting('ledger.generation', true) THEN
        RETURN found_generation;
    END IF;
    IF found_identifier IS DISTINCT FROM (SELECT c.system_identifier FROM pg_control_system() AS c) THEN
        RETURN NULL;
    END IF;
    -- One statement, so that the rows and the snapshot's upper end are of the same moment.
    IF EXISTS (
        SELECT FROM ledger.ever_stored AS e
        WHERE e.generation = found_generation AND e.xid >= pg_snapshot_xmax(pg_current_snapshot())
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('ledger.generation', mark, false);
    RETURN found_generation;
END
$body$;

-- Lets one append at a time into a stream, as migration 0003 says, in one pass: group by group, and in each the streams.
CREATE OR REPLACE FUNCTION ledger.lock_streams(streams text[], whole_groups boolean) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    IF whole_groups THEN
        PERFORM pg_advisory_xact_lock(7302, wanted.key)
        FROM (
            SELECT DISTINCT (hashtextextended(s, 0) & 1023)::int AS key FROM unnest(streams) AS s ORDER BY 1
        ) AS wanted;
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7302, wanted.in_group), pg_advisory_xact_lock(wanted.key)
        FROM (
            SELECT DISTINCT (h & 1023)::int AS in_group, h AS key
            FROM unnest(streams) AS s, hashtextextended(s, 0) AS h ORDER BY 1, 2
        ) AS wanted;
    END IF;
END
$body$;

-- Carried ids come as a text for each row (an array, or null), for most rows carry nothing.
-- Refusals and their SQLSTATEs are those of migration 0003, and LD004; the detail of LD001 is all streams in conflict,
-- as JSON. Fact ids are unique by the index of ledger.facts, which
-- refuses them for two transactions at once as well; they are looked up only where another refusal would hide that.
DROP FUNCTION IF EXISTS ledger.append(
    uuid[], text[], bigint[], text[], text[], timestamptz[], timestamptz[], uuid[], bytea[], bytea[], uuid[], int[],
    boolean
);
CREATE OR REPLACE FUNCTION ledger.append(
    new_facts uuid[], new_streams text[], new_versions bigint[], new_types text[], new_locations text[],
    new_recorded timestamptz[], new_effective timestamptz[], new_carries text[], new_commands uuid[],
    new_bodies bytea[], new_personals bytea[],
    gaps boolean, -- versions need only rise, and recorded_at is not looked at
    may_wait boolean, -- for a stream that another append has locked; else it is LD004 (detail: the streams, as JSON)
    OUT in_generation int, OUT in_xid bigint, OUT entries bigint[]
)
-- Plans are the same whether there are statistics yet or not, and are made once a connection.
LANGUAGE plpgsql SET search_path = pg_catalog, ledger
SET jit = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $body$
DECLARE
    used text;
    conflicts text;
    late text;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL OR current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger.require_fresh_transaction();
    END IF;
    -- As ledger.lock_streams does it, in the same order. Each statement costs as much as two rows, so there are few.
    IF may_wait THEN
        PERFORM pg_advisory_xact_lock_shared(7302, wanted.in_group), pg_advisory_xact_lock(wanted.key)
        FROM (
            SELECT DISTINCT (h & 1023)::int AS in_group, h AS key
            FROM unnest(new_streams, new_versions) AS n (stream, version), hashtextextended(n.stream, 0) AS h
            WHERE n.version IS NOT NULL ORDER BY 1, 2
        ) AS wanted;
    ELSE
        SELECT json_agg(wanted.stream) INTO used
        FROM (
            SELECT n.stream, hashtextextended(n.stream, 0) AS h
            FROM unnest(new_streams, new_versions) AS n (stream, version) WHERE n.version IS NOT NULL
        ) AS wanted
        WHERE NOT (pg_try_advisory_xact_lock_shared(7302, (wanted.h & 1023)::int) AND pg_try_advisory_xact_lock(wanted.h));
        IF used IS NOT NULL THEN
            RAISE EXCEPTION 'Streams are being appended to.' USING ERRCODE = 'LD004', DETAIL = used;
        END IF;
    END IF;

    in_generation := ledger.current_generation();
    IF in_generation IS NULL THEN
        RAISE EXCEPTION 'No generation holds in this cluster yet.' USING ERRCODE = 'LD005';
    END IF;

    SELECT json_agg(n.stream) FILTER (WHERE n.conflict), min(n.stream) FILTER (WHERE n.late) INTO conflicts, late
    FROM (
        SELECT r.stream,
            CASE
                WHEN gaps THEN r.version <= coalesce(r.version_before, head.version, -1)
                ELSE r.version <> coalesce(r.version_before, head.version, 0) + 1
            END AS conflict,
            NOT gaps AND r.recorded_at < coalesce(r.recorded_before, head.recorded_at) AS late
        FROM (
            SELECT v.stream, v.version, v.recorded_at, v.nth,
                lag(v.version) OVER of_stream AS version_before,
                lag(v.recorded_at) OVER of_stream AS recorded_before
            FROM unnest(new_streams, new_versions, new_recorded) WITH ORDINALITY
                AS v (stream, version, recorded_at, nth)
            WHERE v.version IS NOT NULL
            WINDOW of_stream AS (PARTITION BY v.stream ORDER BY v.nth)
        ) AS r
        LEFT JOIN LATERAL (
            SELECT d.version, d.recorded_at FROM ledger.decisions AS d
            WHERE r.version_before IS NULL AND d.stream = r.stream
            ORDER BY d.version DESC LIMIT 1
        ) AS head ON true
    ) AS n
    WHERE n.conflict OR n.late;
    IF conflicts IS NOT NULL OR late IS NOT NULL THEN
        SELECT string_agg(f.fact::text, ',') INTO used
        FROM ledger.facts AS f
        WHERE f.fact = ANY(new_facts || ARRAY(
            SELECT c FROM unnest(new_carries) AS n (carries), unnest(n.carries::uuid[]) AS c
        ));
        IF used IS NOT NULL THEN
            RAISE EXCEPTION 'Fact ids are in use.' USING ERRCODE = 'LD002', DETAIL = used;
        END IF;
        IF conflicts IS NOT NULL THEN
            RAISE EXCEPTION 'Streams have moved on.' USING ERRCODE = 'LD001', DETAIL = conflicts;
        END IF;
        RAISE EXCEPTION 'Recorded before the last of the stream.' USING ERRCODE = 'LD003', DETAIL = late;
    END IF;

    WITH stored AS (
        INSERT INTO ledger.entries (
            generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command,
            body, personal
        )
        SELECT in_generation, n.fact, n.stream, n.version, n.type, n.location, n.recorded_at, n.effective_at,
            n.carries::uuid[], n.command, n.body, n.personal
        FROM unnest(
            new_facts, new_streams, new_versions, new_types, new_locations, new_recorded, new_effective, new_carries,
            new_commands, new_bodies, new_personals
        ) AS n (
            fact, stream, version, type, location, recorded_at, effective_at, carries, command, body, personal
        )
        RETURNING id, fact, carries
    ), claimed AS (
        INSERT INTO ledger.facts (fact, entry)
        SELECT s.fact, s.id FROM stored AS s
        UNION ALL
        SELECT c, s.id FROM stored AS s, unnest(s.carries) AS c WHERE s.carries IS NOT NULL
    )
    SELECT array_agg(s.id), pg_current_xact_id()::text::bigint INTO entries, in_xid
    FROM stored AS s;
END
$body$;
