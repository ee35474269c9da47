"""Files that are there whole or not at all, and are on the disk before anybody hears of them."""

import os
from contextlib import suppress
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Write a file (mode 0600) that is not there yet. FileExistsError, and nothing changed, when it is."""
    unfinished = _write_beside(path, content)
    try:
        os.link(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    settle(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Write a file (mode 0600) in the place of the one that may be there: readers find the old one or the new one."""
    _write_beside(path, content).replace(path)
    settle(path.parent)


def settle(path: Path) -> None:
    """Wait until what a file or a folder says is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_beside(path: Path, content: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 # the descriptor knows its mode already
        os.fchmod(descriptor, 0o600)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return unfinished
