-- name: has_database
-- Whether the server has the ledger's database.
SELECT 1 FROM pg_database WHERE datname = %s

-- name: create_database
-- From the plain template: nothing that somebody put into the default one.
CREATE DATABASE "accessledger" TEMPLATE template0
