"""Beside a server: looks whether the daily run is due, has it done by a process, and says what came of it."""

import logging
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.daily.process import BROKEN, task_of
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.store import Store, StoreError
from infrastructure.verification.remembered import is_due

_LOG = logging.getLogger("accessledger.daily")
_BEGIN = "import sys; sys.path[:] = sys.argv[1:]; from infrastructure.daily.process import main; main()"
FIRST = 60.0
"""Seconds after its start when a server looks for the first time."""

PAUSE = 600.0
"""Seconds between two looks: of several servers one does it, and the others find it done."""


class Daily:
    """A thread that has the daily run done while the block lasts; a run that is under way then is ended."""

    def __init__(self, store: Store, settings: EvidenceSettings, *, first: float = FIRST, pause: float = PAUSE) -> None:
        self._store = store
        self._settings = settings
        self._first = first
        self._pause = pause
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="daily", daemon=True)
        self.runs = 0
        """How many have come to their end."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._stopped.set()
            if self._process is not None:
                self._process.terminate()
        self._thread.join()

    def _run(self) -> None:
        wait = self._first
        while not self._stopped.wait(wait):
            wait = self._pause
            try:
                if is_due(self._store):
                    self._do()
            except (StoreError, psycopg.Error, OSError) as error:
                _LOG.warning("The daily run could not begin: %s", error)

    def _do(self) -> None:
        line = task_of(self._store, self._settings)
        with self._lock:
            if self._stopped.is_set():
                return
            # Nothing of the main program is run again. A group of its own: ^C is for us to heed.
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-c", _BEGIN, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
            )
        said, wrong = self._process.communicate(line)
        code = self._process.returncode
        if self._stopped.is_set():
            return
        self.runs += 1
        for sentence in said.decode(errors="replace").splitlines():
            _LOG.log(logging.CRITICAL if code == BROKEN else logging.INFO, "%s", sentence)
        if code == BROKEN:
            _LOG.critical("The ledger is broken: run `accessledger verify`, and do not let it be changed meanwhile.")
        elif code != 0:
            _LOG.error("The daily run ended with %s: %s", code, wrong.decode(errors="replace").strip()[-500:])
