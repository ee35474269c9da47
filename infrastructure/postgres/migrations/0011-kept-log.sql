-- The security log and the change history, kept as lists of places: by location, by actor, by device, and so on.
-- depends: 0010-kept

-- One row for each line (a fact, or one that a correction carries), and another for each further person it is about and
-- each further one who acted. Everything in it is narrow: keys are 64 bits of a hash (infrastructure/kept/log_keys.py),
-- so a list holds all that is asked for and, in theory, a line too many; what is shown is decided by the facts.
-- A key has the kind of the line in it, so that a list of two things is as quick as a list of one.
CREATE TABLE kept.log_lines (
    place bigint NOT NULL,          -- the position, and in its last four bits how deep inside the entry
    known_at timestamptz NOT NULL,
    by_location bigint NOT NULL,
    by_actor bigint NOT NULL,
    kind smallint NOT NULL,
    by_device bigint,
    by_about bigint,                -- an account, or a member of a location
    change bigint,                  -- null for what was seen and decides nothing
    effective_at timestamptz        -- null when it is known_at
);
CREATE INDEX log_lines_kind ON kept.log_lines (kind, place);
CREATE INDEX log_lines_location ON kept.log_lines (by_location, place);
CREATE INDEX log_lines_actor ON kept.log_lines (by_actor, place);
CREATE INDEX log_lines_device ON kept.log_lines (by_device, place) WHERE by_device IS NOT NULL;
CREATE INDEX log_lines_about ON kept.log_lines (by_about, place) WHERE by_about IS NOT NULL;
CREATE INDEX log_lines_change ON kept.log_lines (change, place) WHERE change IS NOT NULL;

-- Which entries say of a fact that it does not count: corrections, and dismissals that were cancelled.
CREATE TABLE kept.log_undoing (
    fact uuid NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX log_undoing_fact ON kept.log_undoing (fact);

-- When the lines of each block of positions became known, so that a stretch of time is looked for where it can be.
-- A block that was written in two parts at once may have two rows.
CREATE TABLE kept.log_spans (
    block int NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz NOT NULL
);
CREATE INDEX log_spans_block ON kept.log_spans (block);

-- Changes whose lines lie far apart: a page of changes looks for them by themselves.
CREATE TABLE kept.log_stragglers (
    change bigint NOT NULL,
    first_place bigint NOT NULL,
    last_place bigint NOT NULL
);
CREATE INDEX log_stragglers_last ON kept.log_stragglers (last_place);
CREATE INDEX log_stragglers_change ON kept.log_stragglers (change);
