"""What was read of a stream is kept at hand: a decision reads only what came since."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domain.entries import Entry, Quarantined
from infrastructure.mapper import entry_of
from infrastructure.store import Store

STREAMS = 256
"""Streams kept at hand; the one used longest ago goes first."""


@dataclass
class _Stream:
    lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = 0
    entries: list[Entry | Quarantined] = field(default_factory=list)


class Shelf:
    """Committed entries of versioned streams, for decisions alone: answers are read from settled positions."""

    def __init__(self, store: Store, *, streams: int = STREAMS) -> None:
        self._store = store
        self._size = streams
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._lock = threading.Lock()

    def committed(self, stream: str) -> tuple[Sequence[Entry | Quarantined], int]:
        """Everything committed in a stream up to now, in order of version, without positions; and the last version."""
        kept = self._kept(stream)
        with kept.lock:
            for row in self._store.read_stream(stream, after_version=kept.version, settled=False):
                found = entry_of(row)
                kept.entries.append(replace(found, position=None))
                assert row.version is not None
                kept.version = row.version
            return list(kept.entries), kept.version

    def _kept(self, stream: str) -> _Stream:
        with self._lock:
            kept = self._streams.setdefault(stream, _Stream())
            self._streams.move_to_end(stream)
            while len(self._streams) > self._size:
                self._streams.popitem(last=False)
            return kept
