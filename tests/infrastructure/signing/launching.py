"""Runs a signer or a witness as a build that is broken, that is killed at a step of its work, or under another user.

`python launching.py BREAK[,BREAK...] signer|witness OPTIONS...`, where a break is a name of `BREAKS`, `kill:N`
(SIGKILL before the N-th step of keeping something) or `user:UID`. The options are those of the command line, which
itself takes ten times as long to start.
"""

import argparse
import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import infrastructure.signing.remembering as signer_memory
import infrastructure.signing.signer as signer_rule
import infrastructure.witness.remembering as witness_memory
import infrastructure.witness.witness as witness_rule
from domain.evidence.notes import read_checkpoint, read_key
from infrastructure.signing.listening import Listener
from infrastructure.signing.room import Room as SignerRoom
from infrastructure.witness.room import Room as WitnessRoom
from infrastructure.witness.serving import serve


def _replace(where: Any, name: str, build: object) -> None:
    assert hasattr(where, name)
    setattr(where, name, build)


def _no_consistency() -> None:
    """Whoever asks is believed."""

    def nothing(*_given: object) -> None:
        pass

    _replace(signer_rule, "check_consistency", nothing)
    _replace(witness_rule, "check_consistency", nothing)


def _forgets() -> None:
    """What is kept is kept in memory alone."""

    def keep(memory: Any, kept: Any) -> None:
        if isinstance(memory, signer_memory.Memory):
            memory.note, memory.checkpoint = kept, read_checkpoint(kept.text)
        else:
            memory.seen = kept

    _replace(signer_memory.Memory, "keep", keep)
    _replace(witness_memory.Memory, "keep", keep)


def _ignores_old_size() -> None:
    """The witness proves from whatever size it is told, and looks at no other."""

    def check(witness: Any, asked: Any, _signed: object, _last: object) -> None:
        if not 0 <= asked.old <= asked.checkpoint.size:
            raise witness_rule.RefusedError(400, "old is larger")

    _replace(witness_rule.Witness, "_check", check)


BREAKS: dict[str, Callable[[], None]] = {
    "no-consistency": _no_consistency,
    "forgets": _forgets,
    "ignores-old-size": _ignores_old_size,
    "whole": lambda: None,
}


def kill_at(step: int) -> None:
    """End this process at a step of the first thing that it is to keep after its start, or right after the last."""
    steps = itertools.count()
    calls: dict[tuple[Any, str], Any] = {
        (where, name): getattr(where, name)
        for where, name in ((os, "open"), (os, "fchmod"), (os, "fsync"), (Path, "replace"))
    }

    def dying(call: Any) -> Any:
        def called(*given: Any, **named: Any) -> Any:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)

        return called

    def keep(memory: Any, kept: Any) -> None:
        for (where, name), call in calls.items():
            _replace(where, name, dying(call))
        keeps[type(memory)](memory, kept)
        os.kill(os.getpid(), signal.SIGKILL)

    kinds: tuple[Any, ...] = (signer_memory.Memory, witness_memory.Memory)
    keeps = {kind: kind.keep for kind in kinds}
    for kind in kinds:
        _replace(kind, "keep", keep)


def become(user: int) -> None:
    """Be another user, without groups, from now on; what is imported already needs no reading any more."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def run_signer(options: argparse.Namespace) -> None:
    """A signer, until it is killed."""
    with SignerRoom(options.state).signer(options.origin) as signer:
        path = options.socket or options.state / "signer.sock"
        listener = Listener(signer, _say, group=options.group)
        keys = [key.written() for key in signer.keys]
        asyncio.run(listener.run(path, partial(_write, sys.stdout, {"socket": str(path), "keys": keys})))


def run_witness(options: argparse.Namespace) -> None:
    """A witness, until it is killed."""
    with WitnessRoom(options.state).witness([read_key(vkey) for vkey in options.log], options.name) as witness:
        vkey = witness.key.written()
        serve(
            witness,
            "127.0.0.1",
            options.port,
            _say,
            lambda address: _write(sys.stdout, {"address": address, "vkey": vkey}),
        )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _write(to: TextIO, said: object) -> None:
    to.write(f"{json.dumps(said)}\n")
    to.flush()


def options_of(arguments: list[str]) -> argparse.Namespace:
    """The options of a command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path)
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--group", type=int)
    parser.add_argument("--origin")
    parser.add_argument("--log", action="append", default=[])
    parser.add_argument("--name")
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    for each in sys.argv[1].split(","):
        what, _, number = each.partition(":")
        match what:
            case "kill":
                kill_at(int(number))
            case "user":
                become(int(number))
            case _:
                BREAKS[what]()
    {"signer": run_signer, "witness": run_witness}[sys.argv[2]](options_of(sys.argv[3:]))
