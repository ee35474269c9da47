"""Processes that read and stage chunks side by side: started for a large file, gone with the import."""

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from domain.catalogue import Catalogue
from infrastructure.catalogues import shipped_catalogues
from infrastructure.importing.chunks import Chunk
from infrastructure.importing.messages import Failure, GoneError, Task, receive_answer, send_chunk, send_task
from infrastructure.store import LedgerUnavailable, StoreError
from infrastructure.store.staging import StagedChunk

_BEGIN = "import sys; sys.path[:] = sys.argv[1:]; from infrastructure.importing.worker import main; main()"
_MOST = 8
"""More of them than this would only wait for the one database."""


def workers_for(catalogues: Mapping[int, Catalogue]) -> int:
    """How many processes can read for us: none where they could not be started, or would know other catalogues."""
    shipped = {number: catalogue.sha256 for number, catalogue in shipped_catalogues().items()}
    if not sys.executable or {number: one.sha256 for number, one in catalogues.items()} != shipped:
        return 0
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(ours, _MOST)


class Workers:
    """Some worker processes; a context manager. At its end none is left, whatever happened."""

    def __init__(self, task: Task, number: int) -> None:
        self._task = task
        self._number = number
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="import")

    def __enter__(self) -> Self:
        try:
            for _ in range(self._number):
                self._start()
        except BaseException:
            self._end()
            raise
        return self

    def stage(self, chunk: Chunk) -> Future[StagedChunk]:
        """Have a chunk read and staged. LedgerUnavailable or StoreError from the result, if that cannot be."""
        return self._threads.submit(self._ask, chunk)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _start(self) -> None:
        # Nothing of the main program is run again, whatever it is. A group of its own: ^C is for us to heed.
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-c", _BEGIN, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
        self._processes.append(process)
        assert process.stdin is not None
        send_task(process.stdin, self._task)
        self._idle.put(process)

    def _ask(self, chunk: Chunk) -> StagedChunk:
        process = self._idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            send_chunk(process.stdin, chunk)
            answer = receive_answer(process.stdout)
        except (GoneError, OSError, ValueError):
            raise StoreError(
                f"A process that read lines {chunk.first:,} to {chunk.first + chunk.lines - 1:,} has ended before its "
                "time. What is staged is kept: import the same file again, and it goes on from there."
            ) from None
        finally:
            self._idle.put(process)
        if isinstance(answer, Failure):
            raise (LedgerUnavailable if answer.lost else StoreError)(
                f"The database gave out: {answer.sentence}. What is staged is kept: import the same file again."
            )
        return answer

    def _end(self) -> None:
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                with suppress(OSError):  # what was still to be sent goes nowhere
                    stream.close()
            process.wait()
