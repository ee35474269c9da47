-- Guards against a ledger that woke up in another history of transaction ids.
-- depends: 0001-ledger

-- The current generation if its transaction ids are those of this cluster, else null. It is not when the cluster has
-- another identity, and not when the ledger holds a row of a transaction that has not been started here yet.
CREATE OR REPLACE FUNCTION ledger.current_generation() RETURNS int
LANGUAGE plpgsql AS $body$
DECLARE
    found_generation int;
    found_identifier bigint;
BEGIN
    SELECT g.generation, g.system_identifier INTO found_generation, found_identifier
    FROM ledger.generations AS g ORDER BY g.generation DESC LIMIT 1;
    IF found_identifier IS DISTINCT FROM (SELECT c.system_identifier FROM pg_control_system() AS c) THEN
        RETURN NULL;
    END IF;
    -- One statement, so that the rows and the snapshot's upper end are of the same moment.
    IF EXISTS (
        SELECT FROM ledger.entries AS e
        WHERE e.generation = found_generation AND e.xid >= pg_snapshot_xmax(pg_current_snapshot())
    ) THEN
        RETURN NULL;
    END IF;
    RETURN found_generation;
END
$body$;

-- Starts a generation if the current one does not hold any more; returns the one that holds.
CREATE OR REPLACE FUNCTION ledger.renew_generation() RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, ledger AS $body$
DECLARE
    holds int;
BEGIN
    PERFORM pg_advisory_xact_lock(7304, 0);
    holds := ledger.current_generation();
    IF holds IS NULL THEN
        INSERT INTO ledger.generations (generation, system_identifier, first_xid)
        SELECT coalesce(max(g.generation), 0) + 1, (SELECT c.system_identifier FROM pg_control_system() AS c),
            pg_current_xact_id()
        FROM ledger.generations AS g
        RETURNING generation INTO holds;
    END IF;
    RETURN holds;
END
$body$;
