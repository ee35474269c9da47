"""An ordinary life of the embedded server: it starts, answers under any home, and leaves nothing running."""

import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from infrastructure.embedded import EmbeddedServer, EmbeddedServerError, default_home
from infrastructure.embedded.options import DEFAULTS, LEAST, MOST, pages_kept
from tests.infrastructure.embedded.stage import AS_ROOT, Stage, answer, modes, setting


def test_an_empty_home_becomes_a_server_and_leaves_nothing_running(stage: Stage) -> None:
    before = modes(Path("/tmp"), stage.folder)
    server = stage.server()
    url = server.start()
    expected = {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "listen_addresses": "",
        "max_prepared_transactions": "0",
        "jit": "off",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "log_statement": "none",
        "max_connections": "100",
        "lc_messages": "C",
        "shared_buffers": "16MB",
    }
    assert {name: setting(url, name) for name in expected} == expected
    with psycopg.connect(url) as connection:
        assert (connection.info.user, connection.info.dbname) == ("accessledger", "accessledger")
        collation = connection.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        assert collation.fetchone() == ("C",)
    first = server.postmaster_pid
    assert server.start() == url
    assert server.postmaster_pid == first
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.info.dbname == "postgres"
        socket_folder = Path(connection.info.host)
    assert first
    assert stat.S_IMODE(stage.home.stat().st_mode) == (0o711 if AS_ROOT else 0o700)
    server.stop()
    server.stop()
    assert server.postmaster_pid is None
    assert stage.alive() == []
    assert not socket_folder.exists()
    assert modes(Path("/tmp"), stage.folder) == before


def test_fsync_is_on_unless_somebody_says_otherwise(seeded: Stage) -> None:
    with EmbeddedServer(seeded.home) as server:
        assert setting(server.url(), "fsync") == "on"
        assert setting(server.url(), "shared_buffers") == DEFAULTS["shared_buffers"]


def test_default_home_is_the_callers_business_to_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSLEDGER_HOME", "/somewhere/else")
    expected = Path("/var/lib/accessledger") if AS_ROOT else Path.home()
    assert default_home().is_relative_to(expected)


def test_odd_characters_in_the_home(stage: Stage, template: Path) -> None:
    odd = Stage(stage.folder / "it's (a) hömé")
    odd.folder.mkdir()
    odd.folder.chmod(0o755)
    odd.home.mkdir(0o711 if AS_ROOT else 0o700)
    subprocess.run(["cp", "-a", str(template), str(odd.places.cluster)], check=True)
    try:
        with odd.server() as server:
            assert answer(server.url()) == 42
    finally:
        odd.close()
    with pytest.raises(EmbeddedServerError, match="ACCESSLEDGER_HOME"):
        EmbeddedServer(stage.folder / "$(touch pwned)").start()
    assert list(stage.folder.iterdir()) == []


def test_a_settings_value_is_no_shell_command(seeded: Stage) -> None:
    with seeded.server(log_line_prefix="it's; touch x $(id)") as server:
        assert setting(server.url(), "log_line_prefix") == "it's; touch x $(id)"
    for name in ("fsync; id", "listen_addresses", "PORT"):
        with pytest.raises(EmbeddedServerError):
            seeded.server(**{name: "x"}).start()


def test_a_larger_machine_keeps_more_pages_within_bounds() -> None:
    gigabyte = 2**30
    kept = [pages_kept(memory * gigabyte) for memory in (1, 4, 1024)]
    assert kept == [f"{LEAST}MB", "256MB", f"{MOST}MB"]
