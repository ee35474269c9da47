"""Waits for a condition and never for a time: a slow machine makes a test take longer, and not fail."""

import time
from collections.abc import Callable

import psycopg

ENOUGH = 180.0
"""Seconds after which something never comes, on the slowest and busiest machine there is."""

_HELD_UP = b"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid)))"
_LOCKED = b"SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s)"


def until(condition: Callable[[], object], within: float = ENOUGH) -> float:
    """Wait until it is so, and return how long that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within, "this never came"
        time.sleep(0.005)
    return time.monotonic() - begun


def until_held_up(by: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Wait until somebody waits for a lock that this connection holds: not just anybody for any lock."""
    with psycopg.connect(by.info.dsn, autocommit=True) as look:
        until(lambda: look.execute(_HELD_UP, (by.info.backend_pid,)).fetchall() == [(True,)])


def until_unlocked(database: str, kind: int, number: int) -> None:
    """Wait until nobody holds this advisory lock any more."""
    with psycopg.connect(database, autocommit=True) as look:
        until(lambda: look.execute(_LOCKED, (kind, number)).fetchall() == [(False,)])
