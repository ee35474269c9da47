"""Whoever asks a witness believes no stranger at its address, and says in a sentence what came instead."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.types import Message

from domain.evidence.notes import Note
from infrastructure.signing.signatures import Ed25519Cosigner, Ed25519Signer
from infrastructure.witness.application import SIZE_TYPE, make_app
from infrastructure.witness.asking import WitnessAwayError, WitnessClient, WitnessError, WitnessRefusedError, cosign
from infrastructure.witness.room import Room
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import witnessing
from tests.infrastructure.store.waiting import ENOUGH

LOG = Log()
SIGNER = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
COSIGNER = Ed25519Cosigner(Ed25519PrivateKey.generate(), "witness.example")
OTHER = Ed25519Cosigner(Ed25519PrivateKey.generate(), "witness.example")
TEXT = LOG.checkpoint(7).written()
NOTE = Note(TEXT, (SIGNER.sign(TEXT),))
Answer = tuple[int, str, str]


@contextmanager
def pretending(answer: Callable[[int], Answer]) -> Iterator[str]:
    """Something that answers as it likes; it is given the number of the question, from 0."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])))
            status, kind, text = answer(len(asked) - 1)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_given: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def asked(url: str) -> str:
    """The line of a witness, written."""
    with WitnessClient(url, COSIGNER.key, patience=ENOUGH) as client:
        return client.cosign(NOTE, lambda seen: LOG.proof(seen, 7)).written()


RIGHT = COSIGNER.cosign(TEXT, 1_700_000_000).written()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, "text/plain", ""), WitnessAwayError),
        ((200, "text/plain", "nonsense\n"), WitnessAwayError),
        ((200, "text/plain", RIGHT[:-1]), WitnessAwayError),
        ((200, "text/plain", OTHER.cosign(TEXT, 1).written()), WitnessAwayError),
        ((200, "text/plain", COSIGNER.cosign(LOG.checkpoint(8).written(), 1).written()), WitnessAwayError),
        ((200, "text/plain", SIGNER.sign(TEXT).written()), WitnessAwayError),
        ((200, "text/plain", RIGHT * 1000), WitnessAwayError),
        ((302, "text/plain", ""), WitnessAwayError),
        ((500, "text/plain", "what now"), WitnessAwayError),
        ((503, "text/plain", "busy"), WitnessAwayError),
        ((403, "text/plain", "not signed"), WitnessRefusedError),
        ((404, "text/plain", "unknown"), WitnessRefusedError),
        ((422, "text/plain", "no proof"), WitnessRefusedError),
        ((409, "text/plain", "7"), WitnessRefusedError),
        ((409, SIZE_TYPE, "0\n"), WitnessRefusedError),
        ((409, SIZE_TYPE, "8\n"), WitnessRefusedError),
        ((409, SIZE_TYPE, "-1\n"), WitnessRefusedError),
        ((409, SIZE_TYPE, "9" * 50), WitnessRefusedError),
    ],
)
def test_what_is_no_cosignature_is_not_taken_for_one(answer: Answer, error: type[WitnessError]) -> None:
    with pretending(lambda _number: answer) as url, pytest.raises(error, match=r"witness|answers") as raised:
        asked(url)
    assert "\n" not in str(raised.value)


def test_a_right_answer_among_others_is_found() -> None:
    lines = SIGNER.sign(TEXT).written() + OTHER.cosign(TEXT, 1).written() + RIGHT
    with pretending(lambda _number: (200, "text/plain", lines)) as url:
        assert asked(url) == RIGHT


def test_it_asks_again_from_where_the_witness_is_and_not_for_ever() -> None:
    sizes = iter([(409, SIZE_TYPE, "3\n"), (409, SIZE_TYPE, "5\n"), (200, "text/plain", RIGHT)])
    with pretending(lambda _number: next(sizes)) as url:
        assert asked(url) == RIGHT
    with pretending(lambda number: (409, SIZE_TYPE, f"{number + 1}\n")) as url, pytest.raises(WitnessAwayError):
        asked(url)


def test_one_that_is_not_there_or_says_nothing_is_away() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(WitnessAwayError, match="cannot be reached"):
            cosign(url, NOTE, COSIGNER.key, lambda _seen: [])
        silent.listen()
        with (
            WitnessClient(url, COSIGNER.key, patience=0.05) as client,
            pytest.raises(WitnessAwayError, match="reached"),
        ):
            client.cosign(NOTE, lambda _seen: [])
    with pytest.raises(WitnessAwayError, match="cannot be reached"):
        cosign("http://", NOTE, COSIGNER.key, lambda _seen: [])


def test_a_publisher_and_a_witness_that_knows_more_or_less(tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("witness") / "state"
    with witnessing(state, SIGNER.key) as process:
        proven: list[int] = []

        def ask(client: WitnessClient, size: int) -> None:
            text = LOG.checkpoint(size).written()

            def prove(seen: int) -> list[bytes]:
                proven.append(seen)
                return LOG.proof(seen, size)

            client.cosign(Note(text, (SIGNER.sign(text),)), prove)

        with (
            WitnessClient(process.address, process.keys[0], patience=ENOUGH) as one,
            WitnessClient(process.address, process.keys[0], patience=ENOUGH) as two,
        ):
            ask(one, 4)
            assert proven == []
            ask(one, 6)
            assert proven == [4], "it remembers what the witness has seen"
            ask(two, 9)
            assert proven == [4, 6], "and learns it when it does not know"
            ask(one, 9)
            ask(one, 12)
            assert proven == [4, 6, 6, 9]
            with pytest.raises(WitnessRefusedError, match="leaves are gone"):
                ask(one, 11)


def test_a_body_that_comes_too_slowly_is_let_go(tmp_path_factory: pytest.TempPathFactory) -> None:
    sent: list[Message] = []
    heads = {"type": "http", "method": "POST", "path": "/add-checkpoint", "headers": [], "query_string": b""}

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    with Room(tmp_path_factory.mktemp("witness") / "state").witness([SIGNER.key], "witness.example") as witness:
        asyncio.run(make_app(witness, sent.append, patience=0.01)(heads, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == httpx.codes.REQUEST_TIMEOUT
