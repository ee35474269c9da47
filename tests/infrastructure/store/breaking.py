"""Builds that are known to be broken: a migration's functions, made again with one fragment replaced."""

from importlib.resources import files

import psycopg


def rebuild(database: str, migration: str, fragment: str, replacement: str) -> None:
    """Make the functions of a migration again with another fragment; the fragment must be there."""
    text = (files("infrastructure.postgres") / "migrations" / f"{migration}.sql").read_text(encoding="utf-8")
    assert fragment in text, f"{migration} has no {fragment!r} any more"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(text.replace(fragment, replacement).encode())


NO_HORIZON = ("0004-sequence", "(current_generation, below)", "(current_generation + 1, below)")
NO_FRESH_TRANSACTION = ("0003-append", "pg_current_xact_id_if_assigned() IS NOT NULL", "false")
NO_STREAM_LOCK = ("0008-append", "pg_advisory_xact_lock(wanted.key)", "wanted.key")
NO_GENERATIONS = ("0008-append", "RETURN NULL;", "RETURN found_generation;")
NO_SEQUENCER_LOCK = ("0004-sequence", "pg_try_advisory_xact_lock(7303, 0)", "true")
ORDERED_BY_ID = (
    "0004-sequence",
    "row_number() OVER (ORDER BY n.generation, n.xid, n.id)",
    "row_number() OVER (ORDER BY n.id)",
)
