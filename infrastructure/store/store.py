"""The store as the rest of the program sees it: appending, importing, ordering, retiring and reading over one pool."""

from types import TracebackType
from typing import Self

from infrastructure.store.boundary import UNSEALED, Boundary
from infrastructure.store.connections import Connections
from infrastructure.store.gathering import Gathering
from infrastructure.store.importing import Importing
from infrastructure.store.looking import Looking
from infrastructure.store.reading import Reading
from infrastructure.store.retiring import Retiring


class Store(Gathering, Importing, Retiring, Looking, Reading):
    """One migrated database; safe to share between threads. Close it when done, or use it as a context manager."""

    def __init__(
        self, conninfo: str, *, connections: int = 10, patience: float = 10.0, sealing: Boundary = UNSEALED
    ) -> None:
        """Open at most `connections` connections; wait at most `patience` seconds for a database that is away.

        `sealing` seals and opens personal fields; a ledger is never without (`open_ledger`). It is closed with this.
        """
        pool = Connections(conninfo, at_most=connections, patience=patience, boundary=sealing)
        Gathering.__init__(self, pool)

    def close(self) -> None:
        """Give the connections back; the store cannot be used any more."""
        self.connections.close()
        self.connections.boundary.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
