"""The cluster's folder: made by initdb beside its place and then moved there, so that it is whole or absent."""

import os
import re
import shutil
import time
from pathlib import Path

from infrastructure.embedded.account import Account
from infrastructure.embedded.errors import ELSEWHERE, EmbeddedServerError
from infrastructure.embedded.places import SUPERUSER, Places
from infrastructure.embedded.processes import end_all
from infrastructure.embedded.programs import run


def ensure_cluster(places: Places, binaries: Path, version: str, account: Account, *, sync: bool) -> None:
    """Make the cluster if there is none; refuse one of another major version. Holds start.lock."""
    _clear_unfinished(places)
    if not places.cluster.is_dir() or not any(places.cluster.iterdir()):
        _initialise(places, binaries, account, sync=sync)
    refuse_other_version(places, version)


def refuse_other_version(places: Places, version: str) -> None:
    ours = re.split(r"\D", version)[0]
    try:
        theirs = (places.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedServerError(
            f"The folder {places.cluster} is not a whole PostgreSQL cluster; move it away or {ELSEWHERE}."
        ) from error
    if theirs != ours:
        raise EmbeddedServerError(
            f"The data folder {places.home} was written by PostgreSQL {theirs} and this program brings PostgreSQL"
            f" {ours}; carry the data over with pg_dump of version {theirs} or {ELSEWHERE}."
        )


def _clear_unfinished(places: Places) -> None:
    """An initdb whose caller was killed may still be at work."""
    if places.unfinished.exists():
        end_all(places.unfinished, f"{places.mark}.new")
        deadline = time.monotonic() + 5
        while places.unfinished.exists() and time.monotonic() < deadline:  # what the killed began, the kernel ends
            shutil.rmtree(places.unfinished, ignore_errors=True)
        if places.unfinished.exists():
            shutil.rmtree(places.unfinished)


def _initialise(places: Places, binaries: Path, account: Account, *, sync: bool) -> None:
    places.unfinished.mkdir(0o700)
    _give(places.unfinished, account)
    try:
        _run_initdb(places, binaries, account, sync=sync)
    except BaseException:
        _clear_unfinished(places)
        raise
    places.unfinished.rename(places.cluster)
    if sync:
        _sync(places.home)


def _run_initdb(places: Places, binaries: Path, account: Account, *, sync: bool) -> None:
    outcome = run(
        binaries / "initdb",
        *("-D", str(places.unfinished), f"--username={SUPERUSER}", "--auth=trust"),
        *("--encoding=UTF8", "--locale=C", "--data-checksums"),
        *([] if sync else ["--no-sync"]),
        account=account,
        folder=places.unfinished,
        timeout=180,
    )
    if outcome.status != 0:
        raise EmbeddedServerError(
            f"The database could not be created in {places.home}; remove what it complains of and try again:"
            f" {outcome.last_words}"
        )


def _give(folder: Path, account: Account) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        account.own(descriptor)
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
