-- Whether something about somebody holds at a time lies in the index of that list too.
-- depends: 0047-verifications

-- Looked for in the table, it took a page of it for every line about everybody on a page of the log.
DROP INDEX kept.log_lines_about;
CREATE INDEX log_lines_about ON kept.log_lines (by_about, place) INCLUDE (known_at, by_location, effective_at)
    WHERE by_about IS NOT NULL;
