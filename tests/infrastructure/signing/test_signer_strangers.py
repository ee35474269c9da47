"""The signer and those who mean it no good, or send nonsense, or send nothing at all."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from infrastructure.signing.answering import LONGEST_LINE
from infrastructure.signing.binding import SocketTakenError, bind
from infrastructure.signing.listening import Bounds, Listener
from infrastructure.signing.peers import Peer, peer_of, welcome
from infrastructure.signing.room import Room
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import Running, signing
from tests.infrastructure.store.waiting import ENOUGH, until

LOG = Log()
STRANGER, OWNER, GROUP = 65_533, 65_532, 65_531
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several users")


def spoken(process: Running, *lines: bytes, end: bool = True) -> list[dict[str, str]]:
    """What is answered to some bytes, until the signer ends the connection, or all is said that there is."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(ENOUGH)
        asking.connect(str(process.said["socket"]))
        try:
            for line in lines:
                asking.sendall(line)
            if end:
                asking.shutdown(socket.SHUT_WR)
        except BrokenPipeError:
            pass
        try:
            return [json.loads(line) for line in asking.makefile("rb")]
        except ConnectionResetError:
            return []


NONSENSE = [
    b"\n",
    b"null\n",
    b"[]\n",
    b"{}\n",
    b'{"ask":"sign"}\n',
    b'{"ask":"last","more":1}\n',
    b'{"ask":"keys","ask":"keys"}\n',
    b'{"ask":["keys"]}\n',
    b"\xff\xfe\n",
    b"\x00" * 100 + b"\n",
    b"[" * 5000 + b"\n",
    b'{"ask":"sign","checkpoint":1,"proof":[]}\n',
    b'{"ask":"sign","checkpoint":"x","proof":{}}\n',
    b'{"ask":"sign","checkpoint":"x","proof":[1]}\n',
    b'{"ask":"sign","checkpoint":"x","proof":["AA"]}\n',
    b'{"ask":"sign","checkpoint":"x","proof":["%s"]}\n' % (b"A" * 44),
    b'{"ask":"sign","checkpoint":"x","proof":[],"since":true}\n',
    b'{"ask":"sign","checkpoint":"x","proof":[],"since":"1"}\n',
    b'{"ask":"sign","checkpoint":"\\ud800","proof":[]}\n',
    json.dumps({"ask": "sign", "checkpoint": "x", "proof": ["A" * 43 + "="] * 64}).encode() + b"\n",
]


def test_nonsense_is_answered_by_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    with signing(tmp_path / "signer") as process:
        note = process.client().sign(LOG.checkpoint(3), [])
        answers = spoken(process, *NONSENSE, b'{"ask":"last"}\n')
        assert [answer.get("why") for answer in answers] == ["malformed"] * len(NONSENSE) + [None]
        assert all(answer["refused"] for answer in answers[:-1])
        assert answers[-1] == {"last": note.written()}
        assert spoken(process, b"x" * (2 * LONGEST_LINE), end=False)[:1] in (
            [{"refused": f"a line has at most {LONGEST_LINE} bytes", "why": "malformed"}],
            [],  # what was not read yet can take the answer with it
        )
        assert spoken(process, b'{"ask":"last"}') == [], "half a line is no question"
        assert process.client().last() == note


def test_chance_does_not_end_it(tmp_path: Path) -> None:
    chance = random.Random(5)
    whole = json.dumps({"ask": "sign", "checkpoint": LOG.checkpoint(5).written(), "proof": ["A" * 43 + "="]}).encode()
    with signing(tmp_path / "signer") as process:
        note = process.client().sign(LOG.checkpoint(5), [])
        for _ in range(200):
            index = chance.randrange(len(whole))
            answers = spoken(
                process, whole[:index] + chance.randbytes(chance.randrange(4)) + whole[index + 1 :] + b"\n"
            )
            assert all("refused" in answer for answer in answers), answers
        assert process.client().last() == note
        assert all(line.startswith(("signed ", "refused ")) for line in process.log())


def test_the_slow_are_let_go_and_the_many_are_told_so(short: Path) -> None:
    asyncio.run(_slow_and_many(short))


async def _slow_and_many(folder: Path) -> None:
    said: list[str] = []
    started = asyncio.Event()
    path = folder / "sock"
    with Room(folder / "signer").signer(ORIGIN) as signer:
        listener = Listener(signer, said.append, bounds=Bounds(line=0.05, connection=ENOUGH, connections=2))
        running = asyncio.create_task(listener.run(path, started.set))
        await started.wait()
        async with connected(path) as (reader, writer):
            writer.write(b'{"ask":')
            assert await reader.read() == b"", "it ends without an answer"
        assert said == ["let go of one who asks too slowly"]
        listener._bounds = Bounds(line=ENOUGH, connection=0.05, connections=2)
        async with connected(path) as (reader, _):
            assert await reader.read() == b""
        listener._bounds = Bounds(line=ENOUGH, connection=ENOUGH, connections=2)
        async with connected(path) as first, connected(path) as second, connected(path) as (third, _):
            assert b'"busy"' in await third.readline()
            for reader, writer in (first, second):
                writer.write(b'{"ask":"last"}\n')
                assert await reader.readline() == b'{"last":null}\n'
            os.kill(os.getpid(), signal.SIGTERM)
            await running
            assert [await reader.read() for reader, _ in (first, second)] == [b"", b""], "who is there is let go"
    assert not path.exists()


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def test_who_asks_is_who_the_kernel_says() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        peer = peer_of(here)
    assert (peer.process, peer.user) == (os.getpid(), os.geteuid())
    assert {os.getegid(), *os.getgroups()} <= peer.groups


def test_who_is_welcome() -> None:
    for peer, group, expected in [
        (Peer(1, 0, frozenset()), None, True),
        (Peer(1, os.geteuid(), frozenset()), None, True),
        (Peer(1, STRANGER, frozenset({GROUP})), GROUP, True),
        (Peer(1, STRANGER, frozenset({GROUP})), None, False),
        (Peer(1, STRANGER, frozenset({STRANGER})), GROUP, False),
    ]:
        assert welcome(peer, group) is expected


ASK = """
import os, sys
from pathlib import Path
from infrastructure.signing.asking import SignerClient, SignerError
path, user, groups = Path(sys.argv[1]), int(sys.argv[2]), [int(each) for each in sys.argv[3:]]
os.setgroups(groups); os.setgid(user); os.setuid(user)
try:
    SignerClient(path).last(); sys.stdout.write("answered")
except SignerError as error:
    sys.stdout.write(type(error).__name__ + ": " + str(error))
"""


def asked_by(path: object, user: int, *groups: int) -> str:
    """What a process of another user is told."""
    command = [sys.executable, "-c", ASK, str(path), str(user), *map(str, groups)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3]).stdout


@as_root
def test_under_its_own_user_nobody_else_reads_its_keys_and_only_its_group_asks(short: Path) -> None:
    with ExitStack() as stack:
        state = short / "signer"
        state.mkdir(mode=0o700)
        os.chown(state, OWNER, OWNER)
        run = short / "run"
        run.mkdir(mode=0o755)
        os.chown(run, OWNER, OWNER)
        path = run / "signer.sock"
        process = stack.enter_context(signing(state, "--socket", str(path), breaks=f"user:{OWNER}"))
        files = [state, state / "0001.key", state / "last"]
        assert {(each.stat().st_uid, each.stat().st_mode & 0o077) for each in files} == {(OWNER, 0)}
        for each in files[1:]:
            assert _readable(each, STRANGER) is False
            assert _readable(each, OWNER) is True, "the test can tell"
        assert path.stat().st_mode & 0o777 == 0o600
        assert "may not ask" in asked_by(path, STRANGER)
        assert asked_by(path, OWNER) == "answered"
        path.chmod(0o666)  # whoever changes the mode does not change who may ask
        assert asked_by(path, STRANGER) == "SignerRefusedError: only the signer's group may ask it; join that group"
        assert process.end(signal.SIGTERM) == 0
        assert any(line.startswith(f"turned away user {STRANGER} ") for line in process.log())


@as_root
def test_a_group_may_ask_and_still_not_read(short: Path) -> None:
    path = short / "signer.sock"
    with signing(short / "signer", "--socket", str(path), "--group", str(GROUP)):
        found = path.stat()
        assert (found.st_gid, found.st_mode & 0o777) == (GROUP, 0o660)
        assert asked_by(path, STRANGER, GROUP) == "answered"
        assert "may not ask" in asked_by(path, STRANGER)
        assert _readable(short / "signer" / "0001.key", STRANGER) is False
        assert _readable(short / "signer" / "0001.key", 0) is True


def _readable(path: Path, user: int) -> bool:
    command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "cat", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@as_root
def test_the_key_of_another_user_is_not_used(tmp_path: Path) -> None:
    with signing(tmp_path / "signer"):
        pass
    os.chown(tmp_path / "signer" / "0001.key", STRANGER, STRANGER)
    with pytest.raises(AssertionError, match="others own or can read"), signing(tmp_path / "signer"):
        pass


@as_root
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    with signing(tmp_path / "signer"):
        pass
    os.chown(tmp_path / "signer", STRANGER, STRANGER)
    with pytest.raises(AssertionError, match="others own or may write in"), signing(tmp_path / "signer"):
        pass


def test_a_socket_is_not_put_over_something_else(short: Path) -> None:
    (short / "file").write_text("precious")
    with pytest.raises(SocketTakenError, match="is no socket"):
        bind(short / "file", None)
    assert (short / "file").read_text() == "precious"
    with pytest.raises(SocketTakenError, match="too long"):
        bind(short / ("x" * 120), None)
    with pytest.raises(SocketTakenError, match="make it first"):
        bind(short / "nowhere" / "sock", None)


def test_the_socket_of_one_that_was_killed_is_taken_over(tmp_path: Path, short: Path) -> None:
    path = ("--socket", str(short / "sock"))
    with signing(tmp_path / "signer", *path) as process:
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
    assert Path(str(process.said["socket"])).exists()
    with signing(tmp_path / "signer", *path) as process:
        until(lambda: process.client().last() is None)
