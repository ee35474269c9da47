"""Any number of processes may start at once on an empty database, also after one of them was killed half way."""

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.store import Store, migrate
from tests.infrastructure.store.making import row
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH, until

_numbers = count(1)
_ROOT = Path(__file__).parents[3]
_MIGRATE = "import sys; from infrastructure.store import migrate; migrate(sys.argv[1])"


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The conninfo of an empty database with an awkward name."""
    name = f"empty %&/?=+ä {next(_numbers)}"
    server.execute(f'CREATE DATABASE "{name}"')
    yield make_conninfo(server.url(), dbname=name)
    server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _start(conninfo: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", _MIGRATE, conninfo], cwd=_ROOT, stderr=subprocess.PIPE, text=True
    )


def test_processes_that_start_at_once_all_come_up(empty: str) -> None:
    processes = [_start(empty) for _ in range(8)]
    failures = [process.communicate(timeout=ENOUGH)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, failures
    with Store(empty) as store:
        store.append([row("location:L1", 1)])


def test_a_process_killed_half_way_does_not_stop_the_next(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        for _ in range(10):
            process = _start(empty)
            while process.poll() is None and not _at_work(connection):
                time.sleep(0.001)
            process.kill()
            process.communicate()
            if _at_work(connection):
                break
        assert _at_work(connection), "it was never killed half way"
    left = migrate(empty)
    assert left[-1:] == sorted(path.stem for path in (_ROOT / "infrastructure/postgres/migrations").iterdir())[-1:]
    assert migrate(empty) == []
    with Store(empty) as store:
        store.append([row("location:L1", 1)])


def _at_work(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Tell whether yoyo's lock is taken: by a process that works, or by one that was killed at it."""
    try:
        return bool(connection.execute(b"SELECT 1 FROM migrations.yoyo_lock").fetchall())
    except psycopg.errors.UndefinedTable:
        return False


def test_a_migration_and_the_note_of_it_are_one_transaction(empty: str, tmp_path: Path) -> None:
    (tmp_path / "0001-good.sql").write_text("-- depends:\nCREATE SCHEMA trial;\nCREATE TABLE trial.one (a int);\n")
    assert migrate(empty, folder=tmp_path) == ["0001-good"]
    (tmp_path / "0002-bad.sql").write_text("-- depends: 0001-good\nCREATE TABLE trial.two (a int);\nSELECT 1 / 0;\n")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, folder=tmp_path)
    with psycopg.connect(empty) as connection:
        assert connection.execute(b"SELECT to_regclass('trial.two')").fetchone() == (None,)
    (tmp_path / "0002-bad.sql").write_text("-- depends: 0001-good\nCREATE TABLE trial.two (a int);\n")
    assert migrate(empty, folder=tmp_path) == ["0002-bad"]


def test_a_password_with_special_characters_reaches_the_server(server: Server, empty: str) -> None:
    server.execute("""CREATE ROLE "o'hara @:/?#%" SUPERUSER LOGIN PASSWORD 'p w@:/?#%&''"\\'""")
    hba = server.data / "pg_hba.conf"
    hba.write_text('local all "o\'hara @:/?#%" scram-sha-256\n' + hba.read_text())
    server.execute("SELECT pg_reload_conf()")
    conninfo = make_conninfo(empty, user="o'hara @:/?#%", password="p w@:/?#%&'\"\\")
    wrong = make_conninfo(conninfo, password="wrong")
    until(lambda: _refused(wrong))  # the server reads its rules again when it comes to it
    with pytest.raises(psycopg.OperationalError, match="password"):
        migrate(wrong)
    assert "0001-ledger" in migrate(conninfo)


def _refused(conninfo: str) -> bool:
    try:
        psycopg.connect(conninfo).close()
    except psycopg.OperationalError:
        return True
    return False
