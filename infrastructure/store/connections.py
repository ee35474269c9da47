"""Connections to the database: bounded in number and in waiting, alike in their settings."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import RowFactory, tuple_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from infrastructure.postgres.statements import statements
from infrastructure.store.boundary import UNSEALED, Boundary
from infrastructure.store.errors import LedgerUnavailable
from infrastructure.store.states import State

_WALLS = statements("walls")
_SETTINGS = {
    "timezone": "UTC",
    "default_transaction_isolation": r"read\ committed",
    "idle_in_transaction_session_timeout": "30s",
    "statement_timeout": "60s",
}
_KEPT_ALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_ASKED_AGAIN = 1.0
"""Seconds after which a pool that has no connection to lend is asked again. Left to itself it tries to reach a database
that is away ever more seldom, up to minutes apart, and who waits for it would not notice that it is back."""

_BETWEEN_TRIES = 0.02
_BETWEEN_TRIES_AT_MOST = 0.3


def connection_text(conninfo: str, *, lock_timeout: float = 20.0) -> str:
    """Return the libpq text of `conninfo` (text or URL) with the store's settings; what it sets itself is kept."""
    given = {name: value for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    own = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    own += f" -c lock_timeout={max(1, round(lock_timeout * 1_000))}"
    options = f"{own} {given.pop('options', '')}".strip()
    return make_conninfo("", **{"application_name": "accessledger", **_KEPT_ALIVE, **given, "options": options})


def connection_lost(error: psycopg.Error) -> bool:
    """Tell whether the error is about the way to the server, not about the statement: it may be tried again."""
    if not isinstance(error, psycopg.OperationalError) or isinstance(error, PoolClosed):
        return False
    state = error.sqlstate
    return state is None or state.startswith(("08", "57P")) or state == State.TOO_MANY_CONNECTIONS


class LedgerConnection(psycopg.Connection[Any]):
    """A connection that knows how the personal fields behind it are sealed."""

    boundary: Boundary = UNSEALED


def connect_to(conninfo: str, boundary: Boundary) -> LedgerConnection:
    """A connection of one's own, autocommitting; psycopg.Error when it is not to be had."""
    connection = LedgerConnection.connect(conninfo, autocommit=True)
    connection.boundary = boundary
    return connection


class Connections:
    """A pool of autocommit connections; safe to share between threads. Close it when done."""

    def __init__(
        self, conninfo: str, *, at_most: int = 10, patience: float = 10.0, boundary: Boundary = UNSEALED
    ) -> None:
        """Open at most `at_most` connections; what comes through them is sealed and opened at the `boundary`."""
        # Nobody waits for a lock for longer than for a database that is away.
        self.conninfo = connection_text(conninfo, lock_timeout=patience)
        self.patience = patience
        self.boundary = boundary
        self._pool = ConnectionPool(
            self.conninfo,
            connection_class=LedgerConnection,
            configure=self._configure,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=at_most,
            open=True,
            name="accessledger",
            # It gives up early, and whoever asks next makes it try again at once.
            reconnect_timeout=_ASKED_AGAIN / 2,
        )

    def close(self) -> None:
        """Give all connections back to the server."""
        self._pool.close()

    @contextmanager
    def take(self, *, own: bool = False, patience: float | None = None) -> Iterator[LedgerConnection]:
        """Lend a connection: from the pool, or a new one of one's `own`, which does not meet the pool's stale ones."""
        if own:
            with connect_to(self.conninfo, self.boundary) as connection:
                yield connection
        else:
            connection = self._lent(self.patience if patience is None else patience)
            try:
                with connection:
                    yield connection
            finally:
                self._pool.putconn(connection)

    def _configure(self, connection: LedgerConnection) -> None:
        connection.boundary = self.boundary

    def _lent(self, patience: float) -> LedgerConnection:
        """A connection of the pool; PoolTimeout when there is none for so long."""
        end = time.monotonic() + patience
        while True:
            left = max(end - time.monotonic(), _BETWEEN_TRIES)
            try:
                return self._pool.getconn(timeout=min(left, _ASKED_AGAIN))
            except PoolTimeout:
                if left <= _ASKED_AGAIN:
                    raise

    def read(
        self,
        statement: bytes,
        parameters: Sequence[Any] | dict[str, Any] = (),
        rows: RowFactory[Any] = tuple_row,
        *,
        prepare: bool | None = None,
        settings: bytes | None = None,
        location: str | None = None,
    ) -> list[Any]:
        """Run one statement that may safely run twice and return its rows.

        `prepare=False` plans it for its parameters; `settings` is a statement that comes first in one transaction.
        `location` runs it as a reader of that location: where the walls stand, nothing of another one can be read.

        A lost connection is tried again until `patience` is over; then LedgerUnavailable is raised.
        """
        tries = Tries(self.patience)
        while True:
            try:
                with (
                    self.take(own=tries.again, patience=tries.left()) as connection,
                    _under(connection, settings, location),
                    connection.cursor(binary=True, row_factory=rows) as cursor,
                ):
                    return cursor.execute(statement, parameters, prepare=prepare).fetchall()
            except psycopg.OperationalError as error:
                if not connection_lost(error):
                    raise
                if not tries.another():
                    raise LedgerUnavailable(
                        f"The database did not answer for {self.patience:g} seconds: {error}".rstrip()
                        + ". Check that it runs and can be reached, then try again."
                    ) from error


@contextmanager
def _under(connection: psycopg.Connection[Any], settings: bytes | None, location: str | None) -> Iterator[None]:
    """A transaction with settings of its own, sent together with what follows; nothing where there are none."""
    if settings is None and location is None:
        yield
        return
    with connection.pipeline(), connection.transaction():
        if settings is not None:
            connection.execute(settings)
        if location is not None:
            connection.execute(_WALLS["within"], {"location": location})
        yield


class Tries:
    """Counts tries against the clock, with a pause between them that grows."""

    def __init__(self, patience: float) -> None:
        self.again = False
        self._end = time.monotonic() + patience
        self._pause = _BETWEEN_TRIES

    def left(self) -> float:
        """Return the seconds left for this try, never quite none."""
        return max(self._end - time.monotonic(), _BETWEEN_TRIES)

    def another(self) -> bool:
        """Wait before the next try and tell True, or tell at once that the time is over."""
        if time.monotonic() + self._pause >= self._end:
            return False
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, _BETWEEN_TRIES_AT_MOST)
        self.again = True
        return True
