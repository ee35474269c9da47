"""Pages of the feed: the facts after a position in their final order, as far as a credential may follow them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.entries import TERMS, Entry, Quarantined
from domain.facts import Correction, Fact
from domain.facts.reading import WITHOUT_LOCATION
from infrastructure.door.caller import Places
from infrastructure.door.whereabouts import Whereabouts
from infrastructure.mapper import entry_of
from infrastructure.store import Row, Store

LOOKED_THROUGH = 20_000
"""Positions that one page looks through at most, when little of it may be shown."""

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some facts, and where to go on: beyond what was looked at and may not be shown, too."""

    entries: Sequence[Entry | Quarantined]
    next: int
    position: int
    """The last position of the ledger when the page was read."""

    @property
    def is_last(self) -> bool:
        """Whether there was nothing after it."""
        return self.next >= self.position


class FeedPages:
    """Reads the feed; safe to share between threads."""

    def __init__(self, store: Store, whereabouts: Whereabouts) -> None:
        self._store = store
        self._whereabouts = whereabouts

    def page(self, places: Places, after: int, limit: int) -> FeedPage:
        """The first facts after a position, at most `limit`. Reading again from `next` misses nothing."""
        last = self._store.last_position()
        upto = min(last, after + LOOKED_THROUGH)
        found: list[Entry | Quarantined] = []
        if after >= last:
            return FeedPage(found, after, last)
        batch = min(limit, _BATCH) if places.everywhere else _BATCH
        for row in self._store.read_all(after, upto, batch):
            if self._may_follow(places, row):
                found.append(entry_of(row))
                if len(found) == limit:
                    return FeedPage(found, row.position or after, last)
        return FeedPage(found, upto, last)

    def _may_follow(self, places: Places, row: Row) -> bool:
        """Facts of the credential's locations, and what holds for all; what belongs to accounts only everywhere."""
        if places.everywhere:
            return True
        if row.location is not None:
            return self._whereabouts.covers(places, row.location)
        return row.stream == TERMS and (row.type in WITHOUT_LOCATION or self._is_about_terms(row))

    def _is_about_terms(self, row: Row) -> bool:
        """Whether a correction of no location is about what holds for all, and not about an account."""
        entry = entry_of(row)
        fact: Fact | None = entry.fact if isinstance(entry, Entry) else None
        while fact is not None and isinstance(fact.data, Correction):
            carried = fact.data.fact
            if carried is None and fact.data.corrects is not None:
                # A fact taken out and nothing put in its place: what it was tells what this is about.
                rows = self._store.find([UUID(fact.data.corrects)])
                return any(found.type in WITHOUT_LOCATION for found in rows)
            fact = carried
        return fact is not None and fact.type in WITHOUT_LOCATION
