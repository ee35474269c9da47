"""Import of history, every line checked, against COPY of the rows that came of it."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from domain import canonical
from infrastructure.store import Store
from infrastructure.wiring import application
from tests.benchmarks.databases import checkpoint, fresh_database
from tests.benchmarks.generate import chain
from tests.benchmarks.measuring import Result, Run, seconds
from tests.benchmarks.scale import Scale

_TABLES = {
    "entries": "id, generation, xid, fact, stream, version, type, location, recorded_at, effective_at, carries, "
    "command, body, personal",
    "facts": "fact, entry",
}
_PIECE = 1 << 18


def importing(server: str, scale: Scale, runs: int) -> list[Result]:
    """One line: a whole file, into an empty ledger each time."""
    found: list[Run] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.jsonl"
        with file.open("wb") as lines:
            lines.writelines(canonical.write(line) + b"\n" for line in chain(scale.imported))
        for _ in range(runs):
            with fresh_database(server) as database:
                found.append(_measured(database, file, scale.imported))
    return [Result(f"import of {scale.imported:,} facts", "COPY of its rows", scale.imported, found)]


def _measured(database: str, file: Path, count: int) -> Run:
    checkpoint(database)
    ours = seconds(lambda: _imported(database, file, count))
    rows = {table: _copied_out(database, table) for table in _TABLES}
    checkpoint(database)
    return Run(ours, seconds(lambda: _copied_in(database, rows)))


def _imported(database: str, file: Path, count: int) -> None:
    with Store(database) as store, file.open("rb") as source:
        report = application(store).importer.run(source, name=file.name, by="benchmark")
    assert report.appended == count


def _copied_out(database: str, table: str) -> list[bytes]:
    """The rows of a table as COPY writes them, in pieces, so that the raw side has nothing to convert."""
    statement = f"COPY (SELECT {_TABLES[table]} FROM ledger.{table}) TO STDOUT (FORMAT binary)"
    with psycopg.connect(database) as connection, connection.cursor().copy(statement.encode()) as copy:
        whole = b"".join(bytes(piece) for piece in copy)
    return [whole[at : at + _PIECE] for at in range(0, len(whole), _PIECE)]


def _copied_in(database: str, rows: Mapping[str, Sequence[bytes]]) -> None:
    with psycopg.connect(database) as connection:
        for table, columns in _TABLES.items():
            statement = f"COPY bare.{table} ({columns}) FROM STDIN (FORMAT binary)"
            with connection.cursor().copy(statement.encode()) as copy:
                for piece in rows[table]:
                    copy.write(piece)
