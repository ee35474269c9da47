"""The end of an import: everything that is staged becomes entries in one transaction, as short as it can be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections, Tries, connection_lost
from infrastructure.store.errors import FactExists, LedgerUnavailable, OutcomeUnknown, OutOfOrder, StoreError
from infrastructure.store.states import State

_SQL = statements("import")
_RENEW = statements("append")["renew_generation"]
# An append came in between: a unique index was broken, or the two waited for each other.
_CROSSED = (State.UNIQUE_VIOLATION, State.DEADLOCK)
_STEP = 10_000
"""Lines stored by one statement: enough to be quick, few enough to be sorted in memory and told of."""


class Storing:
    """Stores what one import has staged, `expected` rows."""

    def __init__(
        self, connections: Connections, connection: psycopg.Connection[Any], of_import: int, expected: int
    ) -> None:
        self._connections = connections
        self._connection = connection
        self._import = of_import
        self._expected = expected

    def run(self, told: Callable[[int], None]) -> int:
        """Store all or nothing and return how many rows that were, also if it was done before; see ImportSession."""
        tries = Tries(self._connections.patience)
        unknown = careful = False
        while True:
            try:
                with self._again() if unknown else _borrowed(self._connection) as connection:
                    return self._store(connection, told, careful=careful)
            except psycopg.Error as error:
                if connection_lost(error):
                    unknown = True
                elif error.sqlstate == State.NO_GENERATION:
                    self._connections.read(_RENEW)
                    continue
                elif error.sqlstate in _CROSSED and not careful:
                    self._refuse_ids_in_use(error)
                    careful = True
                    continue
                else:
                    self._refuse_ids_in_use(error)
                    raise _refusal(error) from error
                if not tries.another():
                    raise OutcomeUnknown(
                        f"The connection was lost while import {self._import} was being stored. Import the file again: "
                        "what is stored already is left out then."
                    ) from error

    def _store(self, connection: psycopg.Connection[Any], told: Callable[[int], None], *, careful: bool) -> int:
        ((years,),) = connection.execute(_SQL["note_streams"], {"import": self._import}).fetchall()
        if years:
            connection.execute(_SQL["make_partitions"], (years,))
        with connection.transaction():
            ((before, generation, first, last),) = connection.execute(
                _SQL["begin_storing"], (self._import, careful)
            ).fetchall()
            if before is not None:
                return int(before)
            stored = 0
            for line in range(first or 0, (last or -1) + 1, _STEP):
                ((some,),) = connection.execute(
                    _SQL["store_lines"], (self._import, generation, line, line + _STEP - 1)
                ).fetchall()
                stored += some
                told(stored)
            connection.execute(_SQL["end_storing"], (self._import, generation, stored, self._expected))
            told(stored)
        return stored

    def _refuse_ids_in_use(self, error: psycopg.Error) -> None:
        """Tell a fact id that is in use, which no second attempt can mend, from an append that came in between."""
        if error.sqlstate == State.UNIQUE_VIOLATION:
            found = self._connections.read(_SQL["in_use"], {"import": self._import})
            if found:
                raise FactExists(fact for (fact,) in found) from error

    @contextmanager
    def _again(self) -> Iterator[psycopg.Connection[Any]]:
        with self._connections.take(own=True) as connection:
            connection.execute(_SQL["settings"])
            yield connection


@contextmanager
def _borrowed(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    yield connection


def _refusal(error: psycopg.Error) -> Exception:
    match error.sqlstate:
        case State.OUT_OF_ORDER:
            return OutOfOrder(error.diag.message_detail or "")
        case State.STAGED_ROWS_LOST:
            return StoreError("The database restarted and has lost staged rows. Nothing is stored; import again.")
        case State.LOCK_NOT_AVAILABLE:
            return LedgerUnavailable("Other imports kept these streams locked. Nothing is stored; import again.")
        case _:
            return error
