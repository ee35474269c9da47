"""Gives positions in the background, ten times a second and after each append of this process, and watches itself."""

import logging
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.store.errors import StoreError
from infrastructure.store.store import Store
from infrastructure.store.watcher import THRESHOLD, Watcher

_LOG = logging.getLogger(__name__)
_TICK = 0.1
# Appends that come within this time share one step: a step costs as much as 20 rows.
_GATHER = 0.02


class Sequencer:
    """A thread that sequences a store from start to stop; also a context manager. Several at once do no harm.

    Its `watcher` raises an alarm when an open transaction has held positions back for `threshold`.
    """

    def __init__(self, store: Store, *, tick: float = _TICK, threshold: timedelta = THRESHOLD) -> None:
        self.watcher = Watcher(store, threshold=threshold)
        self._store = store
        self._tick = tick
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()
        self.watcher.start()

    def stop(self) -> None:
        """End after the step that is running, and wait for that."""
        self.watcher.stop()
        self._stopped.set()
        self._store.appended.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._store.appended.clear()
            try:
                self._store.sequence()
            except (StoreError, psycopg.Error) as error:
                # The next tick tries again; meanwhile readers see fewer positions, and the alarm on their age tells.
                _LOG.warning("No positions could be given: %s", error)
            self._stopped.wait(_GATHER)
            self._store.appended.wait(self._tick)
