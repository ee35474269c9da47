-- What belongs to no location (terms, accounts), for a history or a log over every place.
-- depends: 0005-import

CREATE INDEX entries_placeless ON ledger.entries (generation, xid, id) WHERE location IS NULL;
