"""Brings a made-up company into a ledger in minutes: the rows that an import would store, by COPY from many processes.

    uv run python -m tests.benchmarks.loading --size million --folder /tmp/company

The folder is then that of an embedded ledger like any other (`ACCESSLEDGER_HOME`), with a mark of what is in it.
"""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
import psycopg

from infrastructure.embedded import EmbeddedServer
from infrastructure.store import NewRow, migrate
from infrastructure.store.checks import check_all
from tests.benchmarks.busy_hours import FIRST_DAY, LAST_DAY
from tests.benchmarks.company import COMPANIES, Company, lines
from tests.benchmarks.company_rows import new_rows
from tests.benchmarks.databases import sealed_store

_CHUNK = 20_000
_COLUMNS = {
    "generation": "int4",
    "fact": "uuid",
    "stream": "text",
    "version": "int8",
    "type": "text",
    "location": "text",
    "recorded_at": "timestamptz",
    "effective_at": "timestamptz",
    "carries": "uuid[]",
    "command": "uuid",
    "body": "bytea",
    "personal": "bytea",
}
_COPY = f"COPY ledger.entries ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT binary)"
_CLAIM = """
INSERT INTO ledger.facts (fact, entry)
SELECT n.fact, n.entry
FROM (
    SELECT e.fact, e.id AS entry FROM ledger.entries AS e
    UNION ALL
    SELECT c, e.id FROM ledger.entries AS e CROSS JOIN LATERAL unnest(e.carries) AS c
) AS n
ORDER BY n.fact
"""
_MARK = (
    "CREATE SCHEMA IF NOT EXISTS company; CREATE TABLE company.loaded (company text NOT NULL, facts bigint NOT NULL)"
)
_PARTITIONS = """
SELECT ledger.make_partitions(ARRAY(SELECT y::timestamptz FROM generate_series(%s::date, %s::date, '1 year') AS y))
"""
_QUICK = (
    "SET synchronous_commit = off; SET statement_timeout = 0; SET work_mem = '512MB'; SET maintenance_work_mem = '1GB'"
)
_LOADING = {"fsync": "off", "shared_buffers": "2GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h"}


def load(database: str, company: Company, *, processes: int = 2) -> int:
    """Fill an empty, migrated ledger, settle it, and return the number of facts."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_QUICK)
        assert connection.execute("SELECT FROM ledger.entries LIMIT 1").fetchone() is None, "the ledger is not empty"
        if connection.execute("SELECT to_regproc('ledger.make_partitions')").fetchone() != (None,):
            connection.execute(_PARTITIONS, (FIRST_DAY, LAST_DAY))
        count = _copied(database, company, processes)
        connection.execute(_CLAIM)
        with sealed_store(database) as store:
            assert store.sequence() == count
        connection.execute("VACUUM (ANALYZE)")
        connection.execute(_MARK)
        connection.execute("INSERT INTO company.loaded VALUES (%s, %s)", (str(company), count))
    assert count == company.facts
    return count


def _copied(database: str, company: Company, processes: int) -> int:
    if processes == 1:
        return load_part(database, company, 0, 1)
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        parts = [pool.submit(load_part, database, company, part, processes) for part in range(processes)]
        return sum(part.result() for part in parts)


def loaded(database: str) -> str | None:
    """The company that a database was filled with, in words; None when it was not filled to the end."""
    with psycopg.connect(database) as connection:
        if connection.execute("SELECT to_regclass('company.loaded')").fetchone() == (None,):
            return None
        found = connection.execute("SELECT l.company FROM company.loaded AS l").fetchone()
        return None if found is None else str(found[0])


def load_part(database: str, company: Company, part: int, parts: int) -> int:
    """Store the rows of a part of the locations, chunk by chunk, in the order of recording."""
    count = 0
    begun = time.monotonic()
    with psycopg.connect(database, autocommit=True) as connection, sealed_store(database, connections=1) as store:
        connection.execute(_QUICK)
        found = connection.execute("SELECT ledger.current_generation()").fetchone()
        assert found is not None
        rows = new_rows(lines(company, part, parts))
        while chunk := list(islice(rows, _CHUNK)):
            _store(connection, found[0], chunk, store.connections.boundary.seal(chunk))
            count += len(chunk)
            if part == 0 and count % 200_000 == 0:
                rate = count * parts / (time.monotonic() - begun)
                click.echo(f"about {count * parts:,} of {company.facts:,} facts, {rate:,.0f}/s", err=True)
    return count


def _store(
    connection: psycopg.Connection[Any], generation: int, rows: list[NewRow], sealed: list[bytes | None]
) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY.encode()) as copy:
        copy.set_types(list(_COLUMNS.values()))
        for row, personal in zip(rows, sealed, strict=True):
            copy.write_row(
                (
                    generation,
                    row.fact,
                    row.stream,
                    row.version,
                    row.type,
                    row.location,
                    row.recorded_at,
                    row.effective_at,
                    list(row.inner) or None,
                    row.command,
                    row.body,
                    personal,
                )
            )


@contextmanager
def company_ledger(folder: Path, company: Company) -> Iterator[str]:
    """The address of an embedded ledger with the company in it, durable as shipped; filled when it is not yet."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    with EmbeddedServer(folder) as server:
        migrate(server.url())
        full = loaded(server.url())
    if full is None:
        with EmbeddedServer(folder, settings=_LOADING) as server:
            load(server.url(), company)
    elif full != str(company):
        raise ValueError(f"{folder} holds another company ({full}); name another folder.")
    with EmbeddedServer(folder) as server:
        yield server.url()


@click.command(help=__doc__)
@click.option("--size", type=click.Choice(list(COMPANIES)), required=True)
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--check", is_flag=True, help="Run the store's checks on what was loaded.")
def main(size: str, folder: Path, *, check: bool) -> None:
    """Fill the folder, unless it is full, and say where it is."""
    begun = datetime.now(UTC)
    with company_ledger(folder, COMPANIES[size]) as address:
        click.echo(f"{COMPANIES[size].facts:,} facts in {folder} after {datetime.now(UTC) - begun}")
        if check:
            with sealed_store(address) as store:
                broken = check_all(store)
            click.echo("\n".join(found.sentence for found in broken) or f"nothing broken ({datetime.now(UTC) - begun})")


if __name__ == "__main__":
    main()
