"""Gives positions in the background, ten times a second and after each append of this process."""

import logging
import threading
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.store.errors import StoreError
from infrastructure.store.store import Store

_LOG = logging.getLogger(__name__)
_TICK = 0.1
# Appends that come within this time share one step.
_GATHER = 0.005


class Sequencer:
    """A thread that sequences a store from start to stop; also a context manager. Several at once do no harm."""

    def __init__(self, store: Store, *, tick: float = _TICK) -> None:
        self._store = store
        self._tick = tick
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is running, and wait for that."""
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
