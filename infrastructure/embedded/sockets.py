"""The private folder of the server's socket: outside the data folder, because a socket's path has a short limit."""

import os
import re
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from infrastructure.embedded.account import Account
from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.places import Places, user_name

PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
LONGEST = 103 if sys.platform == "darwin" else 107
PLAIN = re.compile(r"/[\w./+-]*", re.ASCII)  # no comma, which PostgreSQL and libpq read as a list


def ensure_socket_folder(places: Places, account: Account) -> Path:
    """The socket folder of this home, private to the server's account; created if it is missing."""
    name = f"accessledger-{os.geteuid()}-{places.mark.removeprefix('accessledger-')}"
    for base in _bases(account):
        folder = base / name
        if PLAIN.fullmatch(str(folder)) and len(os.fsencode(folder / SOCKET)) <= LONGEST:
            _claim(folder, account)
            return folder
    raise EmbeddedServerError("There is no temporary folder with a short plain name; set TMPDIR to one such as /tmp.")


def sweep(folder: Path) -> None:
    """Remove what a dead server left in its socket folder; a lock file there may name a pid used again."""
    for name in (SOCKET, f"{SOCKET}.lock"):
        with suppress(FileNotFoundError):
            (folder / name).unlink()


def discard(folder: Path) -> None:
    """Remove the socket folder of a stopped server, if it is one and empty."""
    if folder.name.startswith("accessledger-"):
        with suppress(OSError):
            folder.rmdir()


def _bases(account: Account) -> list[Path]:
    candidates = [tempfile.gettempdir(), "/tmp"]  # noqa: S108 - the folder made there is private and checked
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and not account.borrowed:  # root's own is closed to every other account
        candidates.insert(0, runtime)
    return [Path(each) for each in candidates if Path(each).is_dir() and os.access(each, os.W_OK | os.X_OK)]


def _claim(folder: Path, account: Account) -> None:
    with suppress(FileExistsError):
        folder.mkdir(0o700)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        owner = user_name(folder.lstat().st_uid)
        raise EmbeddedServerError(
            f"{folder} should be this program's socket folder but is not a folder it may use (it belongs to {owner});"
            " remove it or set TMPDIR to another folder."
        ) from error
    try:
        status = os.fstat(descriptor)
        if status.st_uid not in {account.uid, os.geteuid()}:
            raise EmbeddedServerError(
                f"{folder} should be this program's socket folder but belongs to {user_name(status.st_uid)};"
                " remove it or set TMPDIR to another folder."
            )
        account.own(descriptor)
        if stat.S_IMODE(status.st_mode) != 0o700:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
