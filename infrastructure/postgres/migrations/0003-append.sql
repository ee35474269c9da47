-- The one way in: ledger.append stores rows in one transaction, all or none.
-- depends: 0002-generations

-- Refusals, by SQLSTATE: LD001 version conflict (detail: the stream), LD002 fact ids in use (detail: the ids),
-- LD003 recorded_at before the stream's last (detail: the stream), LD005 no generation holds here,
-- LD009 called in a way that would break the final order.

-- Final positions follow transaction ids, so a later version must never have a lower transaction id. It has not, if
-- the head of the stream is read before the transaction id is given: whatever was read had its own id by then.
CREATE OR REPLACE FUNCTION ledger.require_fresh_transaction() RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'An append must be the first write of its transaction; start a new transaction for it.'
            USING ERRCODE = 'LD009';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'An append must run in a READ COMMITTED transaction, not %.',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'LD009';
    END IF;
END
$body$;

-- Lets one append at a time into a stream, so that the loser waits and finds a conflict, and breaks no unique index.
-- A stream has its own lock. The 1024 groups are for imports of so many streams that their locks would fill the lock
-- table: such an import locks groups, everybody else shares them. Always groups first, and each kind sorted, so that
-- two appends over the same streams cannot wait for each other.
CREATE OR REPLACE FUNCTION ledger.lock_streams(streams text[], whole_groups boolean) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    IF whole_groups THEN
        PERFORM pg_advisory_xact_lock(7302, wanted.key)
        FROM (
            SELECT DISTINCT (hashtextextended(s, 0) & 1023)::int AS key FROM unnest(streams) AS s ORDER BY 1
        ) AS wanted;
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7302, wanted.key)
        FROM (
            SELECT DISTINCT (hashtextextended(s, 0) & 1023)::int AS key FROM unnest(streams) AS s ORDER BY 1
        ) AS wanted;
        PERFORM pg_advisory_xact_lock(wanted.key)
        FROM (SELECT DISTINCT hashtextextended(s, 0) AS key FROM unnest(streams) AS s ORDER BY 1) AS wanted;
    END IF;
END
$body$;

CREATE OR REPLACE FUNCTION ledger.append(
    new_facts uuid[], new_streams text[], new_versions bigint[], new_types text[], new_locations text[],
    new_recorded timestamptz[], new_effective timestamptz[], new_commands uuid[],
    new_bodies bytea[], new_personals bytea[],
    carried_facts uuid[], carried_by int[], -- an id carried inside, and the place of its row in the other arrays
    gaps boolean, -- versions need only rise, and recorded_at is not looked at
    OUT in_generation int, OUT in_xid bigint, OUT entries bigint[]
)
-- Plans are the same whether there are statistics yet or not, and are made once a connection.
LANGUAGE plpgsql SET search_path = pg_catalog, ledger
SET jit = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $body$
DECLARE
    used text;
    bad record;
BEGIN
    PERFORM ledger.require_fresh_transaction();
    PERFORM ledger.lock_streams(ARRAY(
        SELECT DISTINCT n.stream FROM unnest(new_streams, new_versions) AS n (stream, version)
        WHERE n.version IS NOT NULL
    ), false);

    in_generation := ledger.current_generation();
    IF in_generation IS NULL THEN
        RAISE EXCEPTION 'No generation holds in this cluster yet.' USING ERRCODE = 'LD005';
    END IF;

    SELECT string_agg(n.fact::text, ',') INTO used
    FROM (
        -- Not an EXISTS: that is planned as a hash of all facts as long as the table has no statistics.
        SELECT f.fact FROM ledger.facts AS f WHERE f.fact = ANY(new_facts || carried_facts)
        UNION
        SELECT fact FROM unnest(new_facts || carried_facts) AS fact GROUP BY fact HAVING count(*) > 1
    ) AS n;
    IF used IS NOT NULL THEN
        RAISE EXCEPTION 'Fact ids are in use.' USING ERRCODE = 'LD002', DETAIL = used;
    END IF;

    SELECT n.stream, n.conflict INTO bad
    FROM (
        SELECT r.stream, r.nth,
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
            SELECT e.version, e.recorded_at FROM ledger.entries AS e
            WHERE r.version_before IS NULL AND e.stream = r.stream AND e.version IS NOT NULL
            ORDER BY e.version DESC LIMIT 1
        ) AS head ON true
    ) AS n
    WHERE n.conflict OR n.late
    ORDER BY n.nth LIMIT 1;
    IF FOUND THEN
        IF bad.conflict THEN
            RAISE EXCEPTION 'The stream has moved on.' USING ERRCODE = 'LD001', DETAIL = bad.stream;
        END IF;
        RAISE EXCEPTION 'Recorded before the last of the stream.' USING ERRCODE = 'LD003', DETAIL = bad.stream;
    END IF;

    WITH stored AS (
        INSERT INTO ledger.entries (
            generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command,
            body, personal
        )
        SELECT in_generation, n.fact, n.stream, n.version, n.type, n.location, n.recorded_at, n.effective_at,
            (
                SELECT array_agg(c.fact ORDER BY c.nth)
                FROM unnest(carried_facts, carried_by) WITH ORDINALITY AS c (fact, place, nth)
                WHERE c.place = n.place
            ),
            n.command, n.body, n.personal
        FROM unnest(
            new_facts, new_streams, new_versions, new_types, new_locations, new_recorded, new_effective, new_commands,
            new_bodies, new_personals
        ) WITH ORDINALITY AS n (
            fact, stream, version, type, location, recorded_at, effective_at, command, body, personal, place
        )
        ORDER BY n.place
        RETURNING id, fact, carries
    ), claimed AS (
        INSERT INTO ledger.facts (fact, entry)
        SELECT s.fact, s.id FROM stored AS s
        UNION ALL
        SELECT c, s.id FROM stored AS s, unnest(s.carries) AS c
    )
    SELECT array_agg(s.id ORDER BY s.id), pg_current_xact_id()::text::bigint INTO entries, in_xid
    FROM stored AS s;
END
$body$;
