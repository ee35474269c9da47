"""The linter, the formatter's check and the type checker, so that one command runs all there is to run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT


@pytest.mark.parametrize("command", ["ruff check .", "ruff format --check .", "mypy"])
def test_the_whole_tree_is_clean(command: str) -> None:
    found = _run(command)
    if found.returncode != 0:
        pytest.fail(f"{command}\n{found.stdout}{found.stderr}", pytrace=False)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (f"ruff check --no-cache --config {ROOT}/pyproject.toml", "import os\n"),
        (f"ruff format --check --no-cache --config {ROOT}/pyproject.toml", "x=1\n"),
        ("mypy --cache-dir=/dev/null", "def f(x):\n    return x\n"),
    ],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_each_of_them_bites(command: str, text: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(text)
    assert _run(command, str(broken)).returncode == 1


def _run(command: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command.split(), *more], cwd=ROOT, capture_output=True, text=True, check=False
    )
