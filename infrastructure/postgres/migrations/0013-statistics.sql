-- Statistics over all tables of entries together, which nobody makes by himself, for a ledger that has just been divided.
-- depends: 0012-kept-log

DO $body$
BEGIN
    IF EXISTS (SELECT FROM ledger.entries) THEN
        ANALYZE ledger.entries;
    END IF;
END
$body$;
