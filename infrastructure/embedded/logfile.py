"""The server's log: a file of the server's account, set aside when it has grown large."""

import os

from infrastructure.embedded.account import Account
from infrastructure.embedded.places import Places

LARGE = 8 * 1024 * 1024


def open_log(places: Places, account: Account) -> int:
    """Have a log that the account can write to; returns its present length. No server is running."""
    if places.log.exists() and places.log.stat().st_size > LARGE:
        places.log.replace(places.log.with_name("server.log.1"))
    descriptor = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        account.own(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def last_lines(places: Places, since: int, *, lines: int = 10) -> str:
    """The end of what the log says since it had the given length."""
    with places.log.open("rb") as log:
        log.seek(since)
        said = log.read().decode(errors="replace").splitlines()
    return "\n".join(said[-lines:])
