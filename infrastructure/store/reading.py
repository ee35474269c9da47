"""Reads rows in their final order, page by page, so that memory stays constant however much there is."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from infrastructure.postgres.statements import statements
from infrastructure.store.boundary import make_rows
from infrastructure.store.connections import Connections
from infrastructure.store.rows import Row

_SQL = statements("read")
_STORED = statements("append")["stored"]
_PAGE = 2_000
_FEW = 10
_FROM_THE_START: Mapping[str, Any] = MappingProxyType({"generation": 0, "xid": "0", "entry": 0})
_SETTINGS = {"page_of_stream": _SQL["in_order"], "page_of_committed": _SQL["in_order"]}
_BELOW_ALL = -1
_ABOVE_ALL = 2**63 - 1


class Reading:
    """The reading side of the store. All methods raise LedgerUnavailable when the database does not answer in time."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def last_position(self) -> int:
        """Return the last position given, 0 if none is."""
        return int(self.connections.read(_SQL["last_position"])[0][0])

    def read_all(
        self,
        after_position: int = 0,
        upto_position: int | None = None,
        batch: int = _PAGE,
        *,
        types: Sequence[str] | None = None,
        location: str | None = None,
    ) -> Iterator[Row]:
        """Iterate over the settled rows after one position up to another, by default up to the last one given now."""
        upto = self.last_position() if upto_position is None else upto_position
        fixed = {"upto": upto, "types": None if types is None else list(types), "location": location}
        if types is not None or location is not None:
            name = "page_of_some"
        else:
            name = "page_of_all" if upto - after_position > _FEW else "page_of_few"
        return self._pages(
            name,
            {**fixed, "batch": min(batch, _PAGE), "after": after_position},
            lambda last: {"after": last.position},
            upto if name == "page_of_all" else None,
        )

    def read_stream(
        self, stream: str, *, after_version: int = 0, upto_position: int | None = None, settled: bool = True
    ) -> Iterator[Row]:
        """Iterate over the rows of a stream in their final order.

        `after_version` above 0 leaves out earlier versions, and unversioned rows. With `settled=False` all committed
        rows come, those without a position yet as well: what a decision needs.
        """
        fixed: dict[str, Any] = {"stream": stream, "batch": _PAGE}
        if settled:
            fixed["upto"] = self.last_position() if upto_position is None else upto_position
        if after_version > 0:
            return self._pages(
                "page_of_versions" if settled else "page_of_committed_versions",
                {**fixed, "version": after_version},
                lambda last: {"version": last.version},
            )
        return self._pages("page_of_stream" if settled else "page_of_committed", {**fixed, **_FROM_THE_START}, _place)

    def read_placeless(self, upto_position: int | None = None) -> Iterator[Row]:
        """Iterate over the settled rows that belong to no location, in their final order."""
        upto = self.last_position() if upto_position is None else upto_position
        return self._pages("page_of_placeless", {"batch": _PAGE, "upto": upto, **_FROM_THE_START}, _place)

    def read_streams(self, streams: Iterable[str], upto_position: int | None = None) -> Iterator[Row]:
        """Iterate over the settled rows of several streams together, in order of position."""
        upto = self.last_position() if upto_position is None else upto_position
        return heapq.merge(
            *(self.read_stream(stream, upto_position=upto) for stream in dict.fromkeys(streams)),
            key=attrgetter("position"),
        )

    def read_versions(
        self,
        stream: str,
        *,
        above: int | None = None,
        upto: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
    ) -> list[Row]:
        """Return the committed versions of a stream above one up to another, at most `limit`, from the end if asked."""
        return self._rows(
            _SQL["versions_backwards" if backwards else "versions_forwards"],
            {
                "stream": stream,
                "above": _BELOW_ALL if above is None else above,
                "upto": _ABOVE_ALL if upto is None else upto,
                "limit": limit,
            },
        )

    def find(self, facts: Iterable[UUID]) -> list[Row]:
        """Return the rows with these fact ids, and the rows that carry them inside, settled or not."""
        return self._rows(_STORED, (list(facts),))

    def find_command(self, command: UUID) -> list[Row]:
        """Return the rows that a command brought about, settled or not."""
        return self._rows(_SQL["command"], (command,))

    def head(self, stream: str) -> tuple[int, datetime] | None:
        """Return the last version of a stream and when it was recorded, settled or not; None if it has none."""
        found = self.connections.read(_SQL["head"], (stream,))
        return found[0] if found else None

    def locations(self) -> list[str]:
        """Return all locations of which something was decided, sorted by their bytes or as the database sorts text."""
        return [location for (location,) in self.connections.read(_SQL["locations"])]

    def now(self) -> datetime:
        """Return the clock of the database."""
        now: datetime = self.connections.read(_SQL["now"])[0][0]
        return now

    def _pages(
        self, name: str, first: dict[str, Any], after: Callable[[Row], dict[str, Any]], upto: int | None = None
    ) -> Iterator[Row]:
        """Iterate over pages until one is not full; or, up to a position, until it is reached or nothing more comes."""
        parameters = first
        while True:
            # Planned for these values: a plan for any stream joins a large one with all ten million positions.
            page = self._rows(_SQL[name], parameters, prepare=False, settings=_SETTINGS.get(name))
            yield from page
            if not page or (len(page) < first["batch"] if upto is None else page[-1].position == upto):
                return
            parameters = {**first, **after(page[-1])}

    def _rows(
        self,
        statement: bytes,
        parameters: Sequence[Any] | dict[str, Any],
        *,
        prepare: bool | None = None,
        settings: bytes | None = None,
    ) -> list[Row]:
        found = self.connections.read(statement, parameters, prepare=prepare, settings=settings)
        return make_rows(found, self.connections.boundary)


def _place(last: Row) -> dict[str, Any]:
    """Where a row stands in the final order."""
    return {"generation": last.generation, "xid": str(last.xid), "entry": last.entry}
