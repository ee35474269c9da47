-- Final positions, gapless and in commit order, for rows that no open transaction can come before any more.
-- depends: 0003-append

-- One step gives positions to at most `batch` rows. It is one statement, so a client that is stopped in the middle
-- holds neither the lock nor a transaction. JIT and sequential scans are off: each tick would pay for them.
CREATE OR REPLACE FUNCTION ledger.sequence(
    batch int, OUT won boolean, OUT last_position bigint, OUT added bigint
)
LANGUAGE plpgsql SET search_path = pg_catalog, ledger
SET jit = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $body$
DECLARE
    state ledger.sequencer;
    current_generation int;
    below xid8;
    last_generation int;
    last_xid xid8;
    last_id bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'The sequencer must run in a READ COMMITTED transaction.' USING ERRCODE = 'LD009';
    END IF;
    -- First the lock: every later statement has a newer snapshot and sees what the winner before us has written.
    won := pg_try_advisory_xact_lock(7303, 0);
    added := 0;
    SELECT * INTO state FROM ledger.sequencer;
    last_position := state.position;
    IF NOT won THEN
        RETURN;
    END IF;

    current_generation := ledger.current_generation();
    IF current_generation IS NULL THEN
        IF NOT EXISTS (SELECT FROM ledger.entries) THEN
            RETURN;
        END IF;
        current_generation := ledger.renew_generation();
    END IF;

    -- The horizon is taken before the rows are looked at: whatever is below it has ended, and is seen if it committed.
    below := pg_snapshot_xmin(pg_current_snapshot());
    WITH next AS (
        SELECT e.generation, e.xid, e.id
        FROM ledger.entries AS e
        WHERE (e.generation, e.xid, e.id) > (state.generation, state.xid, state.id)
            -- Rows of older generations have no horizon: nothing of theirs can still be open.
            AND (e.generation, e.xid) < (current_generation, below)
        ORDER BY e.generation, e.xid, e.id
        LIMIT batch
    ), numbered AS (
        SELECT n.*, state.position + row_number() OVER (ORDER BY n.generation, n.xid, n.id) AS position FROM next AS n
    ), placed AS (
        INSERT INTO ledger.positions (position, entry) SELECT n.position, n.id FROM numbered AS n
    )
    SELECT n.generation, n.xid, n.id, n.position INTO last_generation, last_xid, last_id, last_position
    FROM numbered AS n ORDER BY n.position DESC LIMIT 1;
    IF NOT FOUND THEN
        last_position := state.position;
        RETURN;
    END IF;

    added := last_position - state.position;
    UPDATE ledger.sequencer AS s
    SET generation = last_generation, xid = last_xid, id = last_id, position = last_position,
        horizon = below;
    PERFORM pg_notify('ledger_positions', last_position::text);
END
$body$;
