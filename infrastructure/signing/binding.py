"""A unix socket that is there only once it listens, with the rights that it is to have."""

import os
import socket
import stat
from pathlib import Path

BACKLOG = 64
LONGEST_PATH = 100
"""Bytes of a path; the kernel takes a few more, which the name of the unfinished socket needs."""


class SocketTakenError(Exception):
    """The signer cannot listen there; the sentence says what to do."""


def bind(path: Path, group: int | None) -> socket.socket:
    """A listening socket at a path: for its owner alone, or for a group too.

    A socket that nobody listens at any more is replaced. SocketTakenError, or the OSError of the file system.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise SocketTakenError(f"{path} is too long a path for a socket; take one of at most {LONGEST_PATH} bytes")
    if not path.parent.is_dir():
        raise SocketTakenError(f"{path.parent} is no folder; make it first, for the user that runs the signer")
    _check_free(path)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(unfinished))
        if group is not None:
            os.chown(unfinished, -1, group)
        unfinished.chmod(0o600 if group is None else 0o660)
        listening.listen(BACKLOG)
        unfinished.rename(path)
    except BaseException:
        listening.close()
        unfinished.unlink(missing_ok=True)
        raise
    return listening


def _check_free(path: Path) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise SocketTakenError(f"{path} is there and is no socket; choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            return
    raise SocketTakenError(f"somebody listens at {path} already; stop that signer first, or choose another path")
