"""A folder for sockets: their paths may be only so long, and those of a test's own folder can be longer."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path, which every user can walk through."""
    with tempfile.TemporaryDirectory(prefix="ledger", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
