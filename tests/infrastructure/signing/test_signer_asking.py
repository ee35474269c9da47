"""Whoever asks the signer learns in a sentence what is wrong, and believes no stranger at its socket."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Checkpoint, Note
from infrastructure.signing.asking import OtherKeyError, SignerAwayError, SignerClient, SignerError
from infrastructure.signing.signatures import Ed25519Signer
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import signing
from tests.infrastructure.store.waiting import ENOUGH

LOG = Log()
RIGHT = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
OTHER = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
Answers = Callable[[dict[str, Any]], bytes | None]


@contextmanager
def pretending(path: Path, answers: Answers, patience: float = ENOUGH) -> Iterator[SignerClient]:
    """Something at a socket that answers as it likes; None: not at all."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        kept: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    asking, _ = listening.accept()
                except OSError:
                    return
                kept.append(asking)
                answer = answers(json.loads(asking.makefile("rb").readline()))
                if answer is not None:
                    with suppress(BrokenPipeError, ConnectionResetError):
                        asking.sendall(answer)
                    asking.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield SignerClient(path, patience=patience)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for each in kept:
                each.close()


def line(**said: object) -> bytes:
    return json.dumps(said).encode() + b"\n"


def signed(checkpoint: Checkpoint, *signers: Ed25519Signer) -> str:
    text = checkpoint.written()
    return Note(text, tuple(signer.sign(text) for signer in signers)).written()


def test_no_signer_is_said_so(short: Path) -> None:
    with pytest.raises(SignerAwayError, match=r"no signer listens at .*start it"):
        SignerClient(short / "sock").key()
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(short / "sock"))
    with pytest.raises(SignerAwayError, match="no signer listens"):
        SignerClient(short / "sock").last()
    with pytest.raises(SignerAwayError, match="cannot be asked"):
        SignerClient(short / ("x" * 200)).last()


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (None, SignerAwayError, "does not answer"),
        (b"", SignerAwayError, "ended before"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", SignerError, "not the signer"),
        (b"[]\n", SignerError, "not the signer"),
        (b'"' + b"x" * 300_000, SignerError, "not the signer"),
        (line(keys=[]), SignerError, "it says no keys"),
        (line(keys=["nonsense"]), SignerError, "it says no keys"),
        (line(keys=[1]), SignerError, "it says no keys"),
        (line(keys="x"), SignerError, "it says no keys"),
    ],
)
def test_what_is_no_signer_is_not_believed(
    short: Path, answer: bytes | None, error: type[SignerError], sentence: str
) -> None:
    patience = ENOUGH if answer is not None else 0.05
    pretender = pretending(short / "sock", lambda _asked: answer, patience)
    with pretender as client, pytest.raises(error, match=sentence):
        client.key()


def answering(note: str, *keys: Ed25519Signer) -> Answers:
    def answer(asked: dict[str, Any]) -> bytes:
        if asked["ask"] == "keys":
            return line(keys=[each.key.written() for each in keys], origin=ORIGIN)
        return line(note=note, last=note)

    return answer


def test_a_note_without_the_signature_is_not_believed(short: Path) -> None:
    forged = signed(LOG.checkpoint(3), OTHER)
    with pretending(short / "one", answering(forged, RIGHT)) as client:
        with pytest.raises(OtherKeyError):
            client.sign(LOG.checkpoint(3), [])
        with pytest.raises(OtherKeyError):
            client.last()
    with pretending(short / "two", answering(signed(LOG.checkpoint(3), RIGHT), RIGHT)) as client:
        assert client.sign(LOG.checkpoint(3), []) == client.last()
        with pytest.raises(SignerError, match="something else"):
            client.sign(LOG.checkpoint(4), [])
    for number, note in enumerate(["", "nonsense\n\n", "no checkpoint\n\n" + forged.partition("\n\n")[2]]):
        with pretending(short / str(number), answering(note, RIGHT)) as client, pytest.raises(SignerError):
            client.sign(LOG.checkpoint(3), [])


def test_another_key_than_the_pinned_one_is_not_believed(short: Path) -> None:
    path = short / "sock"
    with pretending(path, answering(signed(LOG.checkpoint(3), OTHER), OTHER)) as client:
        assert client.key() == OTHER.key
        pinned = SignerClient(path, [RIGHT.key])
        for ask in (pinned.key, pinned.last, lambda: pinned.sign(LOG.checkpoint(3), [])):
            with pytest.raises(OtherKeyError, match="ask who runs it"):
                ask()


def test_while_one_key_takes_over_either_may_be_pinned(short: Path) -> None:
    path = short / "sock"
    with pretending(path, answering(signed(LOG.checkpoint(3), RIGHT, OTHER), RIGHT, OTHER)):
        for key in (RIGHT.key, OTHER.key):
            assert SignerClient(path, [key]).sign(LOG.checkpoint(3), []).text == LOG.checkpoint(3).written()


def test_the_real_one_is_believed(short: Path) -> None:
    with signing(short / "signer") as process:
        assert process.client(*process.keys).sign(LOG.checkpoint(3), []).text == LOG.checkpoint(3).written()
        with pytest.raises(OtherKeyError):
            process.client(RIGHT.key).key()
