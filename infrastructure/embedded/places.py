"""Where everything of one embedded server lies, and how its home folder comes to be."""

import hashlib
import os
import pwd
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from infrastructure.embedded.errors import ELSEWHERE, EmbeddedServerError

DATABASE = "accessledger"
SUPERUSER = "accessledger"
# pg_ctl puts paths between double quotes into a shell command
UNQUOTABLE = re.compile(r'["$`\\\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one home; the home is absolute and free of symbolic links."""

    home: Path

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def unfinished(self) -> Path:
        """Where initdb works, so that a folder named "cluster" is always a whole one."""
        return self.home / "cluster.new"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def start_lock(self) -> Path:
        return self.home / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.home / "users.lock"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def mark(self) -> str:
        """The cluster's name: PostgreSQL shows it in the title of each of its processes."""
        return "accessledger-" + hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]


def default_home() -> Path:
    """The usual data folder; root has one that an unprivileged account can reach."""
    if os.geteuid() == 0:
        return Path("/var/lib/accessledger")
    return Path(platformdirs.user_data_dir("accessledger", appauthor=False))


def refuse_unquotable(path: Path) -> None:
    if UNQUOTABLE.search(str(path)):
        raise EmbeddedServerError(
            f"The path {str(path)!r} contains a quote, dollar, backslash or control character; {ELSEWHERE}."
        )


def prepare_home(home: Path) -> None:
    """Create the home if it is missing; refuse one that is not this user's. Nothing that exists is changed."""
    refuse_unquotable(home)
    _create(home, 0o711 if os.geteuid() == 0 else 0o700)
    status = home.stat()
    if not home.is_dir():
        raise EmbeddedServerError(f"The data folder {home} is not a folder; move that file away or {ELSEWHERE}.")
    if status.st_uid != os.geteuid():
        raise EmbeddedServerError(
            f"The data folder {home} belongs to {user_name(status.st_uid)} and you are {user_name(os.geteuid())};"
            f" run this as {user_name(status.st_uid)} or {ELSEWHERE}."
        )


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _create(folder: Path, mode: int) -> None:
    """Create the folder and its missing parents; only folders created here get the mode."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        with suppress(FileExistsError):
            path.mkdir(mode)
            path.chmod(mode)
