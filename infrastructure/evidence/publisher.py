"""Publishes checkpoints in the background, from start to stop: within two seconds of a fact that was acknowledged."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.evidence.publishing import Publishing
from infrastructure.signing.asking import SignerError
from infrastructure.store import Store, StoreError
from infrastructure.store.listening import Listener

_TICK = 5.0
"""Seconds after which it looks by itself: a witness may be back."""

_GATHER = 0.5
"""Seconds between two checkpoints at least: what comes meanwhile shares one signature."""


class Publisher:
    """A thread that publishes whenever facts get positions; also a context manager.

    Several at once do no harm: one works, the others find nothing to do. Killed at any moment it leaves nothing half.
    """

    def __init__(
        self, store: Store, publishing: Publishing, say: Callable[[str], None] = lambda _complaint: None
    ) -> None:
        """`say` is told why nothing is published when that changes, and an empty text when all is well again."""
        self._publishing = publishing
        self._new = threading.Event()
        self._stopped = threading.Event()
        self._listener = Listener(store, self._new.set)
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._say = say
        self._complaint = ""

    def start(self) -> None:
        """Begin; may be called once."""
        self._listener.start()
        self._thread.start()

    def stop(self) -> None:
        """End after the checkpoint that is being made, and wait for that."""
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
        while not self._stopped.is_set():
            self._new.clear()
            try:
                self._publishing.publish()
                complaint = ""
            except (StoreError, SignerError, psycopg.Error, OSError, ValueError) as error:
                complaint = str(error)
            # Facts are taken in all the same; it is tried again, and said once.
            if complaint != self._complaint:
                self._complaint = complaint
                self._say(complaint)
            self._stopped.wait(_GATHER)
            self._new.wait(_TICK)
