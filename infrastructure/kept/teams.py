"""Keeps the teams of locations whole, from all their entries: for a rebuild, and to compare with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.entries import TERMS, Entry, stream_of
from domain.facts import OBSERVATIONS
from infrastructure.kept.entries import entries_at, entries_of_stream
from infrastructure.kept.kept_strand import KeptStrand
from infrastructure.kept.recalling import NOWHERE, settled
from infrastructure.kept.rows import Clerk, Rows
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import LedgerConnection
from projections.strands import Told, Weave, names_of, told

_SQL = statements("kept_write")
_ENOUGH = 20_000
"""Rows that are worth a transaction."""

_AT_HAND = 10_000
"""Entries of a location that are held in memory while its strands are told; those of larger ones are read again."""


@dataclass(frozen=True)
class Teams:
    """Prepares rows; reads only. `reader` sees the kept tables as they are before, and the ledger."""

    clerk: Clerk

    def whole(self, reader: LedgerConnection, location: str, upto: int) -> Iterator[Rows]:
        """All rows of a location, from all entries of its stream up to a position, some at a time."""
        own, at_hand = self._read(reader, location, upto)
        if not own:
            return
        observed, elsewhere = self._elsewhere(reader, location, own, upto)
        weave = Weave()
        for entry in own:
            weave.add(entry, elsewhere)
        rows = Rows()
        rows.add("locations", location, own[0].position, weave.irregular)
        if weave.irregular:
            yield rows
            return
        add_strands(rows, location, weave, {})
        for fact in weave.awaited:
            rows.add("awaited", location, fact)
        deciding, strands = {entry.position for entry in own}, weave.positions
        if at_hand is not None:
            at_hand |= {entry.position: entry for entry in observed}
        del own, weave  # of a large location they are as much as its strands
        for strand, some in _gathered(reader, strands, at_hand):
            kept = KeptStrand()
            for entry in some:
                self.clerk.write(rows, location, kept.tell(entry), 0)
                rows.add("lines", location, entry.position, strand, recorded(entry, deciding))
            self.clerk.write(rows, location, kept.lasting(), 0)
            if rows.size > _ENOUGH:
                yield rows
                rows = Rows()
        yield rows

    def _read(self, reader: LedgerConnection, location: str, upto: int) -> tuple[list[Told], dict[int, Told] | None]:
        """The entries of a location in short, and whole by position unless they are too many to be held at once."""
        own: list[Told] = []
        at_hand: dict[int, Told] | None = {}
        for entry in entries_of_stream(reader, f"location:{location}", upto):
            one = told(entry)
            own.append(one.in_short())
            if at_hand is not None:
                at_hand[one.position] = one
                if len(at_hand) > _AT_HAND:
                    at_hand = None
        return own, at_hand

    def _elsewhere(
        self, reader: LedgerConnection, location: str, entries: Sequence[Told], upto: int
    ) -> tuple[list[Told], Mapping[str, Told | int]]:
        """What the ids that some entries name are, where they are not of the location's own stream."""
        own = {name for entry in entries for name in entry.ids}
        named = names_of(entries) - own
        found: dict[str, Told | int] = {}
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
        return observed, found


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
        if sum(map(len, waiting.values())) > _AT_HAND // 4:
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


def recorded(entry: Told, deciding: Iterable[int]) -> datetime | None:
    """When an entry that decides was recorded; None for an observation that one of them names."""
    first = entry.lines[0]
    return first.known_at if entry.position in deciding and first.fact.type not in OBSERVATIONS else None
