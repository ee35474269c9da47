"""Whether the database answers at this moment: asked beside all work, so that nobody has to wait to find out."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.store import StoreError

_LOG = logging.getLogger("accessledger.http")
_TICK = 0.5
PATIENCE = 3.0
"""Seconds after which a database that does not answer is away: one that is merely busy answers this sooner."""


class Pulse:
    """A thread that asks the least there is to ask, over and over; also a context manager.

    Who has been told to come back costs nothing. Without it, every thread would wait for a database that is away, and
    behind them every request.
    """

    def __init__(self, ask: Callable[[], object], *, tick: float = _TICK, patience: float = PATIENCE) -> None:
        self._ask = ask
        self._tick = tick
        self._patience = patience
        self._asked: float | None = None
        """When the question was put that has no answer yet."""

        self._failed = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def is_away(self) -> bool:
        """Whether the database has not answered for so long, or has said that it cannot. Not away before the start."""
        asked = self._asked
        return self._failed or (asked is not None and time.monotonic() - asked > self._patience)

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End. A question that hangs is left behind: the thread ends with the process."""
        self._stopped.set()
        self._thread.join(self._patience)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._asked = time.monotonic()
            try:
                self._ask()
            except (StoreError, psycopg.Error) as error:
                if not self._failed:
                    _LOG.warning("The database is away: %s", error)
                self._failed = True
            else:
                if self._failed:
                    _LOG.warning("The database is back")
                self._failed = False
            self._asked = None
            self._stopped.wait(self._tick)
