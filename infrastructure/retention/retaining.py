"""Retires what is due, and drops what was retired when asked to: nothing before its term, nothing that is held."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from domain.evidence.leaves import fact_leaf
from domain.evidence.trees import Frontier, leaf_hash
from domain.instants import write_instant
from domain.retention import CLASSES, TYPES
from infrastructure.evidence.events import tell
from infrastructure.kept import log_keys as keys
from infrastructure.kept.projector import Projector
from infrastructure.postgres.statements import statements
from infrastructure.retention.planning import DueYear, plan
from infrastructure.retention.rules import Rules
from infrastructure.store import LedgerUnavailable, NotSettled, Retirement, Store, StoreError
from infrastructure.store.states import State

_SQL = statements("retention")
COPIED = 5_000
"""Rows that one transaction copies: everybody's final positions wait for it, for a tenth of a second."""

UNLISTED = 20_000
"""Positions whose lines one transaction takes off the lists."""

_REFUSED = "LD008"
_BETWEEN_TRIES = 1.0
_AGAIN = (State.LOCK_NOT_AVAILABLE, State.DEADLOCK)

Progress = Callable[[str], None]


class RetentionRunningError(StoreError):
    """Another process is retiring; wait until it is done."""


class NotRetiredError(StoreError):
    """What was to be retired or dropped stays as it is, and why."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A retired table that is gone: its name, how many rows it had, and the root over their leaves."""

    table: str
    facts: int
    root: bytes


class Retaining:
    """Retention over one ledger. Killed at any moment it leaves nothing half done; what was begun is begun anew."""

    def __init__(self, store: Store, projector: Projector) -> None:
        self._store = store
        self._projector = projector
        self.rules = Rules(store)

    def due(self) -> list[DueYear]:
        """What a run would retire now, and what stays though its term is over."""
        with self._connected() as connection:
            return list(plan(connection, self.rules.months(), self._store.now()))

    def run(self, *, patience: float = 60.0, progress: Progress = lambda _said: None) -> list[Retirement]:
        """Retire what is due; what was retired, oldest first.

        Raises RetentionRunningError; NotSettled when rows have no final position yet; LedgerUnavailable when others
        were at work all the time. What was retired until then stays so.
        """
        retired: list[Retirement] = []
        with self._connected() as connection, _alone(connection):
            # What is kept says which observations are named by facts that decide.
            self._projector.bring_forward(wait=True)
            for due in plan(connection, self.rules.months(), self._store.now()):
                if due.facts:
                    progress(f"retiring {due.facts:,} observations of {due.year}")
                    retired += self._retire(connection, due, patience)
            self._unlist(connection)
        return retired

    def restore(self, year: int, *, patience: float = 60.0) -> None:
        """Take back what was retired of a year in part. StoreError when nothing was, or when it is dropped."""
        with self._connected() as connection, _alone(connection):
            if _places(connection, year)[1] is None:
                raise NotRetiredError(f"Nothing of {year} is retired.")
            self._divide(connection, year, [], patience)

    def drop(self, *, patience: float = 60.0) -> Iterator[Dropped | NotRetiredError]:
        """Drop what is retired, table by table, for good; for a table that may not be, why.

        Each is told in the head log before it goes, with the root over the leaves of its rows.
        """
        with self._connected() as connection, _alone(connection):
            ((covered,),) = connection.execute(_SQL["signed_upto"]).fetchall()
            for table, year in connection.execute(_SQL["retired_tables"]).fetchall():
                try:
                    yield self._drop(connection, table, year, covered, patience)
                except NotRetiredError as error:
                    yield error

    def _retire(self, connection: psycopg.Connection[Any], due: DueYear, patience: float) -> list[Retirement]:
        attached, retired = _places(connection, due.year)
        if attached is None and retired != f"observations_{due.year}":
            connection.execute(_SQL["make_year"], {"year": due.year})
            attached, retired = _places(connection, due.year)
        if due.whole and (retired is None or attached is None):
            found = _patiently(connection, "retire_year", {"year": due.year}, patience)
        elif attached is None:
            # The rows came after the rest of their year had gone, and lie with those of other years: they wait for it.
            return []
        else:
            found = self._divide(connection, due.year, None if due.types is None else list(due.types), patience)
        if found is None:
            return []
        made = Retirement(*found)
        said = {
            "step": "retired",
            "table": made.partition,
            "starts": write_instant(made.starts),
            "ends": write_instant(made.ends),
            "types": None if due.types is None else list(due.types),
            "facts": made.facts,
            "first_position": made.first_position,
            "last_position": made.last_position,
        }
        tell(self._store, "retirement", said)
        return [made]

    def _divide(
        self, connection: psycopg.Connection[Any], year: int, due: list[str] | None, patience: float
    ) -> tuple[Any, ...] | None:
        """Copy the rows of a year into what stays and what goes, and put these in its place."""
        end = time.monotonic() + patience
        while True:
            connection.execute(_SQL["begin_division"], {"year": year})
            ((named,),) = connection.execute(_SQL["named"], {"year": year}).fetchall()
            for source in filter(None, _places(connection, year)):
                after: int | None = 0
                while after is not None:
                    asked = {"year": year, "source": source, "after": after, "batch": COPIED, "due": due}
                    ((after,),) = connection.execute(_SQL["divide_some"], {**asked, "named": named}).fetchall()
            try:
                return _patiently(connection, "end_division", {"year": year, "due": due}, patience)
            except NotRetiredError:
                # Something came for that year meanwhile; from the start.
                if time.monotonic() > end:
                    raise

    def _unlist(self, connection: psycopg.Connection[Any]) -> None:
        """Take what is retired off the lists of the log, also what a run before this one did not come to."""
        kinds = list(keys.kinds_of(kind for name in CLASSES for kind in TYPES[name]))
        for retirement, first, last in connection.execute(_SQL["to_unlist"]).fetchall():
            for start in range(first, last + 1, UNLISTED):
                upto = min(last + 1, start + UNLISTED)
                asked = {"kinds": kinds, "first": keys.place_of(start), "end": keys.place_of(upto)}
                with connection.transaction():
                    connection.execute(_SQL["let_nobody_bring_forward"])
                    connection.execute(_SQL["unlist"], asked)
            connection.execute(_SQL["unlisted"], {"retirement": retirement})

    def _drop(
        self, connection: psycopg.Connection[Any], table: str, year: int, covered: int, patience: float
    ) -> Dropped:
        facts, first, last, root = _over(connection, year)
        if last > covered:
            raise NotRetiredError(
                f"{table} is not dropped: no signed checkpoint covers its last fact, at position {last}. "
                "Start the signer, and publish first."
            )
        while _asked(connection, "note_dropped", {"part": table, "batch": COPIED}):
            pass
        said = {"step": "dropped", "table": table, "facts": facts, "first_position": first, "last_position": last}
        tell(self._store, "retirement", {**said, "root": root.hex()})
        _patiently(connection, "drop_retired", {"part": table, "covered": covered}, patience)
        return Dropped(table, facts, root)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        # What is retired must have its positions: nobody gives them any later.
        self._store.sequence()
        with self._store.connections.take(own=True) as connection:
            connection.execute(_SQL["settings"])
            yield connection


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    if not _asked(connection, "alone", {}):
        raise RetentionRunningError("Another process is retiring observations; wait until it is done.")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(_SQL["leave"])


def _asked(connection: psycopg.Connection[Any], name: str, asked: Mapping[str, Any]) -> Any:
    return connection.execute(_SQL[name], asked).fetchall()[0][0]


def _places(connection: psycopg.Connection[Any], year: int) -> tuple[str | None, str | None]:
    ((attached, retired),) = connection.execute(_SQL["places"], {"year": year}).fetchall()
    return attached, retired


def _over(connection: psycopg.Connection[Any], year: int) -> tuple[int, int, int, bytes]:
    """How many retired rows of a year there are, their first and last position, and the root over their leaves."""
    tree, first, last = Frontier(), 0, 0
    with connection.transaction(), connection.cursor("dropping", binary=True) as cursor:
        cursor.itersize = COPIED
        for position, body, personal in cursor.execute(_SQL["dropped_rows"], {"year": year}):
            tree.add(leaf_hash(fact_leaf(body, personal, position, decides=False).written()))
            first, last = first or position, position
    return tree.size, first, last, tree.root()


def _patiently(
    connection: psycopg.Connection[Any], name: str, asked: Mapping[str, Any], patience: float
) -> tuple[Any, ...] | None:
    """One short step that gives way to others, tried again for so long."""
    end = time.monotonic() + patience
    while True:
        try:
            return connection.execute(_SQL[name], asked).fetchone()
        except psycopg.Error as error:
            if error.sqlstate == State.NOT_SETTLED:
                raise NotSettled(
                    f"{error.diag.message_primary} An open transaction holds them back: end it, then retire them."
                ) from error
            if error.sqlstate == _REFUSED:
                raise NotRetiredError(f"{error.diag.message_primary}") from error
            if error.sqlstate not in _AGAIN:
                raise
            if time.monotonic() + _BETWEEN_TRIES > end:
                raise LedgerUnavailable(
                    "Others read or import without a pause. Nothing was changed by this try; try again later."
                ) from error
            time.sleep(_BETWEEN_TRIES)
