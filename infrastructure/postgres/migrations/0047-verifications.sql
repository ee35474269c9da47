-- What was verified, when, how far and with what outcome: the next one goes on from there, and a missing one is noticed.
-- depends: 0046-division

CREATE TABLE ledger.verifications (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    whole boolean NOT NULL,             -- from nothing, or from the last one on
    settled bigint NOT NULL,            -- the last position there was, and the last that the trees had
    position bigint NOT NULL,
    size bigint NOT NULL,               -- leaves of the head log, and its root
    root bytea NOT NULL,
    signed bigint NOT NULL,             -- checkpoints, and a digest over their notes
    notes bytea NOT NULL,
    seconds double precision NOT NULL,
    broken text[] NOT NULL
);
CREATE INDEX verifications_sound ON ledger.verifications (id) WHERE broken = '{}';

DO $body$
BEGIN
    PERFORM ledger.guard('ledger.verifications');
END
$body$;
