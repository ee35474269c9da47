"""Notes, keys and checkpoints: one written form each; what is hostile is refused in a sentence; Go's package agrees."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.evidence import notes
from domain.evidence.notes import (
    COSIGNATURE,
    Checkpoint,
    Key,
    Note,
    NoteError,
    Signature,
    cosignatures,
    cosigned_message,
    read_checkpoint,
    read_hashes,
    read_key,
    read_note,
    write_hashes,
)
from domain.evidence.trees import LARGEST_TREE
from infrastructure.signing.signatures import Ed25519Cosigner, Ed25519Verifier
from tests.domain.evidence.breaking import broken
from tests.domain.evidence.notes_by_hand import (
    CHECKPOINT,
    KEY,
    NOTE,
    OWN,
    PRIVATE,
    TEXT,
    Said,
    holds,
    hostile,
    mutated,
)
from tests.naive.golang import Tlog

HOSTILE = hostile()
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"], exclude_characters="+"), min_size=1, max_size=200)
KEYS = st.builds(Key, NAMES, st.integers(0, 255), st.binary(min_size=32, max_size=32))
SIGNATURES = st.builds(Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n")).map(lambda text: text + "\n")
CHECKPOINTS = st.builds(Checkpoint, NAMES, st.integers(0, LARGEST_TREE), st.binary(min_size=32, max_size=32))
READERS: dict[Callable[[str], Any], list[str]] = {
    read_note: [NOTE, TEXT, OWN],
    read_checkpoint: [TEXT],
    read_key: [KEY.written()],
}


@given(KEYS)
def test_a_key_is_read_as_it_was_written(key: Key) -> None:
    assert read_key(key.written()) == key


@given(TEXTS, st.lists(SIGNATURES, min_size=1, max_size=4))
def test_a_note_is_read_as_it_was_written(text: str, signatures: list[Signature]) -> None:
    note = Note(text, tuple(signatures))
    assert read_note(note.written()) == note


@given(CHECKPOINTS)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert read_checkpoint(checkpoint.written()) == checkpoint


@given(st.lists(st.binary(min_size=32, max_size=32)))
def test_hashes_are_read_as_they_were_written(hashes: list[bytes]) -> None:
    assert read_hashes(write_hashes(hashes)) == hashes


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(st.data())
def test_whatever_is_read_writes_as_the_same_text(read: Callable[[str], Any], data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(READERS[read]))
    at = data.draw(st.integers(0, len(whole)))
    piece = data.draw(st.text(max_size=3) | st.sampled_from([*" \n\r\x00=+-", "\u2014", "\u0663", "\u2028"]))
    for text in (whole[:at] + piece + whole[at + data.draw(st.integers(0, 3)) :], data.draw(st.text())):
        try:
            found = read(text)
        except NoteError:
            continue
        assert found.written() == (text.strip() if read is read_key else text)


@given(st.lists(st.text() | st.binary(max_size=40).map(lambda raw: write_hashes([raw])[0])))
@example(["A" * 43 + "="])
@example(["A" * 42 + "B="])
@example(["A" * 43])
@example(["\u0410" * 44])
def test_whatever_is_read_as_hashes_writes_as_the_same_lines(lines: list[str]) -> None:
    try:
        found = read_hashes(lines)
    except NoteError:
        return
    assert write_hashes(found) == lines
    assert all(len(each) == 32 for each in found)


@pytest.mark.parametrize("said", HOSTILE, ids=lambda said: said.name)
def test_a_hostile_note_holds_only_where_it_should(said: Said) -> None:
    assert holds(notes, said.raw) == said.holds


def test_go_and_we_agree_on_every_hostile_note_but_where_we_are_stricter(tlog: Tlog) -> None:
    verdicts = tlog(said.line() for said in HOSTILE)
    for said, verdict in zip(HOSTILE, verdicts, strict=True):
        assert (verdict != said.holds) == said.go_differs, said.name
        assert verdict or not said.holds, said.name


def test_go_takes_every_note_that_we_take_and_we_all_but_those_of_lax_base64(tlog: Tlog) -> None:
    cases = [Said("", raw, holds(notes, raw)) for raw in mutated(6_000, seed=1)]
    verdicts = tlog(case.line() for case in cases)
    differing = [case for case, verdict in zip(cases, verdicts, strict=True) if verdict != case.holds]
    assert 50 < sum(verdicts) < 3_000
    assert [case for case in differing if case.holds] == []
    assert [case for case in differing if not _is_stricter(case.raw.decode())] == []


def _is_stricter(note: str) -> bool:
    """Whether a line has spare bits, or one key has signed more than once."""
    lines = [line.split(" ") for line in note.rpartition("\n\n")[2].splitlines()]
    signers = [words[1] for words in lines]
    try:
        for words in lines:
            read_note(f"x\n\n{' '.join(words)}\n")
    except NoteError:
        return True
    return len(set(signers)) < len(signers)


def test_half_a_character_is_in_no_note() -> None:
    """As an argument that is not UTF-8 comes in."""
    for text in (NOTE.replace("9", "\udcff"), f"{TEXT}\n{OWN}{OWN.replace('ledger', chr(0xD800))}"):
        with pytest.raises(NoteError):
            read_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        TEXT + "\n",
        TEXT[:-1],
        "\n" + TEXT,
        TEXT.replace("9", "09"),
        TEXT.replace("9", "+9"),
        TEXT.replace("9", " 9"),
        TEXT.replace("9", "9 "),
        TEXT.replace("9", "-9"),
        TEXT.replace("9", "\u0669"),
        TEXT.replace("9", str(LARGEST_TREE + 1)),
        TEXT.replace("9", "9" * 19),
        TEXT.replace("9", "9" * 1_000_000),
        TEXT.replace("9", "9\n9"),
        TEXT.replace("9", ""),
        TEXT.replace("=", ""),
        TEXT.replace("8=", "9="),
        TEXT.replace("\n", "\r\n"),
        Checkpoint("o", 1, bytes(31)).written(),
        Checkpoint("o", 1, bytes(33)).written(),
        Checkpoint("", 1, bytes(32)).written(),
    ],
)
def test_a_checkpoint_in_another_form_is_refused(text: str) -> None:
    assert text != TEXT
    with pytest.raises(NoteError):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "+",
        "++",
        "a+b",
        "PRIVATE+KEY+a+00000000+AA==",
        KEY.written()[:-1],
        KEY.written() + "=",
        KEY.written().replace(KEY.id.hex(), "00000000"),
        KEY.written().replace(KEY.id.hex(), f"0{KEY.id.hex()}"),
        KEY.written().replace("ledger", "1edger"),
        Key("a b", 1, bytes(32)).written(),
        Key("a\u00a0b", 1, bytes(32)).written(),
        Key("", 1, bytes(32)).written(),
        Key("a" * 201, 1, bytes(32)).written(),
        Key("a", 1, bytes(31)).written(),
        Key("a", 1, b"").written(),
        "a+b5bb9d80+",
        "x" * 1_000_000,
        KEY.written().replace("ledger", "\udcff"),
    ],
)
def test_a_vkey_that_is_none_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        read_key(vkey)


@pytest.mark.parametrize(
    ("size", "counts"), [(72, True), (71, False), (73, False), (64, False), (8, False), (1, False)]
)
def test_a_cosignature_is_of_72_bytes(size: int, *, counts: bool) -> None:
    witness = Ed25519Cosigner(PRIVATE, "witness.example")
    whole = witness.cosign(TEXT, 1_760_000_000)
    value = (whole.value + b"x" * 9)[:size]
    note = Note(TEXT, (Signature(whole.name, whole.id, value),))
    found = cosignatures(note, [Ed25519Verifier(witness.key)])
    assert [each.at for each in found] == ([1_760_000_000] if counts else [])


def test_a_cosignature_is_of_a_witness_s_key_over_this_text_at_its_time() -> None:
    witness, other = Ed25519Cosigner(PRIVATE, "witness.example"), Ed25519Cosigner(PRIVATE, "other.example")
    good = witness.cosign(TEXT, 5)
    assert cosigned_message(TEXT, 5) == f"cosignature/v1\ntime 5\n{TEXT}".encode()
    verifier = Ed25519Verifier(witness.key)
    assert witness.key.algorithm == COSIGNATURE
    for spoilt in (
        Signature(good.name, good.id, (6).to_bytes(8, "big") + good.value[8:]),
        Signature(other.key.name, good.id, good.value),
        Signature(good.name, other.key.id, good.value),
        witness.cosign(TEXT.replace("9", "8"), 5),
        other.cosign(TEXT, 5),
    ):
        assert cosignatures(Note(TEXT, (spoilt,)), [verifier]) == ()
        assert len(cosignatures(Note(TEXT, (spoilt, good)), [verifier])) == 1
    plain = Ed25519Verifier(KEY)
    assert cosignatures(Note(TEXT, (good,)), [plain]) == ()
    assert not notes.signed_by(Note(TEXT, (good,)), verifier)


BROKEN = {
    "takes lax base64": ("if _encoded(raw) != text:", "if False:"),
    "takes other dashes": ("if dash != _DASH or", "if"),
    "takes control characters": ("or _UNPRINTABLE.search(text) is not None", ""),
    "takes any length": ("len(text) > LONGEST_NOTE or", ""),
    "takes any number of signatures": ("if len(lines) > MOST_SIGNATURES:", "if False:"),
    "looks at one of several signatures": ("return bool(own) and all(", "return bool(own) and any("),
    "looks at no id": (
        "each.name == verifier.key.name and each.id == verifier.key.id",
        "each.name == verifier.key.name",
    ),
    "takes any signature": ("and all(verifier.holds(note.text.encode(), each.value) for each in own)", ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_reader_is_found_out(name: str, tmp_path: Path) -> None:
    build = broken(notes, *BROKEN[name], tmp_path)
    assert any(holds(build, said.raw) != said.holds for said in HOSTILE)


def test_a_checkpoint_reads_as_it_says() -> None:
    assert read_checkpoint(read_note(NOTE).text) == CHECKPOINT
