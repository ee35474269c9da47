"""Which processes belong to a cluster: told by their working folder or title, never by a pid in a file alone."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.places import Places

PROGRAMS = frozenset({"postgres", "postmaster", "pg_ctl", "initdb"})
SHELLS = frozenset({"sh", "dash", "bash"})  # pg_ctl and initdb start postgres through one


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says; its later lines appear while the server starts."""

    pid: int
    socket_folder: Path | None
    status: str


def read_pid_file(places: Places) -> PidFile | None:
    """The pid file, or None if it is missing, empty or garbage."""
    try:
        lines = [line.strip() for line in places.pid_file.read_text(errors="replace").splitlines()]
        pid = int(lines[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    if not 0 < pid < 2**31:
        return None
    lines += [""] * 8
    return PidFile(pid, Path(lines[4]) if lines[4].startswith("/") else None, lines[7])


def live_postmaster(places: Places) -> PidFile | None:
    """The pid file, if the process it names is alive and is this cluster's postmaster."""
    if (said := read_pid_file(places)) is None:
        return None
    try:
        process = psutil.Process(said.pid)
        return said if process.name() in PROGRAMS and belongs(process, places.cluster, places.mark) else None
    except psutil.Error:
        return None


def belongs(process: psutil.Process, cluster: Path, mark: str) -> bool:
    """Whether a process is PostgreSQL's and works for this cluster; a zombie works for nobody."""
    try:
        if process.name() not in PROGRAMS | SHELLS or process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = process.cmdline()
        if process.name() in SHELLS and not (words[1:2] == ["-c"] and '/postgres"' in " ".join(words[2:])):
            return False
        try:
            return _same_folder(process.cwd(), cluster)
        except psutil.AccessDenied:  # root in a container may not look: PostgreSQL's own words must do
            line = f" {' '.join(words)} "
            return f" -D {cluster} " in line or line.startswith(f" postgres: {mark}:")
    except psutil.Error:
        return False


def _same_folder(found: str, cluster: Path) -> bool:
    if found == str(cluster):
        return True
    try:
        return Path(found).samefile(cluster)
    except OSError:
        return False


def end_all(cluster: Path, mark: str, *, within: float = 30.0) -> None:
    """Kill every process of the cluster and return when none is left.

    A server that is killed loses nothing committed: the next one recovers it from its log.
    """
    deadline = time.monotonic() + within
    while left := [each for each in psutil.process_iter() if belongs(each, cluster, mark)]:
        if time.monotonic() > deadline:
            pids = ", ".join(str(each.pid) for each in left)
            raise EmbeddedServerError(
                f"The old server processes of {cluster} cannot be ended; end {pids} or restart the machine."
            )
        for each in left:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue
            except psutil.AccessDenied as error:
                raise EmbeddedServerError(
                    f"Process {each.pid} of another user works in {cluster}; end it and try again."
                ) from error
        time.sleep(0.02)
