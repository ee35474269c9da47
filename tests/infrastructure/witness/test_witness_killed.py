"""A witness that is killed at any step, shown forks by two at once, or robbed of its memory, cosigns one log."""

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Checkpoint, Key, Note, NoteError, read_key
from infrastructure.cli.main import run
from infrastructure.signing.alone import RoomTakenError
from infrastructure.signing.keyfiles import KeyFileError
from infrastructure.signing.signatures import Ed25519Signer
from infrastructure.witness.asked import read_asked, write_asked
from infrastructure.witness.asking import WitnessAwayError, WitnessClient, WitnessRefusedError
from infrastructure.witness.remembering import SeenLostError
from infrastructure.witness.room import Room
from infrastructure.witness.witness import RefusedError
from tests.infrastructure.signing.asking_all import Given, at_once
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import Running, witnessing
from tests.infrastructure.store.waiting import ENOUGH, until

LOG = Log()
FORK = Log(name="a fork", forked=4)
SIGNER = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
LONGEST = 20
STEPS = range(7)


def note_of(checkpoint: Checkpoint) -> Note:
    text = checkpoint.written()
    return Note(text, (SIGNER.sign(text),))


def client_of(process: Running) -> WitnessClient:
    return WitnessClient(process.address, process.keys[0], patience=ENOUGH)


def cosign(client: WitnessClient, log: Log, size: int) -> Note:
    """What a witness cosigned, asked as a publisher asks, who proves from wherever the witness says."""
    note = note_of(log.checkpoint(size))
    line = client.cosign(note, lambda seen: log.proof(seen, size))
    return Note(note.text, (*note.signatures, line))


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_has_seen_the_old_one_or_the_new_one(tmp_path: Path, step: int) -> None:
    state = tmp_path / "state"
    _see(state, 5)
    with witnessing(state, SIGNER.key, breaks=f"kill:{step}") as process, client_of(process) as client:
        with pytest.raises(WitnessAwayError):
            cosign(client, LOG, 8)
        assert process.process.wait() == -signal.SIGKILL
    with Room(state).witness([SIGNER.key], None) as witness:
        assert witness.seen.last(ORIGIN) == LOG.checkpoint(8 if step >= 4 else 5), "the rename is what makes it so"
        old = witness.seen.last(ORIGIN)
        assert old is not None
        right = write_asked(old.size, LOG.proof(old.size, 8), note_of(LOG.checkpoint(8)))
        assert witness.add(read_asked(right)).name == "witness.example"
        with pytest.raises(RefusedError, match="a fork"):
            witness.add(read_asked(write_asked(8, [], note_of(FORK.checkpoint(8)))))


def ask_for_all(process: Running, put: Callable[[Note], None], logs: list[Log], upto: int) -> None:
    """Have every checkpoint of every log cosigned, until the witness is away."""
    with client_of(process) as client:
        for size in range(1, upto + 1):
            for log in logs if size % 2 else reversed(logs):
                try:
                    put(cosign(client, log, size))
                except WitnessRefusedError:
                    continue
                except WitnessAwayError:
                    return


def drill(state: Path, breaks: str) -> list[str]:
    """As the signer's: logs that part after four leaves, in turns and at once, and the witness is killed meanwhile."""
    given = Given()
    for logs in ([LOG, FORK], [FORK]):
        with witnessing(state, SIGNER.key, breaks=breaks) as process:
            ask_for_all(process, given.asker(), logs, LONGEST // 2)
            process.end(signal.SIGKILL)
    with witnessing(state, SIGNER.key, breaks=breaks) as process:
        at_once(
            partial(ask_for_all, process, given.asker(), [LOG, FORK], LONGEST),
            partial(ask_for_all, process, given.asker(), [FORK, LOG], LONGEST),
            partial(_kill, process, given),
        )
    return given.broken(LOG, FORK)


def _kill(process: Running, given: Given) -> None:
    before = sum(map(len, given.answered))
    until(lambda: sum(map(len, given.answered)) - before >= 4)
    process.end(signal.SIGKILL)


def test_two_at_once_and_sudden_ends_leave_one_log(tmp_path: Path) -> None:
    assert drill(tmp_path / "state", "whole") == []


@pytest.mark.parametrize("breaks", ["no-consistency", "forgets", "ignores-old-size"])
def test_a_broken_witness_is_seen(tmp_path: Path, breaks: str) -> None:
    assert drill(tmp_path / "state", breaks)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The folder of a witness that has seen a log of seven leaves."""
    folder = tmp_path / "state"
    _see(folder, 7)
    return folder


def _see(folder: Path, size: int) -> None:
    with Room(folder).witness([SIGNER.key], "witness.example") as witness:
        witness.add(read_asked(write_asked(0, [], note_of(LOG.checkpoint(size)))))


def start(state: Path, name: str | None = None) -> str | None:
    """What a witness has seen of the log by its own account, if it starts."""
    with Room(state).witness([SIGNER.key], name) as witness:
        note = witness.seen.notes.get(ORIGIN)
        return None if note is None else note.text


def test_a_changed_byte_of_what_it_has_seen_is_noticed_or_changes_nothing(state: Path) -> None:
    path = state / "seen"
    whole = path.read_bytes()
    noticed = 0
    for index in range(len(whole)):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1 :])
        try:
            assert start(state) == LOG.checkpoint(7).written()
        except SeenLostError:
            noticed += 1
    assert noticed > len(LOG.checkpoint(7).written()) + 100
    path.write_bytes(whole)
    assert start(state) == LOG.checkpoint(7).written()


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b'{"forks":[],"seen":[]}\n', b'{"forks":[1],"seen":{}}\n'])
def test_damage_is_noticed(state: Path, content: bytes) -> None:
    (state / "seen").write_bytes(content)
    with pytest.raises(SeenLostError, match="damaged"):
        start(state)


def test_a_missing_memory_is_not_taken_for_a_new_witness(state: Path) -> None:
    (state / "seen").unlink()
    with pytest.raises(SeenLostError, match="begin as a new witness"):
        start(state)


def test_a_witness_without_its_key_does_not_begin_anew(state: Path) -> None:
    (state / "witness.key").unlink()
    with pytest.raises(SeenLostError, match="key is gone"):
        start(state, "witness.example")


def test_a_note_that_it_never_cosigned_is_noticed(state: Path, tmp_path: Path) -> None:
    _see(tmp_path / "other", 3)
    (state / "seen").write_bytes((tmp_path / "other" / "seen").read_bytes())
    with pytest.raises(SeenLostError, match="not cosigned here"):
        start(state)


def test_a_folder_is_one_witness_s_and_one_process_s(state: Path) -> None:
    with pytest.raises(KeyFileError, match="another one"):
        start(state, "other.example")
    with pytest.raises(KeyFileError, match="keeps its key"):
        Room(state).make_key("witness.example")
    with Room(state).witness([SIGNER.key], None), pytest.raises(RoomTakenError):
        start(state)
    assert {path.stat().st_mode & 0o777 for path in state.iterdir()} == {0o600}


def test_the_key_of_a_log_is_no_key_of_a_witness(tmp_path: Path) -> None:
    with pytest.raises(NoteError, match="not that of a witness"):
        WitnessClient("http://127.0.0.1:1", SIGNER.key)
    broken = Key(ORIGIN, 0x02, SIGNER.key.public)
    with pytest.raises(NoteError), Room(tmp_path / "state").witness([broken], "witness.example"):
        pass


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "state"

    def said(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["witness", "--state", str(state), *arguments])
        return code, "".join(capsys.readouterr()).strip()

    assert said() == (2, "Error: Say whose checkpoints to cosign: --log VKEY (see accessledger witness --help).")
    assert said("--make-key")[0] == 1
    code, vkey = said("--make-key", "--name", "witness.example")
    assert (code, read_key(vkey).name) == (0, "witness.example")
    assert said("--make-key", "--name", "witness.example")[0] == 1
    assert said("--log", "nonsense")[0] == 2
    assert said("--log", vkey)[0] == 2, "a witness watches logs, and no witnesses"
    for address in ("nowhere", "127.0.0.1", ":1", "127.0.0.1:99999", "127.0.0.1:x"):
        assert said("--log", SIGNER.key.written(), "--listen", address)[0] == 2
    (state / "seen").unlink()
    assert said("--log", SIGNER.key.written())[0] == 1
