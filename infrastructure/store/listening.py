"""Listens for new final positions, and sees to it that they are given even if nobody else does."""

import logging
import threading
from collections.abc import Callable

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.errors import StoreError
from infrastructure.store.store import Store

_LOG = logging.getLogger(__name__)
_LISTEN = statements("sequence")["listen"]
_TICK = 0.1
_BETWEEN_CONNECTIONS = 0.5


class Listener:
    """A thread that calls `wake` at new positions, and after every lost connection, until it is stopped."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it does within a tick."""
        self._stopped.set()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except (psycopg.Error, StoreError) as error:
                _LOG.warning("Listening for positions was interrupted: %s", error)
                self._stopped.wait(_BETWEEN_CONNECTIONS)

    def _listen(self) -> None:
        with self._store.connections.take(own=True) as connection:
            connection.execute(_LISTEN)
            self._wake()
            while not self._stopped.is_set():
                self._store.sequence()
                for _ in connection.notifies(timeout=_TICK, stop_after=1):
                    self._wake()
