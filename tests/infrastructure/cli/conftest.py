"""Ledgers for the command line: the demo's story loaded once, read by many, cloned for those who write."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest

from infrastructure.wiring import application
from tests.infrastructure.cli.running import InProcess, story_lines
from tests.infrastructure.sealing.opened import sealed_store
from tests.infrastructure.store.servers import Server

_numbers = count(1)
AFTER_THE_STORY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def story_template(server: Server, template: str) -> str:
    """The name of a database that holds the demo's story and that nobody is connected to."""
    name = "template_story"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    with sealed_store(server.url(name)) as store:
        importer = application(store, clock=lambda: AFTER_THE_STORY).importer
        importer.run(BytesIO(b"".join(story_lines())), name="the story", by="tests")
        store.sequence()
    return name


@pytest.fixture(scope="session")
def told(server: Server, story_template: str) -> str:
    """The conninfo of the story's ledger, for questions alone."""
    server.execute(f"CREATE DATABASE told TEMPLATE {story_template}")
    return server.url("told")


@pytest.fixture
def retold(server: Server, story_template: str) -> Iterator[str]:
    """The conninfo of a story's ledger of one's own."""
    name = f"retold_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {story_template}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ask(told: str, capsysbinary: pytest.CaptureFixture[bytes]) -> InProcess:
    """The command line on the story, in this process."""
    return InProcess(told, capsysbinary)


@pytest.fixture
def do(database: str, capsysbinary: pytest.CaptureFixture[bytes]) -> InProcess:
    """The command line on an empty ledger, in this process."""
    return InProcess(database, capsysbinary)


@pytest.fixture
def on_ledger(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[[str], InProcess]:
    """The command line on any ledger, in this process."""
    return lambda database: InProcess(database, capsysbinary)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Bytes as a file."""

    def made(content: bytes) -> Path:
        path = tmp_path / f"facts-{next(_numbers)}.jsonl"
        path.write_bytes(content)
        return path

    return made


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the tester's environment reaches the program."""
    for name in ("ACCESSLEDGER_DATABASE_URL", "ACCESSLEDGER_HOME", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
