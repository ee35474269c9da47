"""What a user needs before it can start a server: an account, programs that account can run, a fitting cluster."""

from collections.abc import Mapping
from pathlib import Path

from infrastructure.embedded.account import Account, server_account
from infrastructure.embedded.binaries import reachable_binaries, wheel_binaries
from infrastructure.embedded.cluster import refuse_other_version
from infrastructure.embedded.control import Control
from infrastructure.embedded.errors import ELSEWHERE, EmbeddedServerError
from infrastructure.embedded.places import Places
from infrastructure.embedded.programs import run


def equip(places: Places, binaries: Path | None, settings: Mapping[str, str]) -> Control:
    """The means to run the home's server, or a sentence about the one that is missing. Holds start.lock."""
    account = server_account(places.cluster)
    if account.borrowed:
        _refuse_unreachable(places.home, account)
    programs, version = reachable_binaries(binaries or wheel_binaries(), places, account)
    if places.cluster.is_dir() and any(places.cluster.iterdir()):
        refuse_other_version(places, version)
    return Control(places, programs, version, account, settings)


def _refuse_unreachable(home: Path, account: Account) -> None:
    """Ask the account itself, for modes alone do not say what lists and mounts forbid."""
    words = ("-c", 'test -x "$1/."', "sh", str(home))
    if run(Path("/bin/sh"), *words, account=account, folder=Path("/"), timeout=60).status != 0:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and the account {account.name} that it runs as cannot reach {home};"
            f" {ELSEWHERE}, such as /var/lib/accessledger."
        )
