"""Writers and sequencers killed in turn under load: what was acknowledged is there once, and a follower saw it all."""

import os
import subprocess
import sys
import threading
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import IO
from uuid import UUID

from infrastructure.store import Store
from infrastructure.store.checks import check_all
from tests.infrastructure.store.following import Follower
from tests.infrastructure.store.waiting import until
from tests.infrastructure.store.writing_process import body_of

_LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"
_ROOT = Path(__file__).parents[3]
_WRITERS = 3
_BUSY = b"SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() AND datname = %s"


class _Crew:
    """Processes that write and one that gives positions; a killed one is replaced at once."""

    def __init__(self, database: str, kind: str) -> None:
        self._database = database
        self._kind = kind
        self._started = 0
        self._readers: list[threading.Thread] = []
        self.acknowledged: list[UUID] = []
        self.processes = [self._start(kind) for _ in range(_WRITERS)]
        self.processes.append(self._start("sequencer"))

    def wait_for_more(self, appends: int) -> None:
        """Wait until so many more were acknowledged."""
        enough = len(self.acknowledged) + appends
        until(lambda: len(self.acknowledged) >= enough)

    def replace(self, place: int) -> None:
        """Kill one, and start another one in its place."""
        self.processes[place].kill()
        self.processes[place].wait()
        self.processes[place] = self._start("sequencer" if place == _WRITERS else self._kind)

    def kill(self) -> None:
        """Kill all, and read to the end what they said."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        for reader in self._readers:
            reader.join()

    def _start(self, kind: str) -> subprocess.Popen[str]:
        self._started += 1
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.infrastructure.store.writing_process"),
                *(kind, self._database, f"writer{self._started}"),
            ],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        self._readers.append(threading.Thread(target=self._listen, args=(process.stdout,)))
        self._readers[-1].start()
        return process

    def _listen(self, said: IO[str]) -> None:
        with said:
            for line in said:
                self.acknowledged.append(UUID(line.strip()))


def _wrong_after(database: str, kind: str, kills: int) -> list[str]:
    """What is wrong after so many kills under load."""
    with Store(database) as store:
        follower = Follower(store)
        follower.thread.start()
        crew = _Crew(database, kind)
        try:
            for place in islice(cycle(range(_WRITERS + 1)), kills):
                crew.wait_for_more(100)
                crew.replace(place)
            crew.wait_for_more(100)
        finally:
            crew.kill()
            name = store.connections.read(b"SELECT current_database()::text")[0][0]
            # Until the last transactions of the killed have ended, one way or the other.
            until(lambda: not store.connections.read(_BUSY, (name,))[0][0])
            until(lambda: store.sequence() and not store.lag().rows)
            follower.stop()
        there = list(store.read_all())
        times = Counter(one.fact for one in there)
        wrong = [f"{fact} was acknowledged and is lost" for fact in crew.acknowledged if fact not in times]
        wrong += [f"{fact} is there {count} times" for fact, count in times.items() if count > 1]
        wrong += [f"{one.fact} has other bytes" for one in there if one.body != body_of(one.fact)]
        wrong += [f"{what}" for what in check_all(store)]
        if [one.position for one in there] != list(range(1, len(there) + 1)):
            wrong.append("positions have gaps")
        if follower.seen != [(one.position, one.fact) for one in there]:
            wrong.append("the follower saw something else")
        print(f"{len(crew.acknowledged)} acknowledged, {len(there)} there, {kills} kills")  # noqa: T201
        return wrong


def test_killed_writers_and_sequencers_lose_nothing_and_store_nothing_twice(database: str) -> None:
    assert _wrong_after(database, "writer", 100 if _LONG else 8) == []


def test_writers_that_acknowledge_too_early_are_caught(database: str) -> None:
    assert any("is lost" in wrong for wrong in _wrong_after(database, "early", 4))
