-- Facts about erasures are few among millions, and are asked for at every start.
-- depends: 0038-veiled

-- By what a list of erasures, which lies beside the database, is known to be this ledger's: a backup has it too.
CREATE TABLE door.identity (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO door.identity DEFAULT VALUES;

CREATE INDEX decisions_erasures ON ledger.decisions (stream, version)
WHERE type IN ('ErasureAsked', 'ErasureRefused', 'ErasureAllowed', 'PersonErased');
