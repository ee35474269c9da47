"""What new entries change in the locations that are kept: a batch of many locations at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.entries import TERMS, Entry
from infrastructure.kept.kept_strand import KeptStrand
from infrastructure.kept.recalling import Grown, StrandName, recall_strands, recall_weaves
from infrastructure.kept.rows import Clerk, Rows
from infrastructure.kept.teams import add_strands, recorded
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import LedgerConnection
from projections.strands import Told, told

_SQL = statements("kept_write")
_REMEMBERED = 20_000
"""Entries of strands that are remembered from batch to batch: some 30 MB."""

_TOGETHER = 10_000
"""Entries of strands that are recalled together."""

_Touched = dict[StrandName, list[int]]


@dataclass
class Growing:
    """Prepares rows; reads only. `reader` sees the kept tables as they are before, and the ledger.

    What it told last it remembers: where that is still all that is kept of a strand, the strand need not be recalled.
    """

    clerk: Clerk
    _remembered: dict[StrandName, KeptStrand] = field(default_factory=dict)
    """The one that was touched last is the last one."""

    _stands_at: int | None = None

    def written(self, upto: int) -> None:
        """Say that what was prepared is kept, up to a position. Without it nothing is remembered."""
        self._stands_at = upto

    def forget(self) -> None:
        """Let go of what is remembered: somebody in it was erased."""
        self._remembered.clear()

    def grown(
        self, reader: LedgerConnection, by_location: Mapping[str, Sequence[Entry]], after: int, upto: int
    ) -> Rows:
        """What the entries after a position change in locations that are kept up to there.

        KeptTablesDifferError when what is kept is not what the facts fold to.
        """
        if self._stands_at != after:
            self._remembered.clear()
        self._stands_at = None
        rows = Rows()
        if not by_location:
            return rows
        known = dict(reader.execute(_SQL["irregular"], {"locations": list(by_location)}).fetchall())
        new = {location: [told(entry) for entry in entries] for location, entries in by_location.items()}
        for location, entries in new.items():
            if location not in known:
                rows.add("locations", location, entries[0].position, False)
        regular = {location: entries for location, entries in new.items() if not known.get(location)}
        touched: _Touched = {}
        coming: dict[int, Told] = {}
        for each in recall_weaves(reader, regular, TERMS, after, upto):
            touched.update(_woven(rows, each))
            coming |= {entry.position: entry for entry in each.new}
        for some in _few_at_a_time(touched):
            self._tell(reader, rows, some, coming, after)
        self._forget_the_oldest()
        return rows

    def _tell(
        self,
        reader: LedgerConnection,
        rows: Rows,
        touched: _Touched,
        coming: Mapping[int, Told],
        after: int,
    ) -> None:
        """Recall strands as they are kept, and tell them what is new."""
        found: dict[StrandName, KeptStrand] = {}
        missing: _Touched = {}
        for name, positions in touched.items():
            old = [position for position in positions if position not in coming]
            strand = self._remembered.pop(name, None) if old else KeptStrand()
            if strand is not None and strand.told == old:
                found[name] = strand
            else:
                missing[name] = old
        if missing:
            found |= recall_strands(reader, missing)
        for name, strand in found.items():
            for position in touched[name]:
                if position in coming:
                    self.clerk.write(rows, name[0], strand.tell(coming[position]), after)
            self.clerk.write(rows, name[0], strand.begun_after(after), after)
            self._remembered[name] = strand

    def _forget_the_oldest(self) -> None:
        size = sum(len(strand.told) for strand in self._remembered.values())
        for name in list(self._remembered):
            if size <= _REMEMBERED:
                return
            size -= len(self._remembered.pop(name).told)


def _woven(rows: Rows, grown: Grown) -> _Touched:
    """Add the rows that say how the facts of a location hang together; the strands that its new entries touch."""
    location, weave = grown.location, grown.weave
    before = dict(weave.strand_of_key)
    strands = list(dict.fromkeys(weave.add(entry, grown.observed) for entry in grown.new))
    if weave.irregular:
        rows.irregular.add(location)
        return {}
    merged = weave.merged()
    rows.merged += [(location, strand, into) for strand, into in merged.items()]
    deciding = {entry.position: entry for entry in grown.new}
    touched: _Touched = {}
    for strand in dict.fromkeys(merged.get(strand, strand) for strand in strands):
        touched[location, strand] = weave.positions[strand]
        for position in weave.positions[strand]:
            if position not in weave.stored:
                at = recorded(deciding[position]) if position in deciding else None
                rows.add("lines", location, position, strand, at)
    add_strands(rows, location, weave, before)
    for fact in weave.awaited - weave.awaited_before:
        rows.add("awaited", location, fact)
    return touched


def _few_at_a_time(touched: Mapping[StrandName, list[int]]) -> Iterator[_Touched]:
    some: _Touched = {}
    size = 0
    for name, positions in touched.items():
        some[name] = positions
        size += len(positions)
        if size > _TOGETHER:
            yield some
            some, size = {}, 0
    if some:
        yield some
