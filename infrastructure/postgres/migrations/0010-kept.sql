-- Kept projections: folds written down, so that a question is a look-up. All of it can be thrown away and made anew.
-- depends: 0009-import
--
-- Advisory locks, by their first key:
--   7307  who brings the kept projections forward or puts others in their place (session)
--   7308  a rebuild (session)

CREATE SCHEMA kept;

-- Up to which position everything here is told, and by which forms and catalogues it was made.
CREATE TABLE kept.state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    made_with text NOT NULL
);
INSERT INTO kept.state (position, made_with) VALUES (0, '');

-- Where a location begins. An irregular one has facts that name others in ways a strand does not show: it is folded.
CREATE TABLE kept.locations (
    location text PRIMARY KEY,
    first_position bigint NOT NULL,
    irregular boolean NOT NULL
);
INSERT INTO kept.locations VALUES ('', 0, false);

-- The entries that decide a location's state, each in its strand; an observation that one of them names is among
-- them without a recorded_at. A strand goes by the position of its first deciding entry.
CREATE TABLE kept.lines (
    location text NOT NULL,
    position bigint NOT NULL,
    strand bigint NOT NULL,
    recorded_at timestamptz,
    PRIMARY KEY (location, position)
);
CREATE INDEX lines_strand ON kept.lines (location, strand, position);
CREATE INDEX lines_recorded ON kept.lines (location, recorded_at, position) WHERE recorded_at IS NOT NULL;

-- Members and accounts of a location, each in its strand.
CREATE TABLE kept.strands (
    location text NOT NULL,
    key text NOT NULL,
    strand bigint NOT NULL,
    PRIMARY KEY (location, key)
);

-- Facts that others say they came of, and that their location has not heard of; location '' is what has none.
CREATE TABLE kept.awaited (
    location text NOT NULL,
    fact uuid NOT NULL,
    PRIMARY KEY (fact, location)
);

-- Parts of teams as rectangles: what held from when to when (infinity: for ever), known from which position to which
-- (the largest number: until now). The cell finds those that hold at a point: see infrastructure/kept/cells.py.
CREATE TABLE kept.parts (
    location text NOT NULL,
    key text NOT NULL,
    cell bigint NOT NULL,
    held_from timestamptz NOT NULL,
    held_to timestamptz NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    seated boolean NOT NULL,        -- is a row of the billing list
    scheduled boolean NOT NULL,     -- on the schedule, or linked to a member who is
    paid bigint NOT NULL,           -- has an effective paid right: one bit a version of the catalogue
    interacts bigint NOT NULL,      -- administrator, or creates and takes payment: one bit a version
    owner_since timestamptz,        -- an owner, and since when
    part text NOT NULL
);
-- All four ends are in the index, so that only what holds is fetched: of a large location one in seventeen. So is all
-- that is counted: the counts of a fleet are told by the index alone.
CREATE INDEX parts_cell ON kept.parts (location, cell, held_from, held_to, known_from, known_to, key)
    INCLUDE (seated, scheduled, paid, interacts, owner_since);
CREATE INDEX parts_open ON kept.parts (location, key, held_from) WHERE known_to = 9223372036854775807;

-- What is the same at every time that a fact may hold: names, time zone, what is left out, dismissals to come.
CREATE TABLE kept.sayings (
    location text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint,
    said text NOT NULL,
    PRIMARY KEY (location, kind, key, known_from)
);

-- Rows that this program cannot read.
CREATE TABLE kept.unread (
    position bigint PRIMARY KEY,
    stream text NOT NULL,
    location text,
    fact text NOT NULL,
    type text NOT NULL,
    reason text NOT NULL
);
