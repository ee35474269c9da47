"""Go's `x/mod/sumdb/note` opens what the signer and the witness give away, and refuses what was changed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import ED25519, Checkpoint, Note, read_key, read_note, signed_by
from infrastructure.signing.keyfiles import read_private_key
from infrastructure.signing.room import Room
from infrastructure.signing.signatures import Ed25519Signer, Ed25519Verifier
from infrastructure.witness.asking import cosign
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import signing, witnessing

LOG = Log()
SOURCES = Path("/usr/share/gocode")
MODULE = SOURCES / "src/golang.org/x/mod/sumdb/note"
go = pytest.mark.skipif(
    (shutil.which("go") is None or not MODULE.is_dir()) and not os.environ.get("CI"),
    reason="needs Debian's golang-go and golang-golang-x-mod-dev",
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of `opening.go`."""
    path = tmp_path_factory.mktemp("go") / "opening"
    source = Path(__file__).with_name("opening.go")
    offline = {
        "GO111MODULE": "off",
        "GOPATH": str(SOURCES),
        "GOCACHE": str(path.with_name("cache")),
        "CGO_ENABLED": "0",
    }
    subprocess.run(["go", "build", "-o", str(path), str(source)], check=True, env={**os.environ, **offline})
    return path


def said(program: Path, *arguments: str, given: str = "") -> list[str] | None:
    """What the program prints; None when it refuses."""
    done = subprocess.run([str(program), *arguments], input=given.encode(), capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout.decode().splitlines() if done.returncode == 0 else None


@go
def test_go_opens_the_notes_of_the_signer_while_one_key_takes_over(tmp_path: Path, program: Path) -> None:
    state = tmp_path / "signer"
    old = Room(state).make_key(ORIGIN)
    new = Room(state).make_key(None)
    with signing(state) as process:
        note = process.client().sign(LOG.checkpoint(9), []).written()
    names = [f"{key.name}+{key.id.hex()}" for key in (new, old)]
    assert said(program, "open", new.written(), given=note) == names[:1]
    assert said(program, "open", old.written(), given=note) == names[1:]
    assert said(program, "open", new.written(), old.written(), given=note) == names
    other = Ed25519Signer(*_any_key(tmp_path)).key.written()
    assert said(program, "open", other, given=note) is None
    for changed in (
        note.replace("\n9\n", "\n8\n"),
        note.replace(ORIGIN, ORIGIN + "x", 1),
        note[:-1],
        note[:-9] + note[-8:],
    ):
        assert said(program, "open", new.written(), old.written(), given=changed) is None


@go
def test_go_opens_a_cosigned_note(tmp_path: Path, program: Path) -> None:
    with signing(tmp_path / "signer") as signer, witnessing(tmp_path / "witness", *signer.keys) as witness:
        (log_key,), (key,) = signer.keys, witness.keys
        note = signer.client().sign(LOG.checkpoint(9), [])
        line = cosign(witness.address, note, key, lambda _seen: [])
    whole = Note(note.text, (*note.signatures, line)).written()
    both = [f"{each.name}+{each.id.hex()}" for each in (log_key, key)]
    assert said(program, "open", log_key.written(), given=whole) == both[:1], "the other line is left to who knows it"
    assert said(program, "open", log_key.written(), key.written(), given=whole) == both
    later = bytes([*line.value[:7], line.value[7] ^ 1, *line.value[8:]])
    forged = Note(note.text, (*note.signatures, type(line)(line.name, line.id, later))).written()
    assert said(program, "open", log_key.written(), key.written(), given=forged) is None, "it signs its time too"


@go
def test_go_and_ours_sign_alike_with_each_other_s_key_files(tmp_path: Path, program: Path) -> None:
    text = Checkpoint(ORIGIN, 4, LOG.checkpoint(4).root).written()
    key = Room(tmp_path / "signer").make_key(ORIGIN)
    path = tmp_path / "signer" / "0001.key"
    by_go = said(program, "sign", path.read_text().strip(), given=text)
    assert by_go is not None
    ours = Note(text, (Ed25519Signer(*read_private_key(path, ED25519)).sign(text),))
    assert ours.written().splitlines() == by_go
    assert signed_by(ours, Ed25519Verifier(key))

    made = said(program, "key", ORIGIN)
    assert made is not None
    theirs = tmp_path / "theirs.key"
    theirs.touch(0o600)
    theirs.write_text(f"{made[0]}\n")
    signer = Ed25519Signer(*read_private_key(theirs, ED25519))
    assert signer.key == read_key(made[1])
    note = read_note(Note(text, (signer.sign(text),)).written())
    assert said(program, "open", made[1], given=note.written()) == [f"{ORIGIN}+{signer.key.id.hex()}"]


def _any_key(tmp_path: Path) -> tuple[Ed25519PrivateKey, str]:
    Room(tmp_path / "any").make_key(ORIGIN)
    return read_private_key(tmp_path / "any" / "0001.key", ED25519)
