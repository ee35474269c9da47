-- What the doctor asks a database about itself.

-- name: settings
SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') = 'on' AS fsync,
    current_setting('full_page_writes') = 'on' AS full_page_writes,
    current_setting('synchronous_commit') <> 'off' AS synchronous_commit,
    current_setting('data_checksums') = 'on' AS checksums,
    current_setting('max_connections')::int AS connections,
    (SELECT count(*)::int FROM pg_stat_activity) AS connected,
    clock_timestamp() AS now
