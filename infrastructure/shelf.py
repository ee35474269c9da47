"""What was read of a stream is kept at hand, and so is its fold: a decision reads and folds only what came since."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.entries import Entry, Quarantined
from domain.ledger import Ledger
from domain.present import Present, present
from infrastructure.mapper import read_rows
from infrastructure.store import Row, Store
from infrastructure.store.looking import AT_ONCE, Look

STREAMS = 256
"""Streams kept at hand; the one used longest ago goes first."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A stream as it was read for a decision: in order of version, without positions."""

    entries: Sequence[Entry] = ()
    quarantined: Sequence[Quarantined] = ()
    version: int = 0
    """The last one; what is appended goes on exactly there."""

    last: datetime | None = None
    """When the last row was recorded, readable or not; the next one is never recorded earlier (facts.md, section 1)."""

    head: UUID | None = None
    """The fact of the last row."""


@dataclass
class _Stream:
    lock: threading.Lock = field(default_factory=threading.Lock)
    read: Committed = field(default_factory=Committed)
    folded: tuple[int, Present] | None = None
    """The version of the terms that went in, and the fold of both."""


class Shelf:
    """Committed entries of versioned streams, for decisions alone: answers are read from settled positions."""

    def __init__(self, store: Store, *, streams: int = STREAMS) -> None:
        self._store = store
        self._size = streams
        self._epoch = 0
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, streams: Iterable[str], command: UUID) -> tuple[Mapping[str, Committed], Look]:
        """Everything committed in some streams up to now, with the clock and what a command has done, in one look.

        Nothing of what was erased until then is in it.
        """
        wanted = tuple(streams)
        while True:
            found = self._looked(wanted, command)
            if found[1].epoch == self._epoch:
                return found
            self.clear()
            self._epoch = found[1].epoch

    def _looked(self, streams: Sequence[str], command: UUID) -> tuple[Mapping[str, Committed], Look]:
        kept = {stream: self._kept(stream) for stream in streams}
        for stream, one in kept.items():
            if not one.read.version:
                self.committed(stream)
        known = {stream: one.read for stream, one in kept.items()}
        # The last row that is known comes along once more, to show that it is still there.
        look = self._store.look({stream: max(one.version - 1, 0) for stream, one in known.items()}, command)
        read = {}
        for stream, rows in look.news.items():
            if not _goes_on(known[stream], rows):
                self._forget(stream, kept[stream])
                read[stream] = self.committed(stream)
            else:
                read[stream] = self._add(kept[stream], rows) if len(rows) < AT_ONCE else self.committed(stream)
        return read, look

    def committed(self, stream: str) -> Committed:
        """Everything committed in a stream up to now."""
        kept = self._kept(stream)
        rows = list(self._store.read_stream(stream, after_version=kept.read.version, settled=False))
        return self._add(kept, rows)

    def _add(self, kept: "_Stream", rows: Sequence[Row]) -> Committed:
        """Put what was read onto what is there; another thread may have put some of it there meanwhile."""
        if not rows:
            return kept.read
        with kept.lock:
            known = kept.read
            new = [row for row in rows if (row.version or 0) > known.version or not known.version]
            if new:
                entries, quarantined = read_rows(new)
                kept.read = Committed(
                    (*known.entries, *(Entry(entry.fact, entry.stamp) for entry in entries)),
                    (*known.quarantined, *(replace(row, position=None) for row in quarantined)),
                    max(row.version or 0 for row in new),
                    new[-1].recorded_at,
                    new[-1].fact,
                )
            return kept.read

    def present(self, stream: str, terms: int, ledger: Ledger, at: datetime) -> Present:
        """The ledger of a stream at (at, at), folded; `terms` is the version of the terms that come first in it."""
        kept = self._kept(stream)
        before = kept.folded
        found = present(ledger, at, before[1] if before is not None and before[0] == terms else None)
        kept.folded = (terms, found)
        return found

    def clear(self) -> None:
        """Put everything away: what was read shows somebody who is erased by now."""
        with self._lock:
            self._streams.clear()

    def _forget(self, stream: str, kept: _Stream) -> None:
        """Put a stream away that is not the database's any more: it has lost commits, or is another one now."""
        with self._lock:
            if self._streams.get(stream) is kept:
                del self._streams[stream]

    def _kept(self, stream: str) -> _Stream:
        with self._lock:
            kept = self._streams.setdefault(stream, _Stream())
            self._streams.move_to_end(stream)
            while len(self._streams) > self._size:
                self._streams.popitem(last=False)
            return kept


def _goes_on(known: Committed, rows: Sequence[Row]) -> bool:
    """Whether rows read from the last known version on begin with that very row."""
    return not known.version or (bool(rows) and (rows[0].version, rows[0].fact) == (known.version, known.head))
