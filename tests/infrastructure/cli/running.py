"""The command line as a user runs it: a process of its own, its exit code and what it said on both streams."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from domain import canonical
from infrastructure.cli.main import run
from infrastructure.demo.story import story
from infrastructure.settings import KEYS_WRAP
from tests.infrastructure.store.waiting import ENOUGH

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, "-m", "infrastructure.cli")
PATIENCE = ENOUGH
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a run came to."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def complaint(self) -> str:
        """The one sentence of a failure; an answer, a second sentence or a traceback beside it is a mistake."""
        lines = self.err.decode().splitlines()
        assert self.out == b"", self.text
        assert len(lines) == 1, self.err.decode()
        assert lines[0].startswith("Error: "), lines
        return lines[0].removeprefix("Error: ")

    @property
    def rows(self) -> list[Json]:
        """JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def answer(self) -> Json:
        assert self.code == 0, self.err.decode()
        (found,) = self.rows
        return found


def environment(
    database: str | None, home: Path | None = None, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment of this process without what would tell the program where to look."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("ACCESSLEDGER_") or name == KEYS_WRAP
    }
    kept |= {"PYTHONWARNINGS": "error", "PYTHONPATH": str(ROOT), **(more or {})}
    if database is not None:
        kept["ACCESSLEDGER_DATABASE_URL"] = database
    if home is not None:
        kept["ACCESSLEDGER_HOME"] = str(home)
    return kept


def accessledger(
    *arguments: str | bytes | Path,
    database: str | None = None,
    home: Path | None = None,
    stdin: bytes = b"",
    more: Mapping[str, str] | None = None,
) -> Said:
    """Run the program to its end."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(database, home, more),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        cwd="/tmp",
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return Said(done.returncode, done.stdout, done.stderr)


class InProcess:
    """The same command line in this process, where it has to be quick."""

    def __init__(self, database: str, captured: pytest.CaptureFixture[bytes]) -> None:
        self._database = database
        self._captured = captured

    def __call__(self, *arguments: str | Path) -> Said:
        self._captured.readouterr()
        code = run(["--database", self._database, *map(str, arguments)])
        out, err = self._captured.readouterr()
        assert b"Traceback" not in err, err.decode()
        return Said(code, out, err)


def written(facts: Iterable[Mapping[str, Any]]) -> bytes:
    """Facts or commands as JSON Lines."""
    return b"".join(canonical.write(fact) + b"\n" for fact in facts)


@cache
def story_lines() -> tuple[bytes, ...]:
    """The demo's story, a line a fact."""
    return tuple(canonical.write(fact) + b"\n" for fact in story())


def told_until(recorded: str) -> bytes:
    """The story up to an instant of its own."""
    return b"".join(line for line in story_lines() if json.loads(line)["recorded_at"] <= recorded)
