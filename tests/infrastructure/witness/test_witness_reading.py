"""Whatever is sent to a witness or asked of a signer is understood or refused by a sentence, and nothing else."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from domain.evidence.notes import Note
from infrastructure.signing.answering import answer
from infrastructure.signing.room import Room
from infrastructure.signing.signatures import Ed25519Signer
from infrastructure.signing.signer import Signer
from infrastructure.witness.asked import Asked, MalformedError, read_asked, write_asked
from tests.infrastructure.signing.logs import ORIGIN, Log

LOG = Log()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
ASKED = st.sampled_from(["sign", "last", "keys"]) | JSON
_KEY = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
_TEXT = LOG.checkpoint(7).written()
WHOLE = write_asked(3, LOG.proof(3, 7), Note(_TEXT, (_KEY.sign(_TEXT),)))
LINES = WHOLE.decode().split("\n")
OTHERS = ["old 0", "old 01", "A" * 43 + "=", "A" * 44, "1", "\u2014 x " + "A" * 20, "\u2014 x", "\r", "\x00"]


def understood(body: bytes) -> Asked | None:
    """What a body asks, or None when it is refused by a sentence."""
    try:
        return read_asked(body)
    except MalformedError:
        return None


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    understood(body)


@given(st.lists(st.sampled_from([*LINES, *OTHERS]), max_size=12) | st.permutations(LINES))
@example(LINES)
@example(["old 0", *LINES[4:]])
def test_any_lines_mean_what_they_are_written_as(lines: list[str]) -> None:
    body = "\n".join(lines).encode()
    asked = understood(body)
    assert asked is not None or lines != LINES
    if asked is not None:
        assert write_asked(asked.old, asked.proof, asked.note) == body, "one meaning, one written form"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """A signer that has signed three leaves; its folder may be taken by others meanwhile."""
    folder: Path = tmp_path_factory.mktemp("signer") / "state"
    with Room(folder).signer(ORIGIN) as signer:
        signer.sign(LOG.checkpoint(3).written(), [])
        return signer


@given(st.binary(max_size=200))
def test_any_line_is_answered(signer: Signer, line: bytes) -> None:
    assert answer(signer, line)["refused"]


@given(st.fixed_dictionaries({}, optional={"ask": ASKED, "checkpoint": JSON, "proof": JSON, "since": JSON}))
def test_any_question_is_answered_and_signs_nothing(signer: Signer, asked: dict[str, object]) -> None:
    answered = answer(signer, json.dumps(asked).encode())
    assert answered.keys() in ({"refused", "why"}, {"last"}, {"keys", "origin"})
    assert signer.last is not None
    assert signer.last.text == LOG.checkpoint(3).written()
