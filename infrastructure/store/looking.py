"""Looks at what a command is decided on, in one round trip: a decision waits for the database twice, not five times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infrastructure.postgres.statements import statements
from infrastructure.store.boundary import make_rows
from infrastructure.store.connections import Connections
from infrastructure.store.rows import Row

_LOOK = statements("decide")["look"]
AT_ONCE = 500
"""Rows of one stream that come at most; who gets as many reads on."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is committed at one moment."""

    now: datetime
    """The clock of the database, then."""

    epoch: int
    """The last destruction of keys by then: nothing that was erased until it is in what came."""

    news: Mapping[str, Sequence[Row]]
    """What came in each stream after the version asked for, without positions; at most AT_ONCE rows of each."""

    of_command: Sequence[Row]
    """What the command has brought about already, in the order in which it was stored."""


class Looking:
    """The side of the store for decisions."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def look(self, after: Mapping[str, int], command: UUID) -> Look:
        """Return what came in streams after a version of each, what a command has done, and the clock."""
        epoch = self.connections.boundary.epoch()
        found = self.connections.read(
            _LOOK,
            {"streams": list(after), "versions": list(after.values()), "command": command, "batch": AT_ONCE},
        )
        news: dict[str, list[Row]] = {stream: [] for stream in after}
        of_command: list[Row] = []
        records = [record for record in found if record[1] is not None]
        rows = make_rows([record[2:] for record in records], self.connections.boundary)
        for (_, of_stream, *_), row in zip(records, rows, strict=True):
            (news[row.stream] if of_stream else of_command).append(row)
        of_command.sort(key=lambda row: row.entry)
        return Look(found[0][0], epoch, news, of_command)
