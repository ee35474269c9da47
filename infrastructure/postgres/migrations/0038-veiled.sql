-- What the door keeps about people lies veiled under the keys of those it is about. Plain rows of before are veiled by
-- the program when it opens the ledger, since only it has the keys; `door.veiled` says that this was done.
-- depends: 0025-views

-- Addresses for letters are looked for by a keyed hash.
DROP INDEX door.people_email;
ALTER TABLE door.people ADD COLUMN email_index bytea;
CREATE UNIQUE INDEX people_email_index ON door.people (email_index) WHERE ended_at IS NULL;

-- What browsers tell of themselves is one text now.
ALTER TABLE door.devices
    ALTER COLUMN hints DROP DEFAULT,
    ALTER COLUMN hints DROP NOT NULL,
    ALTER COLUMN hints TYPE text USING CASE WHEN hints = '{}' THEN NULL ELSE hints::text END;

CREATE TABLE door.veiled (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    done_at timestamptz NOT NULL DEFAULT now()
);
