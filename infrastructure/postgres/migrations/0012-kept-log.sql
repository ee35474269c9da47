-- What is asked of a line beside its list lies in the index of that list: a page is looked for without the table.
-- depends: 0011-kept-log

-- The lines of one list lie on as many pages of the table, and most that are looked at are not shown.
DROP INDEX kept.log_lines_kind, kept.log_lines_location, kept.log_lines_actor, kept.log_lines_device,
    kept.log_lines_about;
CREATE INDEX log_lines_kind ON kept.log_lines (kind, place) INCLUDE (known_at);
CREATE INDEX log_lines_location ON kept.log_lines (by_location, place) INCLUDE (known_at, by_actor, effective_at);
CREATE INDEX log_lines_actor ON kept.log_lines (by_actor, place) INCLUDE (known_at, by_location);
CREATE INDEX log_lines_device ON kept.log_lines (by_device, place) INCLUDE (known_at, by_location)
    WHERE by_device IS NOT NULL;
CREATE INDEX log_lines_about ON kept.log_lines (by_about, place) INCLUDE (known_at, by_location)
    WHERE by_about IS NOT NULL;
