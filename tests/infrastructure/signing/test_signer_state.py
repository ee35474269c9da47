"""A signer whose folder was changed behind its back does not start: it would not know what it has signed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.evidence.notes import Checkpoint, Note, read_key, read_note, signed_by
from domain.evidence.trees import EMPTY
from infrastructure.cli.main import run
from infrastructure.signing.keyfiles import KeyFileError
from infrastructure.signing.remembering import ForgottenError
from infrastructure.signing.room import Room
from infrastructure.signing.signatures import Ed25519Verifier
from infrastructure.witness.room import Room as WitnessRoom
from tests.infrastructure.signing.logs import ORIGIN, Log

LOG = Log()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder of a signer that has signed seven leaves."""
    folder = tmp_path / "signer"
    with Room(folder).signer(ORIGIN) as signer:
        signer.sign(LOG.checkpoint(7).written(), [])
    return folder


def start(state: Path, origin: str | None = None) -> str:
    """What a signer signed last by its own account, if it starts."""
    with Room(state).signer(origin) as signer:
        return "" if signer.last is None else signer.last.text


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before


def test_a_folder_as_it_was_left_starts(state: Path) -> None:
    assert start(state) == LOG.checkpoint(7).written() == start(state, ORIGIN)


def test_every_changed_byte_of_what_was_signed_last_is_noticed(state: Path) -> None:
    whole = (state / "last").read_bytes()
    for index in range(len(whole)):
        for bit in (1, 32):
            (state / "last").write_bytes(whole[:index] + bytes([whole[index] ^ bit]) + whole[index + 1 :])
            with pytest.raises(ForgottenError):
                start(state)
    (state / "last").write_bytes(whole)
    assert start(state) == LOG.checkpoint(7).written()


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_a_cut_off_file_is_noticed(state: Path, cut: int) -> None:
    edit(state / "last", lambda whole: whole[:cut])
    with pytest.raises(ForgottenError, match="damaged"):
        start(state)


def test_a_missing_file_is_not_taken_for_a_new_log(state: Path) -> None:
    (state / "last").unlink()
    with pytest.raises(ForgottenError, match="begin a new log"):
        start(state)
    with pytest.raises(ForgottenError):
        start(state, ORIGIN)


def test_a_note_of_somebody_else_is_not_taken(state: Path, tmp_path: Path) -> None:
    with Room(tmp_path / "other").signer(ORIGIN) as other:
        other.sign(LOG.checkpoint(3).written(), [])
    shutil.copy(tmp_path / "other" / "last", state / "last")
    with pytest.raises(ForgottenError, match="not signed by the keys"):
        start(state)


def test_without_its_keys_it_does_not_begin_anew(state: Path) -> None:
    (state / "0001.key").rename(state / "elsewhere")
    with pytest.raises(ForgottenError, match="keys are gone"):
        start(state, ORIGIN)


def test_a_key_is_made_once_more_when_the_first_time_came_to_a_sudden_end(tmp_path: Path) -> None:
    state = tmp_path / "signer"
    Room(state).make_key(ORIGIN)
    (state / "0001.key").unlink()  # what is kept is written first, the key last
    assert start(state, ORIGIN) == ""


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_not_used(state: Path, mode: int) -> None:
    (state / "0001.key").chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        start(state)


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_in_is_not_used(state: Path, mode: int) -> None:
    """Whoever can put files there can bring back an older `last`, which the keys have signed as well."""
    state.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 700"):
        start(state)
    with pytest.raises(KeyFileError, match="chmod 700"):
        WitnessRoom(state)


def test_what_is_made_is_for_its_owner_alone(state: Path) -> None:
    assert state.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in state.iterdir()} == {0o600}


def test_a_changed_key_is_noticed(state: Path) -> None:
    whole = (state / "0001.key").read_text()
    for changed in ("", whole[:-2], whole.replace("ledger", "lodger"), whole + whole, whole.replace("+", " ")):
        (state / "0001.key").write_text(changed)
        with pytest.raises(KeyFileError):
            start(state)


def test_a_folder_is_one_log_s(state: Path) -> None:
    with pytest.raises(KeyFileError, match="another folder"):
        start(state, "another.example")
    with pytest.raises(KeyFileError, match="of its own"):
        Room(state).make_key("another.example")


@pytest.mark.parametrize("name", ["", "two words", "plus+plus", "line\nend", "x" * 300])
def test_a_log_needs_a_name_that_a_note_can_say(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyFileError, match="cannot be the name"):
        Room(tmp_path / "signer").make_key(name)
    assert not list((tmp_path / "signer").glob("*.key"))


def test_a_new_key_and_the_old_one_sign_until_the_old_one_is_retired(state: Path) -> None:
    (old,) = Room(state).keys()
    new = Room(state).make_key(None)
    with pytest.raises(KeyFileError, match="retire the older one"):
        Room(state).make_key(None)
    with Room(state).signer(None) as signer:
        assert signer.keys == (new, old)
        both = signer.sign(LOG.checkpoint(7).written(), [])
        assert signer.sign(LOG.checkpoint(7).written(), []) == both
        assert signed_by(both, Ed25519Verifier(old))
        assert signed_by(both, Ed25519Verifier(new))
    assert Room(state).retire_key() == old
    with pytest.raises(KeyFileError, match="only one key"):
        Room(state).retire_key()
    with Room(state).signer(None) as signer:
        after = signer.sign(LOG.checkpoint(9).written(), LOG.proof(7, 9))
        assert signer.keys == (new,)
        assert signed_by(after, Ed25519Verifier(new))
        assert not signed_by(after, Ed25519Verifier(old))
    assert Room(state).make_key(None) != new
    assert not (state / "0001.key").exists()


def test_what_a_retired_key_has_signed_stays_true_and_is_signed_anew(state: Path) -> None:
    """Who has pinned the new key alone would not believe what the signer says was last, and never ask again."""
    new = Room(state).make_key(None)
    Room(state).retire_key()
    with Room(state).signer(None) as signer:
        assert signer.last is not None
        assert signer.last.text == LOG.checkpoint(7).written()
        assert signed_by(signer.last, Ed25519Verifier(new))


def test_a_note_of_the_future_by_a_stolen_key_of_another_kind_does_not_count(state: Path) -> None:
    (key,) = Room(state).keys()
    text = Checkpoint(ORIGIN, 9, EMPTY).written()
    forged = Note(text, (read_note((state / "last").read_text()).signatures[0],))
    (state / "last").write_text(forged.written())
    with pytest.raises(ForgottenError):
        start(state)
    assert key.name == ORIGIN


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "signer"

    def said(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["signer", "--state", str(state), *arguments])
        return code, "".join(capsys.readouterr()).strip()

    assert said("--make-key") == (
        1,
        "Error: say which log this is to be: --origin NAME, which no other log ever had",
    )
    first = read_key(said("--make-key", "--origin", ORIGIN)[1])
    second = read_key(json.loads(said("--make-key", "--json")[1])["keys"][0])
    assert said("--show-keys") == (0, f"{second.written()}\n{first.written()}")
    assert said("--make-key")[0] == 1
    assert said("--retire-key") == (0, first.written())
    assert said("--retire-key")[0] == 1
    assert said("--retire-key", "--make-key") == (
        2,
        "Error: Give one of --make-key, --retire-key, --show-keys (see accessledger signer --help).",
    )
    assert said("--group", "no-such-group")[0] == 2
    (state / "last").unlink()
    code, sentence = said()
    assert (code, sentence.partition(":")[2].startswith(f" {state}/last is gone")) == (1, True)
