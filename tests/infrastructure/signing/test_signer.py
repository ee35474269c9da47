"""What the signer signs and what it refuses, at every size, by its own process over its own socket."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.evidence.notes import Checkpoint, read_checkpoint, signed_by
from domain.evidence.trees import EMPTY
from infrastructure.signing.asking import SignerClient, SignerRefusedError
from infrastructure.signing.room import Room
from infrastructure.signing.signatures import Ed25519Verifier
from infrastructure.signing.signer import RefusedError, Signer
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import signing

LOG = Log()
FORK = Log(name="a fork", forked=6)


@pytest.fixture
def signer(tmp_path: Path) -> Iterator[Signer]:
    """A signer in this process."""
    with Room(tmp_path / "signer").signer(ORIGIN) as signer:
        yield signer


def why(signer: Signer, checkpoint: Checkpoint, proof: list[bytes], since: int | None = None) -> str:
    """Why a signer refuses; empty when it signs."""
    try:
        signer.sign(checkpoint.written(), proof, since)
    except RefusedError as error:
        return error.why
    return ""


def test_it_signs_a_log_that_grows_by_any_steps(signer: Signer) -> None:
    last = 0
    for size in [1, 2, 3, 4, 7, 8, 9, 31, 32, 33, 64, 100]:
        note = signer.sign(LOG.checkpoint(size).written(), LOG.proof(last, size), last)
        assert read_checkpoint(note.text) == LOG.checkpoint(size)
        assert signed_by(note, Ed25519Verifier(signer.keys[0]))
        assert signer.last == note
        last = size


def test_it_signs_the_same_again_by_the_same_bytes(signer: Signer) -> None:
    first = signer.sign(LOG.checkpoint(5).written(), [])
    assert signer.sign(LOG.checkpoint(5).written(), []) == first


@pytest.mark.parametrize("last", range(1, 20))
def test_it_signs_nothing_else_after_any_size(tmp_path: Path, last: int) -> None:
    with Room(tmp_path / "signer").signer(ORIGIN) as signer:
        note = signer.sign(LOG.checkpoint(last).written(), [])
        fork = Log(name="a fork", forked=last - 1)
        for size in range(20):
            right, other = LOG.checkpoint(size), fork.checkpoint(size)
            proof = LOG.proof(min(last, size), size)
            if size < last:
                assert why(signer, right, proof) == "smaller"
                assert why(signer, other, fork.proof(size, size)) == "smaller"
            elif size == last:
                assert why(signer, other, []) == "fork"
                assert why(signer, right, [EMPTY]) == "inconsistent"
            else:
                assert why(signer, other, fork.proof(last, size)) == "inconsistent"
                assert why(signer, right, proof[:-1]) == "inconsistent"
                assert why(signer, right, [*proof, EMPTY]) == "inconsistent"
                assert why(signer, right, [*proof[:-1], EMPTY]) == "inconsistent"
                assert why(signer, right, proof, last - 1) == "stale"
            assert why(signer, Checkpoint("another.example", size, right.root), proof) == "origin"
        assert signer.last == note


def test_an_empty_log_has_one_root(signer: Signer) -> None:
    assert why(signer, LOG.checkpoint(0), []) == ""
    assert why(signer, Checkpoint(ORIGIN, 0, LOG.checkpoint(1).root), []) == "fork"
    assert signer.last is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ORIGIN,
        f"{ORIGIN}\n1\nAAAA\n",
        f"{ORIGIN}\n01\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        LOG.checkpoint(1).written() + "one more line\n",
        LOG.checkpoint(1).written().replace("\n", "\r\n"),
    ],
)
def test_what_is_no_checkpoint_is_not_signed(signer: Signer, text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        signer.sign(text, [])
    assert refused.value.why in {"malformed", "origin"}
    assert signer.last is None


def test_over_the_socket_it_says_the_same(tmp_path: Path) -> None:
    with signing(tmp_path / "signer") as process:
        client = process.client(*process.keys)
        assert client.keys() == process.keys
        assert client.key().name == ORIGIN
        assert client.last() is None
        note = client.sign(LOG.checkpoint(7), [], 0)
        assert client.last() == note == client.sign(LOG.checkpoint(7), [])
        for checkpoint, proof, since, expected in [
            (LOG.checkpoint(6), [], None, "smaller"),
            (FORK.checkpoint(7), [], None, "fork"),
            (FORK.checkpoint(9), FORK.proof(7, 9), None, "inconsistent"),
            (LOG.checkpoint(9), LOG.proof(6, 9), 6, "stale"),
            (Checkpoint("another.example", 9, EMPTY), [], None, "origin"),
        ]:
            assert refused(client, checkpoint, proof, since) == expected
        assert read_checkpoint(client.sign(LOG.checkpoint(9), LOG.proof(7, 9), 7).text).size == 9
        assert process.end(signal.SIGTERM) == 0
        said = process.log()
    assert [line.split()[0] for line in said] == ["signed"] * 2 + ["refused"] * 5 + ["signed"]
    assert said[0].startswith(f"signed 7 {LOG.checkpoint(7).root.hex()} for user ")
    assert not Path(str(process.said["socket"])).exists()


def refused(client: SignerClient, checkpoint: Checkpoint, proof: list[bytes], since: int | None) -> str:
    with pytest.raises(SignerRefusedError) as error:
        client.sign(checkpoint, proof, since)
    return error.value.why
