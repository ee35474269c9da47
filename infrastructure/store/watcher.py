"""Watches how far final positions are behind, and raises an alarm that names who holds them back."""

import logging
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.store.errors import StoreError
from infrastructure.store.store import Store

_LOG = logging.getLogger(__name__)
THRESHOLD = timedelta(seconds=5)
_EVERY = timedelta(seconds=1)


class Watcher:
    """A thread that asks for the lag every second; also a context manager. It reads, and holds nobody up."""

    def __init__(self, store: Store, *, threshold: timedelta = THRESHOLD, every: timedelta = _EVERY) -> None:
        """Complain of what has been so for at least `threshold`; look every so often."""
        self._store = store
        self._threshold = threshold
        self._every = every.total_seconds()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self.alarm: str | None = None
        """What is wrong now, as one sentence; None while all is well."""

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for that."""
        self._stopped.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                found = self._store.lag().complaint(self._threshold)
            except (StoreError, psycopg.Error) as error:
                found = f"How far final positions are behind cannot be told: {error}"
            self._tell(found)

    def _tell(self, found: str | None) -> None:
        """Log where it begins and where it ends, not every second between."""
        before, self.alarm = self.alarm, found
        if found is not None and before is None:
            _LOG.warning("%s", found)
        elif found is None and before is not None:
            _LOG.warning("Final positions are up to date again.")
