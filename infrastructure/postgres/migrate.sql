-- name: be_patient
SET statement_timeout = 0; SET lock_timeout = 0

-- name: wait_for_the_others
SELECT pg_advisory_lock(7301, 1)

-- name: make_schema
CREATE SCHEMA IF NOT EXISTS migrations

-- name: renew_generation
-- So that the first append does not find out that there is none.
SELECT ledger.renew_generation()

-- name: make_partitions
-- For this year, and for the next one when it is near: a program that runs on beyond it has others started beside it,
-- and if not, the rows lie with those of all other years and are moved at the next start.
SELECT ledger.make_partitions(ARRAY[clock_timestamp(), clock_timestamp() + interval '2 months'])

-- name: applied
SELECT m.migration_id FROM migrations._yoyo_migration AS m
