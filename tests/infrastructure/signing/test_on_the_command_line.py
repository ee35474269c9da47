"""`accessledger signer` and `accessledger witness` as they are run: what they print, how they end."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from domain.evidence.notes import COSIGNATURE, ED25519, read_key
from infrastructure.signing.asking import SignerClient
from infrastructure.witness.asking import cosign
from tests.infrastructure.cli.running import PROGRAM, environment
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.store.waiting import ENOUGH

LOG = Log()


@contextmanager
def started(home: Path, *arguments: str, more: dict[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A command that runs on, and the line that it says first; it is killed at the end."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        env=environment(None, home, more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/tmp",
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        try:
            yield process, process.stdout.readline().decode()
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_they_listen_sign_and_end(tmp_path: Path, short: Path, how: signal.Signals) -> None:
    socket = short / "sock"
    settings = {"ACCESSLEDGER_SIGNER": str(socket), "ACCESSLEDGER_ORIGIN_OF_LOG": ORIGIN}
    with started(tmp_path, "signer", more=settings) as (signer, said):
        key = read_key(said.split(" with ")[1])
        assert (said.split(" with ")[0], key.name, key.algorithm) == (f"Signing at {socket}", ORIGIN, ED25519)
        assert (tmp_path / "signer" / "0001.key").exists(), "in the home, unless said otherwise"
        note = SignerClient(socket, [key], patience=ENOUGH).sign(LOG.checkpoint(3), [])
        arguments = ("witness", "--log", key.written(), "--name", "w.example", "--listen", "127.0.0.1:0", "--json")
        with started(tmp_path, *arguments, more={}) as (witness, told):
            answer: dict[str, Any] = json.loads(told)
            assert read_key(answer["vkey"]).algorithm == COSIGNATURE
            assert cosign(answer["address"], note, read_key(answer["vkey"]), lambda _seen: []).name == "w.example"
            code, log = _ended(witness, how)
            assert code == 130
            assert log.splitlines()[0] == f"cosigned {ORIGIN} 3 {LOG.checkpoint(3).root.hex()}"
        code, log = _ended(signer, how)
        assert code == 130
        assert len(log.splitlines()) == 1
        assert log.startswith(f"signed 3 {LOG.checkpoint(3).root.hex()} for user ")
    assert not socket.exists()


def _ended(process: "subprocess.Popen[bytes]", how: signal.Signals) -> tuple[int, str]:
    process.send_signal(how)
    code = process.wait(ENOUGH)
    assert process.stderr is not None
    return code, process.stderr.read().decode()
