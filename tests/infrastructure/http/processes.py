"""`accessledger serve` as a process of its own, and writers that know what was acknowledged to them."""

import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import httpx

from domain.facts import Actor
from infrastructure.door.caller import EVERYWHERE, SCOPES
from infrastructure.door.keys import Keys
from infrastructure.store import Store
from tests.infrastructure.cli.running import PROGRAM, environment
from tests.infrastructure.store.waiting import ENOUGH, until


@dataclass
class Process:
    """A server process and its address."""

    process: subprocess.Popen[bytes]
    address: str

    def client(self, key: str, **headers: str) -> httpx.Client:
        """Somebody who talks to it."""
        return httpx.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {key}", **headers}, timeout=ENOUGH
        )

    def end(self, how: signal.Signals) -> int:
        """Send it a signal and wait for its exit code."""
        self.process.send_signal(how)
        return self.process.wait(ENOUGH)


@contextmanager
def serving(database: str, *, port: int = 0, more: Mapping[str, str] | None = None) -> Iterator[Process]:
    """A process that serves a database; it is killed at the end, if it has not ended by then."""
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--port", str(port)],
        env=environment(database, more=more),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/tmp",
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().decode()
        yield Process(process, said.split()[1])
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def key_of(database: str) -> str:
    """A new key with all scopes, good everywhere."""
    with Store(database) as store:
        return Keys(store.connections).make(Actor(kind="api_key", id="tester"), SCOPES, EVERYWHERE)[1]


@dataclass
class Writer:
    """A thread that gives commands, each until it is acknowledged, whatever comes in between."""

    address: str
    key: str
    acknowledged: list[UUID] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join(ENOUGH)

    def wait_for_more(self, count: int) -> None:
        """Until so many more commands are acknowledged."""
        wanted = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= wanted)

    def _run(self) -> None:
        with httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.key}"}, timeout=60) as client:
            while not self._ended.is_set():
                self._give(client, uuid4())

    def _give(self, client: httpx.Client, name: UUID) -> None:
        member = f"m-{name.hex[:12]}"
        command = {
            "command": "add_team_member",
            "id": str(name),
            "location": "berlin",
            "data": {"member": member, "name": member},
        }
        while not self._ended.is_set():
            with suppress(httpx.TransportError):
                got = client.post("/v1/commands", json=command)
                if got.status_code == 200:
                    self.acknowledged.append(UUID(got.json()["appended"][0]["id"]))
                    return
                self.problems[f"{got.status_code} {got.json()['code']}"] += 1
            self._ended.wait(0.02)


def lost(database: str, acknowledged: Sequence[UUID]) -> list[str]:
    """What was acknowledged and is not there exactly once."""
    with Store(database) as store:
        until(lambda: store.sequence() and not store.lag().rows)
        there = Counter(row.fact for row in store.read_all())
    return [f"{fact} is there {there[fact]} times" for fact in acknowledged if there[fact] != 1]


SHIFTED = """
import time
_true = time.time
time.time = lambda: _true() - 10_800
time.time_ns = lambda: int(time.time() * 1e9)
"""


def shifted_clock(folder: Path) -> Mapping[str, str]:
    """The environment of a Python whose machine says that it is three hours earlier."""
    (folder / "sitecustomize.py").write_text(SHIFTED)
    return {"PYTHONPATH": f"{folder}:{environment(None)['PYTHONPATH']}"}
