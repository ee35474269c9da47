"""Keeps the teams of locations whole, from all their entries: for a rebuild, and to compare with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.entries import TERMS, Entry, stream_of
from domain.facts import OBSERVATIONS
from infrastructure.kept.entries import Unread, entries_at, pages_of_stream
from infrastructure.kept.kept_strand import KeptStrand
from infrastructure.kept.recalling import NOWHERE, settled
from infrastructure.kept.rows import Clerk, Rows
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import LedgerConnection
from projections.strands import Told, Weave, names_of, told

_SQL = statements("kept_write")
_ENOUGH = 5_000
"""Rows that are worth a transaction: some 5 MB."""

_AT_HAND = 4_000
"""Entries of a location that are held in memory while its strands are told; those of larger ones are read again."""

_READ_AGAIN = 2_000
"""Entries that are read again at once."""


@dataclass(frozen=True)
class Hearer:
    """Whoever else has a use for the entries of a stream while they are read."""

    entries: Callable[[Sequence[Entry]], None]
    unread: Unread


_NOBODY = Hearer(lambda _entries: None, lambda _row, _location: None)


@dataclass(frozen=True)
class Teams:
    """Prepares rows; reads only. `reader` sees the kept tables as they are before, and the ledger."""

    clerk: Clerk

    def whole(self, reader: LedgerConnection, location: str, upto: int, hearer: Hearer = _NOBODY) -> Iterator[Rows]:
        """All rows of a location, from all entries of its stream up to a position, some at a time.

        The hearer is told of everything in the stream, once and before the first rows.
        """
        weave, first, at_hand = self._woven(reader, location, upto, hearer)
        if first is None:
            return
        rows = Rows()
        rows.add("locations", location, first, weave.irregular)
        if weave.irregular:
            yield rows
            return
        add_strands(rows, location, weave, {})
        for fact in weave.awaited:
            rows.add("awaited", location, fact)
        strands = weave.positions
        del weave  # of a large location it is as much as its strands
        for strand, some in _gathered(reader, strands, at_hand):
            kept = KeptStrand()
            for entry in some:
                self.clerk.write(rows, location, kept.tell(entry), 0)
                rows.add("lines", location, entry.position, strand, recorded(entry))
                if rows.size > _ENOUGH:
                    yield rows
                    rows = Rows()
            self.clerk.write(rows, location, kept.lasting(), 0)
        yield rows

    def _woven(
        self, reader: LedgerConnection, location: str, upto: int, hearer: Hearer
    ) -> tuple[Weave, int | None, dict[int, Told] | None]:
        """How the entries of a location hang together, and the position of the first.

        And the entries themselves by position, unless they are too many to be held at once.
        """
        weave, first = Weave(), None
        at_hand: dict[int, Told] | None = {}
        elsewhere: dict[str, Told | int] = {}
        for page in pages_of_stream(reader, f"location:{location}", upto, hearer.unread):
            hearer.entries(page)
            some = [told(entry) for entry in page]
            observed = self._elsewhere(reader, location, weave, some, upto=upto, found=elsewhere)
            for one in some:
                weave.add(one, elsewhere)
            first = some[0].position if first is None and some else first
            if at_hand is not None:
                at_hand.update((one.position, one) for one in (*observed, *some))
                if len(at_hand) > _AT_HAND:
                    at_hand = None
        return weave, first, at_hand

    def _elsewhere(
        self,
        reader: LedgerConnection,
        location: str,
        weave: Weave,
        entries: Sequence[Told],
        *,
        upto: int,
        found: dict[str, Told | int],
    ) -> list[Told]:
        """Find what the ids that some entries name are, where they are not of the location's own stream.

        Those of the own stream that come later are found as well, and mean nothing here. Returns the observations.
        """
        own = {name for entry in entries for name in entry.ids}
        named = {name for name in names_of(entries) - own if name not in found and not weave.knows(name)}
        positions = set()
        if named:
            for name, (stream, position) in settled(reader, named, upto).items():
                if stream == TERMS:
                    found[name] = position
                elif stream == f"observations:{location}":
                    positions.add(position)
        observed = [told(entry) for entry in entries_at(reader, positions)] if positions else []
        for one in observed:
            found |= dict.fromkeys(one.ids, one)
        return observed


def placeless(reader: LedgerConnection, rows: Rows, entries: Sequence[Entry], upto: int) -> None:
    """What facts that belong to no location say about facts that do makes those locations irregular."""
    for one in map(told, (entry for entry in entries if stream_of(entry.fact) == TERMS)):
        found = settled(reader, names_of([one]), upto)
        for name, (stream, position) in found.items():
            if stream != TERMS and (name in one.came_of or position < one.position):
                rows.irregular |= {stream.partition(":")[2], NOWHERE}
        unheard = one.came_of - found.keys()
        if unheard:
            noted = reader.execute(_SQL["awaited"], {"facts": list(unheard), "locations": [NOWHERE]}).fetchall()
            # Several facts may wait for the same one, in one batch as well.
            lines = rows.added.get("awaited", ())
            for name in unheard - {name for _, name in noted}:
                if f"{NOWHERE}\t{name}" not in lines:
                    rows.add("awaited", NOWHERE, name)
        waiting = reader.execute(_SQL["awaiting"], {"facts": list(one.ids)}).fetchall()
        rows.irregular |= {location for (location,) in waiting}


def _gathered(
    reader: LedgerConnection, strands: Mapping[int, Sequence[int]], at_hand: dict[int, Told] | None
) -> Iterator[tuple[int, list[Told]]]:
    """Each strand with its entries: at hand, or read again, those of several strands at once."""
    if at_hand is not None:
        for strand, positions in strands.items():
            yield strand, [at_hand.pop(position) for position in positions]
        return
    waiting: dict[int, Sequence[int]] = {}
    for strand, positions in strands.items():
        waiting[strand] = positions
        if sum(map(len, waiting.values())) > _READ_AGAIN:
            yield from _gathered(reader, waiting, _read_again(reader, waiting))
            waiting = {}
    yield from _gathered(reader, waiting, _read_again(reader, waiting))


def _read_again(reader: LedgerConnection, strands: Mapping[int, Sequence[int]]) -> dict[int, Told]:
    positions = [position for each in strands.values() for position in each]
    return {one.position: one for one in map(told, entries_at(reader, positions))}


def add_strands(rows: Rows, location: str, weave: Weave, before: Mapping[str, int]) -> None:
    """Add a row for every key of a location that had no strand before."""
    for key, strand in weave.strands():
        if key not in before:
            rows.add("strands", location, key, strand)


def recorded(entry: Told) -> datetime | None:
    """When an entry that decides was recorded; None for an observation that one of them names."""
    first = entry.lines[0]
    return first.known_at if first.fact.type not in OBSERVATIONS else None
