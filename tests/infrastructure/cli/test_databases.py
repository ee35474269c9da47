"""Where the ledger is said to be, and no ledger is: one sentence, and no password in it."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from infrastructure.cli.main import run
from infrastructure.settings import read_settings
from tests.infrastructure.cli.running import InProcess, Said, accessledger
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import until


def asked(database: str, captured: pytest.CaptureFixture[bytes]) -> Said:
    """A question to that database."""
    return InProcess(database, captured)("seats", "berlin")


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://root:hunter2@localhost/x", "postgresql://u:hunter2@[::1/x", "a=b c"]
)
def test_nonsense_is_no_address(capsysbinary: pytest.CaptureFixture[bytes], url: str) -> None:
    said = asked(url, capsysbinary)
    assert said.code == 1
    assert said.complaint.startswith("This is not the address of a PostgreSQL database; write it like postgresql://")
    assert "hunter2" not in said.complaint


def test_nobody_listens(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        said = asked(f"postgresql://u:hunter2@127.0.0.1:{free.getsockname()[1]}/x", capsysbinary)
    assert said.code == 1
    assert "Connection refused" in said.complaint
    assert "hunter2" not in said.complaint


def test_there_is_no_such_host_socket_or_database(capsysbinary: pytest.CaptureFixture[bytes], server: Server) -> None:
    assert "failed to resolve host" in asked("postgresql://no-such-host.invalid/x", capsysbinary).complaint
    assert "No such file or directory" in asked("postgresql:///x?host=/no/such/folder", capsysbinary).complaint
    assert 'database "nothing" does not exist' in asked(server.url("nothing"), capsysbinary).complaint
    stranger = server.url().replace("postgres@", "stranger@")
    assert 'role "stranger" does not exist' in asked(stranger, capsysbinary).complaint


@pytest.fixture
def web_server() -> Iterator[int]:
    """The port of something that answers, and is not PostgreSQL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with closing(connection):
                        connection.recv(1024)
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_something_else_answers(capsysbinary: pytest.CaptureFixture[bytes], web_server: int) -> None:
    said = asked(f"postgresql://127.0.0.1:{web_server}/x", capsysbinary)
    assert said.code == 1
    assert said.complaint.startswith("The database cannot be used: ")


def lets_in(url: str) -> bool:
    """Whether one gets in; the server reads changed rules when it comes to it."""
    with suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False


@pytest.fixture
def guarded(server: Server) -> Iterator[str]:
    """A database that asks for a password."""
    server.execute("CREATE ROLE keeper LOGIN PASSWORD 'correct'")
    server.execute("CREATE DATABASE guarded OWNER keeper")
    rules = server.data / "pg_hba.conf"
    before = rules.read_bytes()
    rules.write_bytes(b"local guarded all scram-sha-256\n" + before)
    server.execute("SELECT pg_reload_conf()")
    url = server.url("guarded").replace("postgres@", "keeper:{}@")
    until(lambda: not lets_in(url.format("wrong")))
    yield url
    rules.write_bytes(before)
    server.execute("SELECT pg_reload_conf()")
    server.execute("DROP DATABASE guarded WITH (FORCE)")
    server.execute("DROP ROLE keeper")


def test_the_password_is_wrong_and_then_right(capsysbinary: pytest.CaptureFixture[bytes], guarded: str) -> None:
    said = asked(guarded.format("hunter2"), capsysbinary)
    assert said.code == 1
    assert "password authentication failed" in said.complaint
    assert "hunter2" not in said.complaint
    assert asked(guarded.format("correct"), capsysbinary).complaint.startswith("There is no location berlin")


def test_who_may_not_write_there_is_told_so(capsysbinary: pytest.CaptureFixture[bytes], server: Server) -> None:
    server.execute("CREATE ROLE guest LOGIN")
    server.execute("CREATE DATABASE foreign_ground")
    try:
        said = asked(server.url("foreign_ground").replace("postgres@", "guest@"), capsysbinary)
        assert (said.code, "permission denied" in said.complaint) == (1, True)
    finally:
        server.execute("DROP DATABASE foreign_ground WITH (FORCE)")
        server.execute("DROP ROLE guest")


def test_a_database_that_goes_away_in_the_middle(
    capsysbinary: pytest.CaptureFixture[bytes], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise psycopg.errors.DiskFull('could not extend file "base/5/1259": No space left on device\nHINT: free some')

    monkeypatch.setattr("infrastructure.kept.kept.Kept.opening", gone)
    said = asked(database, capsysbinary)
    assert said.code == 1
    assert said.complaint.startswith("The database gave out: could not extend file")


def test_a_process_without_a_database_says_one_sentence() -> None:
    said = accessledger("verify", database="nonsense")
    assert (said.code, said.complaint.startswith("This is not the address")) == (1, True)


# --- The embedded one's home ---


@pytest.mark.parametrize(
    ("home", "words"),
    [
        ("/proc/accessledger", "No such file or directory (/proc/accessledger)"),
        ("/dev/null", "The data folder /dev/null is not a folder"),
        ("/etc/passwd/home", "a file stands where a folder should"),
        ("~no-such-user/home", "there is no such user on this computer"),
        ("/tmp/" + "x" * 300, "the name is too long"),
        ('/tmp/a"b', "contains a quote"),
    ],
)
def test_a_home_that_cannot_be_one(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, home: str, words: str
) -> None:
    monkeypatch.setenv("ACCESSLEDGER_HOME", home)
    code = run(["seats", "berlin"])
    said = Said(code, *capsysbinary.readouterr())
    assert said.code == 1
    assert words in said.complaint


def test_the_settings_come_from_the_command_line_then_the_environment() -> None:
    environment = {
        "ACCESSLEDGER_DATABASE_URL": "one",
        "ACCESSLEDGER_HOME": "/srv/x",
        "ACCESSLEDGER_CORRECTING_KEYS": "a, b,",
    }
    assert read_settings(environment).database_url == "one"
    assert read_settings(environment, database_url="two").database_url == "two"
    assert read_settings(environment).home == Path("/srv/x")
    assert read_settings(environment).correcting_keys == {"a", "b"}
    assert read_settings({"ACCESSLEDGER_DATABASE_URL": ""}).database_url is None
