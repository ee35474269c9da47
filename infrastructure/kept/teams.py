"""Keeps the teams of locations: whole locations for a rebuild, and what new entries change for those that are kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from domain.entries import TERMS, Entry, stream_of
from domain.facts import OBSERVATIONS
from domain.ledger import Line
from infrastructure.kept.entries import entries_at, entries_of_stream
from infrastructure.kept.rows import Clerk, KeptTablesDifferError, Rows
from infrastructure.postgres.statements import statements
from projections.rectangles import Rectangle, Unrolled
from projections.sayings import Saying, Sayings
from projections.strands import Told, Weave, names_of, told

_SQL = statements("kept_write")
_ENOUGH = 20_000
"""Rows that are worth a transaction."""

_AT_HAND = 10_000
"""Entries of a location that are held in memory while its strands are told; those of larger ones are read again."""

NOWHERE = ""
"""What the tables call the place of facts without a location."""


@dataclass(frozen=True)
class Teams:
    """Prepares rows; reads only. `reader` sees the kept tables as they are before, and the ledger."""

    clerk: Clerk

    def whole(self, reader: psycopg.Connection[Any], location: str, upto: int) -> Iterator[Rows]:
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
        _add_strands(rows, location, weave, {})
        for fact in weave.awaited:
            rows.add("awaited", location, fact)
        deciding, strands = {entry.position for entry in own}, weave.positions
        if at_hand is not None:
            at_hand |= {entry.position: entry for entry in observed}
        del own, weave  # of a large location they are as much as its strands
        for strand, some in _gathered(reader, strands, at_hand):
            kept = _Kept()
            for entry in some:
                self.clerk.write(rows, location, kept.tell(entry), 0)
                rows.add("lines", location, entry.position, strand, _recorded(entry, deciding))
            self.clerk.write(rows, location, kept.lasting(), 0)
            if rows.size > _ENOUGH:
                yield rows
                rows = Rows()
        yield rows

    def _read(
        self, reader: psycopg.Connection[Any], location: str, upto: int
    ) -> tuple[list[Told], dict[int, Told] | None]:
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

    def grown(
        self, reader: psycopg.Connection[Any], location: str, entries: Sequence[Entry], after: int, upto: int
    ) -> Rows:
        """What the entries after a position change in a location that is kept up to there."""
        rows = Rows()
        known = dict(reader.execute(_SQL["irregular"], {"locations": [location]}).fetchall())
        new = [told(entry) for entry in entries]
        if location not in known:
            rows.add("locations", location, new[0].position, False)
        if known.get(location):
            return rows
        observed, elsewhere = self._elsewhere(reader, location, new, upto)
        weave = self._recalled(reader, location, new, observed=observed, after=after)
        before = dict(weave.strand_of_key)
        strands = list(dict.fromkeys(weave.add(entry, elsewhere) for entry in new))
        if weave.irregular:
            rows.irregular.add(location)
            return rows
        merged = weave.merged()
        rows.merged += [(location, strand, into) for strand, into in merged.items()]
        deciding = {entry.position: entry for entry in new}
        for strand in dict.fromkeys(merged.get(strand, strand) for strand in strands):
            self._grow(reader, rows, location, positions=weave.positions[strand], new=deciding, after=after)
            stored = weave.stored
            for position in weave.positions[strand]:
                if position not in stored:
                    recorded = _recorded(deciding[position], deciding) if position in deciding else None
                    rows.add("lines", location, position, strand, recorded)
        _add_strands(rows, location, weave, before)
        for fact in weave.awaited - weave.awaited_before:
            rows.add("awaited", location, fact)
        return rows

    def _grow(
        self,
        reader: psycopg.Connection[Any],
        rows: Rows,
        location: str,
        *,
        positions: Sequence[int],
        new: Mapping[int, Told],
        after: int,
    ) -> None:
        """Recall a strand as it is kept, and tell it what is new."""
        strand = self._strand(reader, location, [position for position in positions if position not in new])
        for position in positions:
            if position in new:
                self.clerk.write(rows, location, strand.tell(new[position]), after)
        self.clerk.write(rows, location, (each for each in strand.lasting() if each.known_from > after), after)

    def _strand(self, reader: psycopg.Connection[Any], location: str, positions: Sequence[int]) -> "_Kept":
        """A strand as it is kept, with all its facts."""
        kept = _Kept()
        if not positions:
            return kept
        old = [told(entry) for entry in entries_at(reader, positions)]
        sayings = kept.sayings.recall(kept.unrolled.strand, kept.recall(old))
        asked: dict[str, Any] = {"location": location, "keys": list(kept.unrolled.strand.spans)}
        rows = reader.execute(_SQL["open_parts"], asked)
        kept.unrolled.known_from.update(((key, since), known_from) for key, since, known_from in rows)
        asked = {"location": location, "kinds": [kind for kind, _ in sayings], "keys": [key for _, key in sayings]}
        rows = reader.execute(_SQL["open_sayings"], asked)
        known_from = {(kind, key): known_from for kind, key, known_from in rows}
        spans = {(span.key, span.since) for spans in kept.unrolled.strand.spans.values() for span in spans}
        if kept.unrolled.known_from.keys() != spans or known_from.keys() != set(sayings):
            raise KeptTablesDifferError(
                f"What is kept of {location} is not what its facts fold to; run `accessledger rebuild`."
            )
        kept.sayings.since(known_from)
        return kept

    def _recalled(
        self,
        reader: psycopg.Connection[Any],
        location: str,
        new: Sequence[Told],
        *,
        observed: Sequence[Told],
        after: int,
    ) -> Weave:
        """As much of a location's weave as the new entries can touch."""
        named = names_of(new)
        keys = {key for entry in new for key in entry.keys}
        weave = Weave()
        for key, strand in reader.execute(_SQL["strands_of_keys"], {"location": location, "keys": list(keys)}):
            weave.strand_of_key[key] = strand
        where = {name: position for name, (_, position) in _settled(reader, named, after).items()} if named else {}
        for one in observed:
            where |= dict.fromkeys(one.ids, one.position)
        if where:
            asked = {"location": location, "positions": list(where.values())}
            at = dict(reader.execute(_SQL["strands_of_positions"], asked).fetchall())
            for name, position in where.items():
                if position in at:
                    weave.know(name, at[position])
        asked = {"location": location, "strands": list(weave.known_strands())}
        for strand, position in reader.execute(_SQL["lines_of_strands"], asked):
            weave.positions.setdefault(strand, []).append(position)
            weave.stored.add(position)
        ids = [*named, *(name for entry in new for name in entry.ids)]
        asked = {"facts": ids, "locations": [location, NOWHERE]}
        for place, fact in reader.execute(_SQL["awaited"], asked):
            weave.awaited.add(fact)
            if place == location:
                weave.awaited_before.add(fact)
        return weave

    def _elsewhere(
        self, reader: psycopg.Connection[Any], location: str, entries: Sequence[Told], upto: int
    ) -> tuple[list[Told], Mapping[str, Told | int]]:
        """What the ids that some entries name are, where they are not of the location's own stream."""
        own = {name for entry in entries for name in entry.ids}
        named = names_of(entries) - own
        found: dict[str, Told | int] = {}
        positions = set()
        if named:
            for name, (stream, position) in _settled(reader, named, upto).items():
                if stream == TERMS:
                    found[name] = position
                elif stream == f"observations:{location}":
                    positions.add(position)
        observed = [told(entry) for entry in entries_at(reader, positions)] if positions else []
        for one in observed:
            found |= dict.fromkeys(one.ids, one)
        return observed, found


def placeless(reader: psycopg.Connection[Any], rows: Rows, entries: Sequence[Entry], upto: int) -> None:
    """What facts that belong to no location say about facts that do makes those locations irregular."""
    for one in map(told, (entry for entry in entries if stream_of(entry.fact) == TERMS)):
        found = _settled(reader, names_of([one]), upto)
        for name, (stream, position) in found.items():
            if stream != TERMS and (name in one.came_of or position < one.position):
                rows.irregular |= {stream.partition(":")[2], NOWHERE}
        for name in one.came_of - found.keys():
            rows.add("awaited", NOWHERE, name)
        waiting = reader.execute(_SQL["awaiting"], {"facts": list(one.ids)}).fetchall()
        rows.irregular |= {location for (location,) in waiting}


def _settled(reader: psycopg.Connection[Any], names: Iterable[str], upto: int) -> dict[str, tuple[str, int]]:
    """The stream and the position of facts that have one, by id."""
    asked = {"facts": list(names), "upto": upto}
    return {fact: (stream, position) for fact, stream, position in reader.execute(_SQL["settled_ids"], asked)}


@dataclass
class _Kept:
    """A strand with all that is kept of it."""

    unrolled: Unrolled = field(default_factory=Unrolled)
    sayings: Sayings = field(default_factory=Sayings)

    def recall(self, entries: Iterable[Told]) -> Sequence[Line]:
        """Hear what is kept already; its lines."""
        lines = [line for entry in entries for line in entry.lines]
        self.unrolled.strand.tell(lines)
        return lines

    def tell(self, entry: Told) -> Iterator[Rectangle | Saying]:
        """Hear one more entry; what ends with it."""
        change, ended = self.unrolled.tell(entry)
        yield from ended
        yield from self.sayings.tell(self.unrolled.strand, entry, change.turned)

    def lasting(self) -> Iterator[Rectangle | Saying]:
        """What is known to be so until now."""
        yield from self.unrolled.lasting()
        yield from self.sayings.lasting()


def _gathered(
    reader: psycopg.Connection[Any], strands: Mapping[int, Sequence[int]], at_hand: dict[int, Told] | None
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


def _read_again(reader: psycopg.Connection[Any], strands: Mapping[int, Sequence[int]]) -> dict[int, Told]:
    positions = [position for each in strands.values() for position in each]
    return {one.position: one for one in map(told, entries_at(reader, positions))}


def _add_strands(rows: Rows, location: str, weave: Weave, before: Mapping[str, int]) -> None:
    for key, strand in weave.strands():
        if key not in before:
            rows.add("strands", location, key, strand)


def _recorded(entry: Told, deciding: Iterable[int]) -> datetime | None:
    """When an entry that decides was recorded; None for an observation that one of them names."""
    first = entry.lines[0]
    return first.known_at if entry.position in deciding and first.fact.type not in OBSERVATIONS else None
