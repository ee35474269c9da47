"""Homes for the embedded server: empty ones, and ones with a cluster that was made once."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.infrastructure.embedded.stage import AS_ROOT, Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(dir="/tmp")).resolve()
    folder.chmod(0o755)
    made = Stage(folder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A cluster made once, with one remembered row; tests that are not about initdb begin with a copy."""
    folder = Path(tempfile.mkdtemp(dir="/tmp")).resolve()
    folder.chmod(0o755)
    made = Stage(folder)
    with made.server() as server, psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    yield made.places.cluster
    made.close()


@pytest.fixture
def seeded(stage: Stage, template: Path) -> Stage:
    stage.home.mkdir(0o711 if AS_ROOT else 0o700)
    subprocess.run(["cp", "-a", str(template), str(stage.places.cluster)], check=True)
    return stage
