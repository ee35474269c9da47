"""Programs in Go that tests hold ours against: built from Debian's packages, without any network."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

LIBRARIES = Path("/usr/share/gocode")
"""Where Debian's golang-golang-x-mod-dev puts golang.org/x/mod."""

_TLOG = Path(__file__).parent / "tlog.go"


def needed(programs: Iterable[str], packages: str) -> None:
    """Leave the test out, with the reason, where a program is missing; where the gate runs nothing may be missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing:
        return
    why = f"NOT TESTED: {', '.join(missing)} missing; install Debian's {packages}"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def built(folder: Path, *sources: Path) -> Path:
    """The program that Go files are together, compiled into the folder."""
    there = (LIBRARIES / "src/golang.org/x/mod/sumdb/tlog").is_dir()
    needed(["go"] if there else ["golang.org/x/mod"], "golang-go and golang-golang-x-mod-dev")
    program = folder / sources[0].stem
    # No module, no proxy, no newer toolchain, no cache but in the folder: what is installed, and that alone.
    alone = {"GO111MODULE": "off", "GOPATH": str(LIBRARIES), "GOFLAGS": "", "GOPROXY": "off", "CGO_ENABLED": "0"}
    subprocess.run(
        ["go", "build", "-o", program, *sources],
        env=os.environ | alone | {"GOCACHE": str(folder / "cache")},
        check=True,
        cwd=folder,
    )
    return program


class Tlog:
    """golang.org/x/mod's verdict on proofs and notes: many cases in one go."""

    def __init__(self, folder: Path) -> None:
        self._program = built(folder, _TLOG)

    def __call__(self, cases: Iterable[str]) -> list[bool]:
        """One verdict a case, each as tlog.go describes it."""
        asked = "".join(f"{case}\n" for case in cases)
        told = subprocess.run([self._program], input=asked, capture_output=True, check=True, text=True).stdout
        verdicts = [{"true": True, "false": False}[line] for line in told.splitlines()]
        assert len(verdicts) == asked.count("\n")
        return verdicts
