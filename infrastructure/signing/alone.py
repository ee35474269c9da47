"""One process at a time in a folder, by a lock that ends with whoever holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.locks import FileLock


class RoomTakenError(Exception):
    """Another process works in this folder; the sentence says what to do."""


@contextmanager
def alone(lock: Path, sentence: str) -> Iterator[None]:
    """Hold a lock for as long as the block. RoomTakenError with the sentence when another process holds it."""
    held = FileLock(lock)
    try:
        held.acquire()
    except EmbeddedServerError:
        raise RoomTakenError(sentence) from None
    try:
        yield
    finally:
        held.release()
