"""A signer and a witness as processes of their own, whole or broken, and what they say."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.evidence.notes import Key, read_key
from infrastructure.signing.asking import SignerClient
from tests.infrastructure.cli.running import environment
from tests.infrastructure.signing.logs import ORIGIN
from tests.infrastructure.store.waiting import ENOUGH

_LAUNCHER = Path(__file__).with_name("launching.py")


@dataclass
class Running:
    """A process that has said where it listens."""

    process: "subprocess.Popen[bytes]"
    said: dict[str, object]
    errors: Path

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that it signs with."""
        vkeys = self.said["keys"] if "keys" in self.said else [self.said["vkey"]]
        assert isinstance(vkeys, list)
        return tuple(read_key(vkey) for vkey in vkeys)

    @property
    def address(self) -> str:
        """Where a witness listens."""
        return str(self.said["address"])

    def client(self, *pinned: Key, patience: float = ENOUGH) -> SignerClient:
        """Somebody who asks a signer."""
        return SignerClient(Path(str(self.said["socket"])), pinned, patience=patience)

    def end(self, how: signal.Signals) -> int:
        """Send it a signal and wait for its exit code."""
        self.process.send_signal(how)
        return self.process.wait(ENOUGH)

    def log(self) -> list[str]:
        """What it said on standard error."""
        return self.errors.read_text().splitlines()


@contextmanager
def running(command: str, state: Path, *arguments: str, breaks: str = "whole") -> Iterator[Running]:
    """A process over a folder; it is killed at the end, if it has not ended by then."""
    errors = state.with_name(f"{state.name}.{command}.log")
    with errors.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(_LAUNCHER), breaks, command, "--state", str(state), *arguments],
            env=environment(None),
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, errors.read_text()
        yield Running(process, json.loads(line), errors)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def signing(state: Path, *arguments: str, breaks: str = "whole") -> Iterator[Running]:
    """A signer of the tests' log, at a socket with a short path unless another one is given."""
    with tempfile.TemporaryDirectory(prefix="ledger", dir="/tmp") as folder:
        path = () if "--socket" in arguments else ("--socket", f"{folder}/sock")
        with running("signer", state, "--origin", ORIGIN, *path, *arguments, breaks=breaks) as process:
            yield process


@contextmanager
def witnessing(state: Path, *logs: Key, port: int = 0, breaks: str = "whole") -> Iterator[Running]:
    """A witness of some logs."""
    options = [part for key in logs for part in ("--log", key.written())]
    with running(
        "witness", state, "--name", "witness.example", "--port", str(port), *options, breaks=breaks
    ) as process:
        yield process
