"""What the kit's two programs say of a folder."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infrastructure.evidence import kit
from tests.naive.golang import built, needed

KIT = Path(kit.__path__[0])
_HOLDS, _SPOILT = 0, 1
_BEGINS = "This does not hold: "


@dataclass(frozen=True)
class Opinion:
    """The sentences, and the item that does not hold; None where all holds."""

    said: str
    item: str | None


class Program:
    """One of the two."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._command = command

    def ended(
        self, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """It has run to its end."""
        return subprocess.run(
            [*self._command, *arguments],
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            env=environment,
        )

    def __call__(self, folder: Path, key: str, witnesses: Sequence[str] = ()) -> Opinion:
        """Its opinion; that it has one is part of the test."""
        ended = self.ended(folder, key, *witnesses)
        *_, last = ["", *ended.stdout.splitlines()]
        assert ended.stderr == "", ended
        if ended.returncode == _HOLDS:
            assert last == "All of this holds.", ended
            return Opinion(ended.stdout, None)
        assert (ended.returncode, last.startswith(_BEGINS)) == (_SPOILT, True), ended
        return Opinion(ended.stdout, last.removeprefix(_BEGINS).partition(": ")[0])


def go(folder: Path, old: str = "", new: str = "") -> Program:
    """verify.go with notes.go, compiled into a folder; a broken build of them, with a text put differently."""
    sources = {name: (KIT / name).read_text() for name in ("verify.go", "notes.go")}
    assert not old or sum(source.count(old) for source in sources.values()) == 1
    for name, source in sources.items():
        (folder / name).write_text(source.replace(old, new) if old else source)
    return Program([built(folder, *(folder / name for name in sources))])


def shell(folder: Path, old: str = "", new: str = "") -> Program:
    """verify.sh, by the shell of this machine; a broken copy of it, with a text put differently."""
    needed(["openssl", "xxd"], "openssl and xxd")
    source = (KIT / "verify.sh").read_text()
    assert not old or source.count(old) == 1
    script = folder / "verify.sh"
    script.write_text(source.replace(old, new) if old else source)
    return Program(["sh", script])
