"""The witness over HTTP, as a process: every answer that C2SP tlog-witness knows, at every size."""

import base64
import itertools
import json
import signal
import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import (
    COSIGNATURE,
    Checkpoint,
    Note,
    cosignatures,
    cosigned_message,
    read_checkpoint,
    read_note,
)
from domain.evidence.trees import EMPTY
from infrastructure.signing.signatures import Ed25519Signer, Ed25519Verifier
from infrastructure.witness.application import SIZE_TYPE
from infrastructure.witness.asked import LONGEST_BODY, write_asked
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import Running, witnessing
from tests.infrastructure.store.waiting import ENOUGH

LOG = Log()
FORK = Log(name="a fork", forked=3)
SECOND = Log("second.example/log")
SIGNER = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
NEXT_KEY = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
SECOND_SIGNER = Ed25519Signer(Ed25519PrivateKey.generate(), SECOND.origin)
STRANGER = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)


def note_of(checkpoint: Checkpoint, *signers: Ed25519Signer) -> Note:
    text = checkpoint.written()
    return Note(text, tuple(signer.sign(text) for signer in signers or (SIGNER,)))


def post(process: Running, body: bytes) -> httpx.Response:
    return httpx.post(f"{process.address}/add-checkpoint", content=body, timeout=ENOUGH)


def add(process: Running, old: int, note: Note, proof: list[bytes]) -> httpx.Response:
    return post(process, write_asked(old, proof, note))


def shown(process: Running) -> dict[str, object]:
    """The size that a witness shows of each log."""
    answer = httpx.get(process.address, timeout=ENOUGH)
    assert answer.headers["content-type"] == "application/json"
    return {each["origin"]: each["size"] for each in answer.json()["logs"]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A witness of two logs, one of which has two keys; tests of the second log leave the first alone."""
    state = tmp_path_factory.mktemp("witness") / "state"
    with witnessing(state, SIGNER.key, NEXT_KEY.key, SECOND_SIGNER.key) as process:
        yield process


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Running]:
    """A witness that has seen nothing."""
    with witnessing(tmp_path / "state", SIGNER.key, NEXT_KEY.key, SECOND_SIGNER.key) as process:
        yield process


def test_it_cosigns_a_log_that_grows(fresh: Running) -> None:
    (key,) = fresh.keys
    assert (key.name, key.algorithm) == ("witness.example", COSIGNATURE)
    assert shown(fresh) == {ORIGIN: None, SECOND.origin: None}
    sizes = [0, 1, 2, 3, 5, 8, 13, 40]
    for old, size in itertools.pairwise([0, *sizes]):
        note = note_of(LOG.checkpoint(size))
        answer = add(fresh, old, note, LOG.proof(old, size))
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
        (line,) = read_note(f"{note.text}\n{answer.text}").signatures
        assert (line.name, line.id, len(line.value)) == (key.name, key.id, 72)
        at = int.from_bytes(line.value[:8], "big")
        assert Ed25519Verifier(key).holds(cosigned_message(note.text, at), line.value[8:])
        assert f"cosignature/v1\ntime {at}\n{note.text}".encode() == cosigned_message(note.text, at)
        assert shown(fresh) == {ORIGIN: size, SECOND.origin: None}


def test_it_shows_what_it_cosigned_last_whole(fresh: Running) -> None:
    add(fresh, 0, note_of(LOG.checkpoint(6), SIGNER, STRANGER, NEXT_KEY), [])
    found = httpx.get(fresh.address, timeout=ENOUGH).json()
    assert found["witness"] == fresh.keys[0].written()
    (head,) = [each for each in found["logs"] if each["origin"] == ORIGIN]
    note = read_note(head["note"])
    assert read_checkpoint(note.text) == LOG.checkpoint(6)
    assert (head["size"], head["root"]) == (6, LOG.checkpoint(6).root.hex())
    (cosigned,) = cosignatures(note, [Ed25519Verifier(fresh.keys[0])])
    assert cosigned.at == head["at"]
    assert {each.id for each in note.signatures} == {SIGNER.key.id, NEXT_KEY.key.id, fresh.keys[0].id}, (
        "what strangers put under a note is not kept"
    )


def test_it_gives_the_last_note_of_a_log_to_who_knows_its_origin(fresh: Running) -> None:
    address = f"{fresh.address}/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert httpx.get(address, timeout=ENOUGH).status_code == 404
    add(fresh, 0, note_of(LOG.checkpoint(6)), [])
    (head,) = [each for each in httpx.get(fresh.address, timeout=ENOUGH).json()["logs"] if each["origin"] == ORIGIN]
    assert httpx.get(address, timeout=ENOUGH).text == head["note"]


def test_the_same_checkpoint_is_cosigned_again(fresh: Running) -> None:
    for old in (0, 4, 4):
        assert add(fresh, old, note_of(LOG.checkpoint(4)), []).status_code == 200
    again = add(fresh, 0, note_of(LOG.checkpoint(4)), [])
    assert (again.status_code, again.text, again.headers["content-type"]) == (409, "4\n", SIZE_TYPE)


def test_either_key_of_a_log_will_do_while_one_takes_over(fresh: Running) -> None:
    assert add(fresh, 0, note_of(LOG.checkpoint(1), SIGNER), []).status_code == 200
    assert add(fresh, 1, note_of(LOG.checkpoint(2), SIGNER, NEXT_KEY), LOG.proof(1, 2)).status_code == 200
    assert add(fresh, 2, note_of(LOG.checkpoint(3), NEXT_KEY), LOG.proof(2, 3)).status_code == 200


@pytest.mark.parametrize("last", range(1, 8))
def test_nothing_else_is_cosigned_after_any_size(tmp_path: Path, last: int) -> None:
    with witnessing(tmp_path / "state", SIGNER.key) as process, httpx.Client(timeout=ENOUGH) as client:
        fork = Log(name="a fork", forked=last - 1)

        def status(old: int, checkpoint: Checkpoint, proof: list[bytes]) -> int:
            body = write_asked(old, proof, note_of(checkpoint))
            answer = client.post(f"{process.address}/add-checkpoint", content=body)
            if answer.status_code == 409:
                assert (answer.text, answer.headers["content-type"]) == (f"{last}\n", SIZE_TYPE)
            return answer.status_code

        assert status(0, LOG.checkpoint(last), []) == 200
        for old, size in itertools.product(range(10), range(10)):
            right, other = LOG.checkpoint(size), fork.checkpoint(size)
            proof = LOG.proof(min(old, size), size)
            if old > size:
                assert status(old, right, proof) == 400
            elif old != last:
                assert status(old, right, proof) == 409
                assert status(old, other, fork.proof(old, size)) == 409
            elif size == last:
                assert status(old, other, []) == 409
                assert status(old, right, [EMPTY]) == 422
            else:
                assert status(old, other, fork.proof(old, size)) == 422
                assert status(old, right, [*proof, EMPTY]) == 422
                assert status(old, right, proof[:-1]) == 422
        assert shown(process) == {ORIGIN: last}
        assert status(last, LOG.checkpoint(12), LOG.proof(last, 12)) == 200


def test_a_first_checkpoint_comes_without_a_proof(fresh: Running) -> None:
    assert add(fresh, 0, note_of(LOG.checkpoint(4)), [EMPTY]).status_code == 422
    assert add(fresh, 0, note_of(Checkpoint(ORIGIN, 0, LOG.checkpoint(1).root)), []).status_code == 409
    assert shown(fresh)[ORIGIN] is None


def test_whose_log_it_is_counts(running: Running) -> None:
    unknown = Ed25519Signer(Ed25519PrivateKey.generate(), "unknown.example")
    nobody_s = Checkpoint("unknown.example", 1, LOG.checkpoint(1).root)
    assert add(running, 0, note_of(nobody_s, unknown), []).status_code == 404
    assert add(running, 0, note_of(nobody_s, SIGNER), []).status_code == 404
    for signers in ([STRANGER], [SECOND_SIGNER], [STRANGER, SECOND_SIGNER]):
        assert add(running, 0, note_of(LOG.checkpoint(1), *signers), []).status_code == 403
    changed = note_of(LOG.checkpoint(1))
    assert add(running, 0, Note(LOG.checkpoint(2).written(), changed.signatures), []).status_code == 403
    assert add(running, 5, note_of(LOG.checkpoint(1), STRANGER), []).status_code == 403, (
        "before the sizes are looked at"
    )


def _body() -> bytes:
    return write_asked(3, LOG.proof(3, 7), note_of(LOG.checkpoint(7)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old 0",
        b"old 0\n\n",
        b"old 0\n" + note_of(LOG.checkpoint(1)).written().encode(),
        _body().replace(b"old 3", b"old 03"),
        _body().replace(b"old 3", b"old -3"),
        _body().replace(b"old 3", b"old  3"),
        _body().replace(b"old 3", b"OLD 3"),
        _body().replace(b"old 3", b"old " + b"9" * 30),
        _body().replace(b"old 3", "old ٣".encode()),
        _body().replace(b"old 3\n", b"old 3\r\n"),
        _body().replace(b"old 3\n", b"old 3\nAAAA\n"),
        _body().replace(b"old 3\n", b"old 3\n" + b"A" * 44 + b"\n"),
        _body().replace(b"old 3\n", b"old 3\n" + (b"A" * 43 + b"=\n") * 64),
        _body()[:-1],
        _body()[: len(_body()) // 2],
        _body() + b"more\n",
        b"\xff" + _body(),
        _body().replace(b"\n7\n", b"\n07\n"),
        _body().replace(b"\n7\n", b"\n7\n7\n"),
        write_asked(0, [], Note("a text\n", note_of(LOG.checkpoint(1)).signatures)),
    ],
)
def test_what_is_malformed_is_said_so(running: Running, body: bytes) -> None:
    answer = post(running, body)
    assert answer.status_code == 400
    assert answer.text.endswith("\n")
    assert len(answer.text) > 10


def test_what_is_too_large_is_not_read(running: Running) -> None:
    assert post(running, b"x" * (LONGEST_BODY + 1)).status_code == 413
    assert post(running, b"x" * LONGEST_BODY).status_code == 400


def test_other_addresses_and_methods(running: Running) -> None:
    with httpx.Client(base_url=running.address, timeout=ENOUGH) as client:
        assert client.get("/add-checkpoint").status_code == 405
        assert client.post("/").status_code == 405
        assert client.get("/witness.key").status_code == 404
        assert client.get("/..%2fwitness.key").status_code == 404


def test_two_logs_do_not_touch_each_other(fresh: Running) -> None:
    assert add(fresh, 0, note_of(LOG.checkpoint(5)), []).status_code == 200
    assert add(fresh, 0, note_of(SECOND.checkpoint(2), SECOND_SIGNER), []).status_code == 200
    assert add(fresh, 2, note_of(SECOND.checkpoint(9), SECOND_SIGNER), SECOND.proof(2, 9)).status_code == 200
    assert add(fresh, 5, note_of(LOG.checkpoint(6)), LOG.proof(5, 6)).status_code == 200
    assert shown(fresh) == {ORIGIN: 6, SECOND.origin: 9}


def test_a_fork_of_one_size_is_kept_as_a_proof(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with witnessing(state, SIGNER.key) as process:
        assert add(process, 0, note_of(LOG.checkpoint(7)), []).status_code == 200
        for old in (7, 0, 7):
            assert add(process, old, note_of(FORK.checkpoint(7), SIGNER, STRANGER), []).status_code == 409
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
    with witnessing(state, SIGNER.key) as process:
        found = httpx.get(process.address, timeout=ENOUGH).json()
        assert found["forks"] == [note_of(FORK.checkpoint(7)).written()]
        assert shown(process) == {ORIGIN: 7}


def test_what_cannot_be_kept_is_not_cosigned(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with witnessing(state, SIGNER.key) as process:
        assert add(process, 0, note_of(LOG.checkpoint(1)), []).status_code == 200
        in_the_way = state / f".seen.{process.process.pid}.new"
        in_the_way.mkdir()
        assert add(process, 1, note_of(LOG.checkpoint(2)), LOG.proof(1, 2)).status_code == 503
        assert shown(process) == {ORIGIN: 1}
        in_the_way.rmdir()
        assert add(process, 1, note_of(LOG.checkpoint(2)), LOG.proof(1, 2)).status_code == 200
        assert shown(process) == {ORIGIN: 2}


def test_slow_and_broken_connections_hold_nobody_up(fresh: Running) -> None:
    host, port = fresh.address.removeprefix("http://").split(":")
    half = b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold"
    sent = [half, half[:20], b"", b"\x00" * 100 + b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
    open_ones = [socket.create_connection((host, int(port))) for _ in sent]
    for each, part in zip(open_ones, sent, strict=True):
        each.sendall(part)
    assert add(fresh, 0, note_of(LOG.checkpoint(1)), []).status_code == 200
    for each in open_ones:
        each.close()
    assert add(fresh, 1, note_of(LOG.checkpoint(2)), LOG.proof(1, 2)).status_code == 200


def test_its_line_is_what_the_specification_says(fresh: Running) -> None:
    (key,) = fresh.keys
    answer = add(fresh, 0, note_of(LOG.checkpoint(1)), [])
    dash, name, encoded = answer.text.removesuffix("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, raw[:4], len(raw)) == ("\u2014", key.name, key.id, 4 + 8 + 64)
    assert json.loads(json.dumps(fresh.said["vkey"])) == key.written()
