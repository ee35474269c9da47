"""Time stamps over checkpoints: asked for, checked offline by ours and by OpenSSL, refused when anything differs."""

import json
import os
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Note
from infrastructure.cli.main import run
from infrastructure.signing.signatures import Ed25519Signer
from infrastructure.stamping.asking import StampAwayError, stamp
from infrastructure.stamping.stamps import StampError, ask_for, check_stamp, read_roots
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.stamping.authority import Authority
from tests.infrastructure.store.waiting import ENOUGH

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None and not os.environ.get("CI"), reason="needs the program openssl"
)
TEXT = Log().checkpoint(12).written()
OTHER_TEXT = Log().checkpoint(13).written()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "other")


def test_a_stamp_holds_for_us_and_for_openssl(authority: Authority) -> None:
    roots = read_roots(authority.roots.read_bytes())
    with authority.serving() as url:
        found = stamp(url, TEXT, roots, patience=ENOUGH)
    at = check_stamp(found, TEXT, roots)
    assert abs(datetime.now(UTC) - at) < timedelta(hours=1)
    assert authority.verifies(found, TEXT)
    assert not authority.verifies(found, OTHER_TEXT), "openssl can tell"


def test_a_stamp_of_something_else_does_not_hold(authority: Authority, other: Authority) -> None:
    roots = read_roots(authority.roots.read_bytes())
    found = authority.reply(ask_for(TEXT).query)
    check_stamp(found, TEXT, roots)
    with pytest.raises(StampError, match="no time stamp of this checkpoint"):
        check_stamp(found, OTHER_TEXT, roots)
    with pytest.raises(StampError, match="no time stamp of this checkpoint"):
        check_stamp(found, TEXT, read_roots(other.roots.read_bytes()))
    assert not other.verifies(found, TEXT)
    with pytest.raises(StampError, match="no root certificate"):
        check_stamp(found, TEXT, [])
    with pytest.raises(StampError, match="no time stamp of this checkpoint"):
        check_stamp(found, TEXT, roots, ask_for(TEXT).nonce)


def test_a_changed_byte_of_a_stamp_is_noticed_or_changes_nothing(authority: Authority) -> None:
    """DER has bytes that nobody signs (the words beside the status, say); none of them changes the moment."""
    roots = read_roots(authority.roots.read_bytes())
    found = authority.reply(ask_for(TEXT).query)
    at = check_stamp(found, TEXT, roots)
    noticed = 0
    for index in range(len(found)):
        try:
            assert check_stamp(found[:index] + bytes([found[index] ^ 1]) + found[index + 1 :], TEXT, roots) == at
        except StampError:
            noticed += 1
    assert noticed > len(found) // 2


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\x30\x03\x02\x01\x00", b"x" * 100_000])
def test_what_is_no_stamp_is_not_kept(authority: Authority, body: bytes) -> None:
    roots = read_roots(authority.roots.read_bytes())
    with authority.serving(body=body) as url, pytest.raises(StampError):
        stamp(url, TEXT, roots, patience=ENOUGH)


def test_an_authority_that_refuses_says_why(authority: Authority) -> None:
    roots = read_roots(authority.roots.read_bytes())
    with authority.serving(body=authority.reply(b"nonsense")) as url:
        with pytest.raises(StampError, match="gave no time stamp"):
            stamp(url, TEXT, roots, patience=ENOUGH)
        with pytest.raises(StampAwayError, match="answers 404"):
            stamp(url + "/elsewhere", TEXT, roots, patience=ENOUGH)


def test_an_old_answer_and_one_of_another_authority_are_not_kept(authority: Authority, other: Authority) -> None:
    roots = read_roots(authority.roots.read_bytes())
    old = authority.reply(ask_for(TEXT).query)
    with authority.serving(body=old) as url, pytest.raises(StampError, match="Nonce"):
        stamp(url, TEXT, roots, patience=ENOUGH)
    with authority.serving(spoil=other) as url, pytest.raises(StampError, match="by who is trusted"):
        stamp(url, TEXT, roots, patience=ENOUGH)


def test_an_authority_that_is_away_is_said_so(authority: Authority) -> None:
    roots = read_roots(authority.roots.read_bytes())
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StampAwayError, match="cannot be reached"):
            stamp(url, TEXT, roots)
        silent.listen()
        with pytest.raises(StampAwayError, match="cannot be reached"):
            stamp(url, TEXT, roots, patience=0.05)


def test_a_file_without_certificates_is_said_so() -> None:
    with pytest.raises(StampError, match="no certificates"):
        read_roots(b"nonsense")


def test_on_the_command_line(authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signer = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
    note, kept = tmp_path / "note", tmp_path / "stamp.tsr"
    note.write_text(Note(TEXT, (signer.sign(TEXT),)).written())

    def said(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["stamp", *map(str, arguments)])
        return code, "".join(capsys.readouterr()).strip()

    with authority.serving() as url:
        code, sentence = said(note, "-o", kept, "--authority", url, "--roots", authority.roots)
    assert (code, sentence.startswith(f"The checkpoint of 12 leaves of {ORIGIN} was there by 2")) == (0, True)
    assert authority.verifies(kept.read_bytes(), TEXT)
    code, sentence = said(note, "--check", kept, "--roots", authority.roots, "--json")
    assert (code, json.loads(sentence)["size"]) == (0, 12)
    note.write_text(Note(OTHER_TEXT, (signer.sign(OTHER_TEXT),)).written())
    assert said(note, "--check", kept, "--roots", authority.roots)[0] == 1
    assert said(note, "--check", kept)[0] == 2
    assert said(note, "-o", kept, "--roots", authority.roots)[0] == 2
    assert said(note, "--roots", authority.roots)[0] == 2
    assert said(note, "--check", tmp_path / "nowhere", "--roots", authority.roots)[0] == 1
    assert said(note, "--check", kept, "--roots", note)[0] == 1
    note.write_text("nonsense")
    assert said(note, "--check", kept, "--roots", authority.roots)[0] == 1
