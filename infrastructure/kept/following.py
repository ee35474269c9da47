"""Keeps the kept projections up to date in the background, from start to stop."""

import logging
import threading
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.kept.projector import KeptOutdatedError, Projector
from infrastructure.kept.rows import KeptTablesDifferError
from infrastructure.store import Store, StoreError
from infrastructure.store.listening import Listener

_LOG = logging.getLogger(__name__)
_TICK = 0.5
"""Seconds after which it looks by itself, should a notification have been missed."""


class Follower:
    """A thread that brings what is kept forward whenever facts get positions; also a context manager.

    Several at once do no harm: one works, the others wait their turn. Killed at any moment it leaves nothing half told.
    """

    def __init__(self, store: Store, projector: Projector) -> None:
        self._projector = projector
        self._new = threading.Event()
        self._stopped = threading.Event()
        self._listener = Listener(store, self._new.set)
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self.position = 0
        """Up to which position it has told."""

    def start(self) -> None:
        """Begin; may be called once."""
        self._listener.start()
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that is being told, and wait for that."""
        self._stopped.set()
        self._new.set()
        self._listener.stop()
        self._thread.join()
        self._listener.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        complaint = ""
        while not self._stopped.is_set():
            self._new.clear()
            try:
                self.position = self._projector.bring_forward()
                complaint = ""
            except (StoreError, psycopg.Error, KeptOutdatedError, KeptTablesDifferError) as error:
                # Questions are folded meanwhile; it is tried again, and said once.
                if str(error) != complaint:
                    complaint = str(error)
                    _LOG.warning("The kept projections stand still: %s", complaint)
            self._new.wait(_TICK)
