-- What was kept before names were veiled is thrown away: it is made anew from the facts, by whoever asks or keeps.
-- depends: 0013-statistics

TRUNCATE kept.parts, kept.sayings, kept.lines, kept.strands, kept.awaited, kept.locations, kept.unread,
    kept.log_lines, kept.log_undoing, kept.log_spans, kept.log_stragglers;
INSERT INTO kept.locations VALUES ('', 0, false);
UPDATE kept.state SET position = 0, made_with = '';
DROP SCHEMA IF EXISTS kept_next CASCADE;
DROP SCHEMA IF EXISTS kept_old CASCADE;
