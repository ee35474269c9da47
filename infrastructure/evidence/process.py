"""Publishing in a process of its own: hashing leaves thread after thread would hold up whoever appends in this one."""

import logging
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from domain import canonical
from domain.evidence.notes import read_key
from domain.instants import write_instant
from infrastructure.evidence.events import tell
from infrastructure.evidence.publisher import Publisher
from infrastructure.evidence.settings import EvidenceSettings, WitnessAddress
from infrastructure.evidence.wiring import publishing_of
from infrastructure.store import Store

_LOG = logging.getLogger(__name__)
_BEGIN = "import sys; sys.path[:] = sys.argv[1:]; from infrastructure.evidence.process import main; main()"
_AGAIN = 2.0
"""Seconds after which a process that ended by itself is started again."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What the process is told, as a line of JSON on its standard input; when that ends, so does the process."""

    database: str
    origin: str | None
    signer: str
    key: str | None
    witnesses: list[list[str]]


class PublisherProcess:
    """A process that publishes for as long as the block; started again when it dies. `complaint` as in Publisher."""

    def __init__(self, database: str, settings: EvidenceSettings) -> None:
        assert settings.signer is not None, "without a signer there is nothing to publish"
        task = _Task(
            database,
            settings.origin,
            str(settings.signer),
            settings.key.written() if settings.key is not None else None,
            [[each.url, each.key.written()] for each in settings.witnesses],
        )
        self._line = canonical.write(asdict(task)) + b"\n"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="publisher", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.complaint = ""

    def __enter__(self) -> Self:
        self._process = self._started()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        self._thread.join()

    def _started(self) -> subprocess.Popen[bytes]:
        # Nothing of the main program is run again. A group of its own: ^C is for us to heed.
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-c", _BEGIN, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(self._line)
            process.stdin.flush()
        return process

    def _watch(self) -> None:
        while True:
            process = self._process
            assert process is not None
            assert process.stdout is not None
            with process.stdout as said:
                for line in said:
                    self._say(line.decode(errors="replace").strip())
            assert process.stdin is not None
            with suppress(OSError):  # what was not taken any more
                process.stdin.close()
            process.wait()
            if self._stopped.wait(_AGAIN):
                return
            self._say("the process that publishes has ended by itself; it is started again")
            self._process = self._started()

    def _say(self, complaint: str) -> None:
        if complaint and complaint != self.complaint:
            _LOG.warning("No checkpoint is published: %s", complaint)
        self.complaint = complaint


def main() -> None:
    """The process: publish until the standard input ends; say on the standard output what is wrong, or nothing is."""
    task = _Task(**canonical.read(sys.stdin.readline()))
    with Store(task.database, connections=3) as store:
        publishing = publishing_of(store, _settings(task), _say)
        assert publishing is not None
        began = write_instant(store.now())
        tell(store, "start", {"at": began, "program": version("accessledger")})
        with Publisher(store, publishing, _say):
            sys.stdin.read()
        tell(store, "pause", {"at": write_instant(store.now()), "began": began, "why": "the server was stopped"})


def _settings(task: _Task) -> EvidenceSettings:
    key = read_key(task.key) if task.key is not None else None
    witnesses = tuple(WitnessAddress(url, read_key(vkey)) for url, vkey in task.witnesses)
    return EvidenceSettings(task.origin, Path(task.signer), key, witnesses)


def _say(sentence: str) -> None:
    with suppress(OSError):
        sys.stdout.write(" ".join(sentence.split()) + "\n")
        sys.stdout.flush()
