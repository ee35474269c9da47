"""A server with a signer and a witness, each a process of its own: what is acknowledged is soon in a checkpoint."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from domain.evidence.notes import Note, cosignatures, read_checkpoint, read_note, signed_by
from infrastructure.evidence.settings import LOG_KEY, SIGNER, WITNESSES
from infrastructure.signing.signatures import Ed25519Verifier
from tests.infrastructure.http.processes import Process, key_of, serving
from tests.infrastructure.signing.processes import Running, signing, witnessing
from tests.infrastructure.store.waiting import until


@dataclass
class Evident:
    """A server whose checkpoints are signed and witnessed."""

    server: Process
    signer: Running
    witness: Running
    client: httpx.Client

    def note(self) -> Note | None:
        """The newest checkpoint, as the server gives it."""
        answer = self.client.get("/v1/evidence/checkpoint")
        return read_note(answer.text) if answer.status_code == 200 else None

    def cosigned(self) -> bool:
        """Whether the newest checkpoint has the witness's line."""
        note = self.note()
        return note is not None and bool(cosignatures(note, [Ed25519Verifier(self.witness.keys[0])]))

    def publisher(self) -> int:
        """The process that publishes."""
        (found,) = psutil.Process(self.server.process.pid).children()
        return found.pid


@pytest.fixture
def evident(told: str, tmp_path: Path) -> Iterator[Evident]:
    with signing(tmp_path / "signer") as signer, witnessing(tmp_path / "witness", signer.keys[0]) as witness:
        settings = {
            SIGNER: str(signer.said["socket"]),
            LOG_KEY: signer.keys[0].written(),
            WITNESSES: f"{witness.said['address']}={witness.keys[0].written()}",
        }
        key = key_of(told)
        with serving(told, more=settings) as server, server.client(key) as client:
            yield Evident(server, signer, witness, client)


def test_what_is_acknowledged_comes_into_a_signed_and_witnessed_checkpoint(evident: Evident) -> None:
    until(evident.cosigned)
    first = evident.note()
    assert first is not None
    assert signed_by(first, Ed25519Verifier(evident.signer.keys[0]))
    size = read_checkpoint(first.text).size
    for _ in _add(evident, "nia", "noa"):
        until(lambda size=size: _size(evident) > size)  # type: ignore[misc]
        size = _size(evident)
    until(evident.cosigned)


def test_a_publisher_that_dies_is_started_again(evident: Evident) -> None:
    until(evident.cosigned)
    size, publisher = _size(evident), evident.publisher()
    os.kill(publisher, signal.SIGKILL)
    for _ in _add(evident, "nia"):
        until(lambda: _size(evident) > size)
    assert evident.publisher() != publisher


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_publisher_is_left_behind(evident: Evident, how: signal.Signals) -> None:
    until(evident.cosigned)
    publisher = psutil.Process(evident.publisher())
    evident.server.end(how)
    until(lambda: not publisher.is_running() or publisher.status() == psutil.STATUS_ZOMBIE)


def test_the_ledger_goes_on_without_a_signer(evident: Evident) -> None:
    until(evident.cosigned)
    size = _size(evident)
    evident.signer.end(signal.SIGKILL)
    for _ in _add(evident, "nia"):
        assert _size(evident) == size


def _add(evident: Evident, *members: str) -> Iterator[None]:
    for member in members:
        data = {"member": member, "name": member}
        command = {"command": "add_team_member", "location": "berlin", "data": data}
        assert evident.client.post("/v1/commands", json=command).status_code == 200
        yield


def _size(evident: Evident) -> int:
    note = evident.note()
    assert note is not None
    return read_checkpoint(note.text).size
