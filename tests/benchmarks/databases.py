"""Fresh databases on one server, the same for both sides of every benchmark; and the raw side's own tables."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import count
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from domain import canonical
from infrastructure.embedded import EmbeddedServer
from infrastructure.sealing.sealing import open_sealing
from infrastructure.store import Store, migrate
from infrastructure.store.boundary import Keys
from infrastructure.wiring import Application, application
from tests.benchmarks.generate import Json

BARE = """
CREATE SCHEMA bare;
CREATE SEQUENCE bare.entries_id_seq;
CREATE TABLE bare.entries (LIKE ledger.entries INCLUDING DEFAULTS) PARTITION BY LIST ((version IS NULL));
ALTER TABLE bare.entries ALTER id SET DEFAULT nextval('bare.entries_id_seq');
CREATE TABLE bare.decisions (LIKE ledger.decisions INCLUDING ALL);
ALTER TABLE bare.entries ATTACH PARTITION bare.decisions FOR VALUES IN (false);
CREATE TABLE bare.observations PARTITION OF bare.entries FOR VALUES IN (true) PARTITION BY RANGE (recorded_at);
CREATE TABLE bare.facts (LIKE ledger.facts INCLUDING ALL);
CREATE TABLE bare.answers (location text PRIMARY KEY, answer bytea NOT NULL)
"""
_SAME_PARTITIONS = """
DO $body$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'ledger.observations'::regclass AND to_regclass('bare.' || c.relname) IS NULL
    LOOP
        EXECUTE format('CREATE TABLE bare.%1$I (LIKE ledger.%1$I INCLUDING ALL)', part.name);
        EXECUTE format('ALTER TABLE bare.observations ATTACH PARTITION bare.%I %s', part.name, part.bounds);
    END LOOP;
END
$body$
"""
_FILL = """
INSERT INTO bare.entries SELECT * FROM ledger.entries ORDER BY id;
INSERT INTO bare.facts SELECT * FROM ledger.facts ORDER BY entry
"""
_IN_ORDER = """
SELECT setval('bare.entries_id_seq', (SELECT max(id) + 1 FROM bare.entries))
"""
_numbers = count(1)


@contextmanager
def embedded_server() -> Iterator[str]:
    """The address of a server of our own in a folder that goes away with it; durable as shipped."""
    with tempfile.TemporaryDirectory(prefix="accbench", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedServer(Path(folder) / "home") as server:
            yield server.url()


def sealed_store(database: str, *, connections: int = 10) -> Store:
    """A store over a ledger as the product opens it: personal fields are sealed. The keys lie in the same database."""
    return Store(database, connections=connections, sealing=open_sealing(keys_of(database)))


def keys_of(database: str) -> Keys:
    """Where the keys of a benchmark's ledger lie; the wrapping key is the same for all, so that one may be kept."""
    file = Path(tempfile.gettempdir()) / f"accessledger-benchmark-{os.getuid()}.key"
    if not file.exists():
        made = file.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text("5e" * 32)
        made.replace(file)
    return Keys(database, str(file))


@contextmanager
def ledger_of(database: str) -> Iterator[Application]:
    """The parts of a ledger over such a store."""
    with sealed_store(database) as store:
        yield application(store)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The address of a migrated database with the bare tables beside; it is dropped at the end.

    These have the ledger's partitions and each of them its indexes, so that a row costs the same on both sides.
    """
    name = f"accessledger_benchmark_{next(_numbers)}"
    _alone(server, SQL("CREATE DATABASE {}").format(Identifier(name)))
    try:
        database = make_conninfo(server, dbname=name)
        migrate(database)
        with psycopg.connect(database) as connection:
            connection.execute(BARE)
            connection.execute(_SAME_PARTITIONS)
        yield database
    finally:
        _alone(server, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def fill(store: Store, lines: Iterator[Json]) -> None:
    """Import facts, settle them, and give the bare tables the same rows, so that both begin alike."""
    source = BytesIO(b"".join(canonical.write(line) + b"\n" for line in lines))
    application(store).importer.run(source, name="generated", by="benchmark")
    store.sequence()
    with store.connections.take(own=True) as connection:
        connection.execute(_SAME_PARTITIONS)
        connection.execute(_FILL)
        connection.execute(_IN_ORDER)
        connection.execute("VACUUM (ANALYZE)")


def checkpoint(database: str) -> None:
    """Let no checkpoint of earlier work fall into the next measurement, where the account may ask for one."""
    with psycopg.connect(database, autocommit=True) as connection, suppress(InsufficientPrivilege):
        connection.execute("CHECKPOINT")


def vacuum(database: str) -> None:
    """What the server would come to do by itself after much was written."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def version(server: str) -> str:
    """The version of the server, and how durable it is."""
    with psycopg.connect(server) as connection:
        found = connection.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), "
            "current_setting('synchronous_commit'), current_setting('shared_buffers')"
        ).fetchone()
    assert found is not None
    return "PostgreSQL {}, fsync {}, synchronous_commit {}, shared_buffers {}".format(*found)


def _alone(server: str, statement: "psycopg.sql.Composed") -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
