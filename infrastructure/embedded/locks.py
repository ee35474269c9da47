"""Kernel locks on files: they end with their holder, however it ends."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from infrastructure.embedded.errors import EmbeddedServerError


class FileLock:
    """One flock on a file opened for it alone, so that two locks within one process are two locks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def acquire(self, *, shared: bool = False, timeout: float = 0.0) -> None:
        """Take the lock or say who is in the way; the file is created if it is missing."""
        deadline = time.monotonic() + timeout
        while not self._try(fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"Another process has held {self._path} for {timeout:.0f} seconds;"
                    " wait for it to start or stop the server, or end it (lsof shows which one it is)."
                )
            time.sleep(0.02)

    def alone(self) -> bool:
        """Whether nobody else holds the lock; if so it is now held exclusively."""
        if self._descriptor is None or not self._is_current(self._descriptor):
            return False
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Unlock, even if a forked child still has the descriptor open."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self.forget()

    def forget(self) -> None:
        """Close without unlocking: what a forked child does with its parent's lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self, kind: int) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            if self._is_current(descriptor):
                self._descriptor = descriptor
                return True
        except BlockingIOError:
            pass
        finally:
            if self._descriptor != descriptor:
                os.close(descriptor)
        return False

    def _is_current(self, descriptor: int) -> bool:
        """Whether the path still leads to the open file; it does not once the folder was deleted and made anew."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
