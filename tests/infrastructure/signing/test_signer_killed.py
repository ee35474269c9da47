"""A signer that is killed at any step, and asked by two who want different logs, gives away one log that grows."""

import os
import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from domain.evidence.notes import read_checkpoint
from infrastructure.signing.asking import SignerAwayError
from infrastructure.signing.room import Room
from infrastructure.signing.signer import NotKeptError, RefusedError
from tests.infrastructure.signing.asking_all import Given, ask_for_all, at_once
from tests.infrastructure.signing.logs import ORIGIN, Log
from tests.infrastructure.signing.processes import Running, signing
from tests.infrastructure.store.waiting import until

LOG = Log()
FORK = Log(name="a fork", forked=4)
LONGEST = 20
STEPS = range(7)
"""Open, mode, fsync, rename, open the folder, fsync the folder; and after them, before the answer."""


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_has_signed_the_old_one_or_the_new_one(tmp_path: Path, step: int) -> None:
    state = tmp_path / "signer"
    with Room(state).signer(ORIGIN) as signer:
        first = signer.sign(LOG.checkpoint(5).written(), [])
    with signing(state, breaks=f"kill:{step}") as process:
        with pytest.raises(SignerAwayError):
            process.client().sign(LOG.checkpoint(8), LOG.proof(5, 8))
        assert process.process.wait() == -signal.SIGKILL
    with Room(state).signer(ORIGIN) as signer:
        assert signer.last is not None
        kept = read_checkpoint(signer.last.text)
        assert kept == LOG.checkpoint(8 if step >= 4 else 5), "the rename is what makes it so"
        assert step >= 4 or signer.last == first
        # What was lost was told to nobody; what was kept is given as it is to whoever asks again.
        again = signer.sign(LOG.checkpoint(8).written(), LOG.proof(kept.size, 8))
        assert read_checkpoint(again.text) == LOG.checkpoint(8)
        with pytest.raises(RefusedError):
            signer.sign(FORK.checkpoint(8).written(), [])


def drill(state: Path, breaks: str) -> list[str]:
    """Logs that part after four leaves are asked for, in turns and at once, and the signer is killed again and again.

    What went wrong; the turns alone show what is known to be broken, on every machine.
    """
    given = Given()
    for logs in ([LOG, FORK], [FORK]):
        with signing(state, breaks=breaks) as process:
            ask_for_all(process.client(), given.asker(), logs, LONGEST // 2)
            process.end(signal.SIGKILL)
    for _ in range(2):
        with signing(state, breaks=breaks) as process:
            at_once(
                partial(ask_for_all, process.client(), given.asker(), [LOG, FORK], LONGEST),
                partial(ask_for_all, process.client(), given.asker(), [FORK, LOG], LONGEST),
                partial(_kill, process, given, 4),
            )
    return given.broken(LOG, FORK)


def _kill(process: Running, given: Given, answers: int) -> None:
    """Kill it once so much was answered, or once there is nothing more to be had."""
    before = sum(map(len, given.answered))
    until(lambda: sum(map(len, given.answered)) - before >= answers or _size(process) == LONGEST)
    process.end(signal.SIGKILL)


def _size(process: Running) -> int:
    last = process.client().last()
    return 0 if last is None else read_checkpoint(last.text).size


def test_two_at_once_and_sudden_ends_leave_one_log(tmp_path: Path) -> None:
    assert drill(tmp_path / "signer", "whole") == []


@pytest.mark.parametrize("breaks", ["no-consistency", "forgets"])
def test_a_broken_signer_is_seen(tmp_path: Path, breaks: str) -> None:
    assert drill(tmp_path / "signer", breaks)


def test_a_second_signer_over_the_same_keys_is_refused(tmp_path: Path, short: Path) -> None:
    state = tmp_path / "signer"
    with ExitStack() as stack:
        process = stack.enter_context(signing(state))
        with pytest.raises(AssertionError, match="signs with these keys already"):
            stack.enter_context(signing(state, "--socket", str(short / "sock")))
        assert process.client().last() is None
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
        again = stack.enter_context(signing(state))
        assert again.client().key().name == ORIGIN, "what a killed one leaves, a socket and a lock, is nobody's"


def test_a_second_signer_at_the_same_socket_is_refused(tmp_path: Path, short: Path) -> None:
    path = short / "sock"
    with ExitStack() as stack:
        process = stack.enter_context(signing(tmp_path / "one", "--socket", str(path)))
        with pytest.raises(AssertionError, match="somebody listens at"):
            stack.enter_context(signing(tmp_path / "two", "--socket", str(path)))
        assert process.client(*process.keys).key() == process.keys[0]


def test_what_cannot_be_kept_is_not_given_away_and_ends_it(tmp_path: Path) -> None:
    state = tmp_path / "signer"
    with signing(state) as process:
        client = process.client()
        client.sign(LOG.checkpoint(3), [])
        last = (state / "last").read_bytes()
        (state / f".last.{process.process.pid}.new").mkdir()  # where it writes there is a folder
        with pytest.raises(SignerAwayError):
            client.sign(LOG.checkpoint(4), LOG.proof(3, 4))
        assert process.process.wait() == 1
        assert "could not be kept" in process.log()[-1]
    assert (state / "last").read_bytes() == last


def test_after_something_could_not_be_kept_nothing_more_is_signed(tmp_path: Path) -> None:
    state = tmp_path / "signer"
    with Room(state).signer(ORIGIN) as signer:
        in_the_way = state / f".last.{os.getpid()}.new"
        in_the_way.mkdir()
        with pytest.raises(NotKeptError):
            signer.sign(LOG.checkpoint(4).written(), [])
        in_the_way.rmdir()
        with pytest.raises(NotKeptError):
            signer.sign(LOG.checkpoint(4).written(), [])
    with Room(state).signer(ORIGIN) as signer:
        assert signer.last is None
        assert read_checkpoint(signer.sign(LOG.checkpoint(4).written(), []).text) == LOG.checkpoint(4)
