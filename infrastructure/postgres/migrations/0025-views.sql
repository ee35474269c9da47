-- Views of a log that somebody has given a name: private to a person, in one location; one of them may come first.
-- depends: 0021-sessions

CREATE SCHEMA views;

CREATE TABLE views.saved (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    location text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    usual boolean NOT NULL DEFAULT false,
    made_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account, location, name)
);
CREATE UNIQUE INDEX saved_usual ON views.saved (account, location) WHERE usual;
