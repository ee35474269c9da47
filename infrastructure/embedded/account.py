"""The account of the operating system that owns the cluster and runs the server; PostgreSQL refuses root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.places import user_name

UNPRIVILEGED = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """One account; a borrowed one is not the caller's own: root lends its rights away."""

    name: str
    uid: int
    gid: int
    borrowed: bool

    def own(self, descriptor: int) -> None:
        """Make the account owner of an open file or folder."""
        if self.borrowed:
            os.fchown(descriptor, self.uid, self.gid)


def server_account(cluster: Path) -> Account:
    """The caller; for root the owner of an existing cluster, else the first unprivileged account there is."""
    if os.geteuid() != 0:
        return Account(user_name(os.geteuid()), os.geteuid(), os.getegid(), borrowed=False)
    if cluster.is_dir() and (owner := cluster.stat()).st_uid != 0:
        return Account(user_name(owner.st_uid), owner.st_uid, owner.st_gid, borrowed=True)
    for name in UNPRIVILEGED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(name, found.pw_uid, found.pw_gid, borrowed=True)
    raise EmbeddedServerError(
        "PostgreSQL does not run as root and there is no account postgres or nobody; run this as an ordinary user."
    )
