"""Makes the kept projections anew, in parallel, beside those that answer, and puts them in their place."""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from domain.catalogue import Catalogue
from domain.entries import TERMS
from infrastructure.kept.entries import pages_of_stream
from infrastructure.kept.form import made_in, made_with
from infrastructure.kept.log_keys import DEPTH_BITS
from infrastructure.kept.log_lines import BLOCK_BITS, LogKeeper
from infrastructure.kept.projector import Projector, alone
from infrastructure.kept.rows import Rows
from infrastructure.kept.teams import placeless
from infrastructure.kept.worker import Worker
from infrastructure.postgres.statements import statements
from infrastructure.store import Store, StoreError
from infrastructure.store.connections import LedgerConnection

_SQL = statements("kept_rebuild")
_WRITE = statements("kept_write")
RANGE = 6_000
"""Positions of one share of a worker: its rows fit into memory many times over."""

FEW = 20_000
"""Facts that are told sooner than a process of its own has started."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how much of how much is done."""

Share = Mapping[str, Any]


class RebuildRunningError(Exception):
    """Another process is rebuilding the kept projections; wait until it is done, or end it."""


@dataclass(frozen=True, slots=True)
class Remade:
    """What a rebuild came to."""

    position: int
    locations: int
    irregular: int


def remake(
    store: Store,
    catalogues: Mapping[int, Catalogue],
    *,
    workers: int | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> Remade:
    """Fill new tables from the facts while the old ones answer and go on, then let the new ones take their place.

    Killed at any moment it leaves the old tables as they are, and some that the next rebuild clears away.
    RebuildRunningError when another one is under way.
    """
    with store.connections.take(own=True) as connection:
        connection.execute(_WRITE["settings"])
        (won,) = connection.execute(_SQL["try_rebuild"]).fetchone() or (False,)
        if not won:
            raise RebuildRunningError("Another process is rebuilding the kept projections; wait until it is done.")
        # Workers of a rebuild that was killed would fill the tables of this one.
        connection.execute(_SQL["wait_for_workers"])
        connection.execute(_SQL["clear"])
        connection.execute(_SQL["tables"])
        connection.execute(_SQL["let_workers_in"])
        connection.execute(_WRITE["path_next"])
        epoch = store.connections.boundary.epoch()
        upto = store.sequence()
        shares = list(_shares(connection, upto))
        if upto <= FEW:
            worker = Worker(connection, catalogues)
            for share in shares:
                worker.do(share)
        else:
            (tables,) = connection.execute(_SQL["tables_beside"]).fetchone() or (None,)
            begun = {
                "database": store.connections.conninfo,
                "keys": store.connections.boundary.keys,
                "tables": tables,
            }
            _spread(begun, shares, workers or os.cpu_count() or 1, progress)
        _finish(connection, upto, made_in(made_with(catalogues), epoch))
        _index(store.connections.conninfo, workers or os.cpu_count() or 1, progress)
        return _put_in_place(store, connection, Projector(store, catalogues), progress)


def _shares(connection: LedgerConnection, upto: int) -> Iterator[Share]:
    """Locations, the largest first so that nobody waits for one at the end; then ranges of positions."""
    for location, _ in connection.execute(_SQL["stream_sizes"]).fetchall():
        yield {"location": location, "upto": upto}
    for after in range(0, upto, RANGE):
        yield {"after": after, "upto": min(upto, after + RANGE)}


def _spread(begun: Share, shares: Sequence[Share], workers: int, progress: Progress) -> None:
    """Give the shares to processes, one at a time each. StoreError when one of them fails."""
    left = deque(shares)
    failed: list[str] = []
    done = 0
    lock = threading.Lock()

    def lead() -> None:
        nonlocal done
        with _worker(begun) as process:
            while not failed:
                with lock:
                    if not left:
                        return
                    share = left.popleft()
                if not _told(process, share):
                    failed.append(_why(process))
                    return
                with lock:
                    done += 1
                    progress("reading facts", done, len(shares))

    leaders = [threading.Thread(target=lead, name="rebuild", daemon=True) for _ in range(workers)]
    for leader in leaders:
        leader.start()
    try:
        for leader in leaders:
            leader.join()
    except BaseException:
        failed.append("interrupted")
        raise
    if failed:
        raise StoreError(f"A worker of the rebuild gave up: {failed[0]}. What answers is as it was; start it again.")


@contextmanager
def _worker(begun: Share) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "infrastructure.kept.worker"]
    with subprocess.Popen(  # noqa: S603 - our own module, by its name
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(begun) + "\n")
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _told(process: "subprocess.Popen[str]", share: Share) -> bool:
    """Give a worker a share and wait for it; whether it did it."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(share) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return False
    return bool(process.stdout.readline())


def _why(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    lines = process.stderr.read().strip().splitlines()
    return lines[-1] if lines else f"it ended with {process.wait()}"


def _finish(connection: LedgerConnection, upto: int, made: str) -> None:
    """What is told from everything together; then the tables stand at their position."""
    rows = Rows()
    for page in pages_of_stream(connection, TERMS, upto):
        for entry in page:
            placeless(connection, rows, [entry], upto)
    with connection.transaction():
        connection.execute(_SQL["nowhere"])
        rows.write(connection)
        connection.execute(_SQL["spans"], {"bits": BLOCK_BITS + DEPTH_BITS})
        LogKeeper().finish(connection)
        connection.execute(_SQL["begin"], {"position": upto, "made_with": made})


def _index(database: str, workers: int, progress: Progress) -> None:
    """Make the indexes, those of the largest tables first, several at a time on different tables."""
    with psycopg.connect(database, autocommit=True) as connection:
        wanted = deque(connection.execute(_SQL["indexes"]).fetchall())
    total, lock = len(wanted), threading.Lock()
    busy: set[str] = set()
    failed: list[psycopg.Error] = []
    free = threading.Condition(lock)

    def take() -> tuple[str, str] | None:
        with free:
            while wanted:
                for place, (name, statement) in enumerate(wanted):
                    table = name.partition(".")[0]
                    if table not in busy:
                        del wanted[place]
                        busy.add(table)
                        return table, statement
                free.wait()
            return None

    def make() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(_WRITE["settings"])
            connection.execute(_SQL["index_settings"])
            while not failed and (found := take()) is not None:
                table, statement = found
                try:
                    connection.execute(statement.encode())
                except psycopg.Error as error:
                    failed.append(error)
                with free:
                    busy.discard(table)
                    progress("making indexes", total - len(wanted), total)
                    free.notify_all()

    makers = [threading.Thread(target=make, name="index", daemon=True) for _ in range(workers)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    if failed:
        raise failed[0]


def _put_in_place(store: Store, connection: LedgerConnection, projector: Projector, progress: Progress) -> Remade:
    """Bring the new tables to where the others are, and let both change places when they stand alike."""
    connection.execute(_SQL["analyze"])
    progress("catching up", 0, 1)
    projector.step_on(connection, store.sequence())
    with store.connections.take(own=True) as own:
        own.execute(_WRITE["settings"])
        with alone(own, wait=True):
            position = projector.step_on(connection, store.sequence())
            with connection.transaction():
                connection.execute(_SQL["drop_old"])
                connection.execute(_SQL["swap"])
        progress("catching up", 1, 1)
    connection.execute(_SQL["drop_old"])
    connection.execute(_WRITE["path_kept"])
    found = connection.execute(_SQL["counted"]).fetchone() or (0, 0)
    return Remade(position, *found)
