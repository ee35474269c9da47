"""Fills the kept tables of the log from a ledger, in batches, as a projector or a rebuild would."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO

import psycopg

from domain import canonical
from domain.entries import Entry
from infrastructure.kept.log_lines import LogKeeper
from infrastructure.mapper import read_rows
from infrastructure.store import Store
from infrastructure.store.connections import LedgerConnection
from infrastructure.wiring import application
from tests.cast import Json

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_MADE_BESIDE = """
CREATE SCHEMA kept_next;
CREATE TABLE kept_next.log_lines (LIKE kept.log_lines INCLUDING ALL EXCLUDING INDEXES);
CREATE TABLE kept_next.log_undoing (LIKE kept.log_undoing INCLUDING ALL EXCLUDING INDEXES);
CREATE TABLE kept_next.log_spans (LIKE kept.log_spans INCLUDING ALL EXCLUDING INDEXES);
CREATE TABLE kept_next.log_stragglers (LIKE kept.log_stragglers INCLUDING ALL EXCLUDING INDEXES);
"""


def bring(store: Store, facts: Iterable[Json]) -> None:
    """Import facts and settle them."""
    lines = b"".join(canonical.write(each) + b"\n" for each in facts)
    report = application(store, clock=lambda: NOW).importer.run(BytesIO(lines), name="facts", by="tests")
    assert report.refused == 0
    store.sequence()


def keep(database: str, store: Store, *, after: int = 0, seed: int = 0, keeper: LogKeeper | None = None) -> int:
    """Bring the tables forward from a position, a few entries at a time, each batch in a transaction of its own."""
    lot = random.Random(seed)
    keeper = keeper or LogKeeper()
    entries, unread = read_rows(store.read_all(after))
    with psycopg.connect(database, options="-c search_path=kept") as connection:
        with LedgerConnection.connect(database, autocommit=True) as reader:
            while entries:
                size = lot.choice((1, 2, 5, 30))
                batch, entries = entries[:size], entries[size:]
                prepared = keeper.prepare(reader, batch)
                keeper.write(connection, prepared)
                connection.commit()
        for row in unread:
            connection.execute(
                "INSERT INTO unread SELECT %s, e.stream, e.location, %s, %s, %s FROM ledger.entries AS e"
                " JOIN ledger.positions AS p ON p.entry = e.id WHERE p.position = %s",
                (row.position, row.fact_id, row.type, row.reason, row.position),
            )
    return store.last_position()


def make_beside(database: str, store: Store, parts: int) -> None:
    """Make the tables anew beside the old ones, in parts that know nothing of each other, and take their rows."""
    entries, _ = read_rows(store.read_all())
    with psycopg.connect(database, options="-c search_path=kept_next") as connection:
        connection.execute(_MADE_BESIDE)
        with LedgerConnection.connect(database, autocommit=True) as reader:
            for part in reversed(range(parts)):
                batch: list[Entry] = entries[part * len(entries) // parts : (part + 1) * len(entries) // parts]
                LogKeeper().write(connection, LogKeeper().prepare(reader, batch))
        LogKeeper().finish(connection)
        for table in ("log_lines", "log_undoing", "log_spans", "log_stragglers"):
            connection.execute(f"DELETE FROM kept.{table}")
            connection.execute(f"INSERT INTO kept.{table} SELECT * FROM kept_next.{table}")
