"""What the kept tables say about the locations of a batch, each kind of thing looked up for all of them at once.

A batch touches many strands of many locations. Asked for each by itself, the questions took half the time of telling.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infrastructure.kept.entries import entries_at
from infrastructure.kept.kept_strand import KeptStrand
from infrastructure.kept.rows import KeptTablesDifferError
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import LedgerConnection
from projections.strands import Told, Weave, names_of, told

_SQL = statements("kept_write")

NOWHERE = ""
"""What the tables call the place of facts without a location."""

StrandName = tuple[str, int]
"""A location, and the position of the strand's first deciding entry."""

_Settled = Mapping[str, tuple[str, int]]


@dataclass
class Grown:
    """A location with the entries that came to it, and as much of its weave as they can touch."""

    location: str
    new: Sequence[Told]
    weave: Weave
    observed: Mapping[str, Told | int]
    """What the ids that they name are, where they are not of the location's own stream."""


def settled(reader: LedgerConnection, names: Iterable[str], upto: int) -> dict[str, tuple[str, int]]:
    """The stream and the position of facts that have one, by id."""
    asked = {"facts": list(names), "upto": upto}
    return {fact: (stream, position) for fact, stream, position in reader.execute(_SQL["settled_ids"], asked)}


def recall_weaves(
    reader: LedgerConnection, new: Mapping[str, Sequence[Told]], terms: str, after: int, upto: int
) -> list[Grown]:
    """Of locations to which entries came after a position, what is kept of how their facts hang together."""
    named = {location: names_of(entries) for location, entries in new.items()}
    every_name = set[str]().union(*named.values())
    where = settled(reader, every_name, upto) if every_name else {}
    observed = _observed(reader, named, where)
    grown = []
    for location, entries in new.items():
        own = {name for entry in entries for name in entry.ids}
        elsewhere = {
            name: found
            for name in named[location] - own
            if (found := _elsewhere(location, name, where, observed, terms)) is not None
        }
        grown.append(Grown(location, entries, Weave(), elsewhere))
    weaves = {each.location: each.weave for each in grown}
    _recall_keys(reader, grown, weaves)
    _recall_facts(reader, grown, where, after)
    _recall_lines(reader, weaves)
    _recall_awaited(reader, grown, named)
    return grown


def _observed(
    reader: LedgerConnection, named: Mapping[str, Iterable[str]], where: _Settled
) -> dict[str, dict[str, Told]]:
    """By location its own observations that are named, by the ids of their facts."""
    owners: dict[int, str] = {}
    for location, names in named.items():
        for name in names:
            stream, position = where.get(name, ("", 0))
            if stream == f"observations:{location}":
                owners[position] = location
    found: dict[str, dict[str, Told]] = {}
    if owners:
        for one in map(told, entries_at(reader, owners)):
            found.setdefault(owners[one.position], {}).update(dict.fromkeys(one.ids, one))
    return found


def _elsewhere(
    location: str, name: str, where: _Settled, observed: Mapping[str, Mapping[str, Told]], terms: str
) -> Told | int | None:
    stream, position = where.get(name, ("", 0))
    return position if stream == terms else observed.get(location, {}).get(name)


def _recall_keys(reader: LedgerConnection, grown: Iterable[Grown], weaves: Mapping[str, Weave]) -> None:
    keys = [(each.location, key) for each in grown for key in {key for one in each.new for key in one.keys}]
    for location, key, strand in _asked(reader, "strands_of_keys", ("locations", "keys"), keys):
        weaves[location].strand_of_key[key] = strand


def _recall_facts(reader: LedgerConnection, grown: Iterable[Grown], where: _Settled, after: int) -> None:
    """The strands of facts of before that are named."""
    places: dict[tuple[str, int], tuple[Weave, list[str]]] = {}
    for each in grown:
        named: dict[str, int] = {}
        for name in names_of(each.new):
            position = where.get(name, ("", after + 1))[1]
            if position <= after:
                named[name] = position
        for found in each.observed.values():
            if not isinstance(found, int):
                named |= dict.fromkeys(found.ids, found.position)
        for name, position in named.items():
            places.setdefault((each.location, position), (each.weave, []))[1].append(name)
    for location, position, strand in _asked(reader, "strands_of_positions", ("locations", "positions"), list(places)):
        weave, names = places[location, position]
        for name in names:
            weave.know(name, strand)


def _recall_lines(reader: LedgerConnection, weaves: Mapping[str, Weave]) -> None:
    strands = [(location, strand) for location, weave in weaves.items() for strand in weave.known_strands()]
    for location, strand, position in _asked(reader, "lines_of_strands", ("locations", "strands"), strands):
        weaves[location].positions.setdefault(strand, []).append(position)
        weaves[location].stored.add(position)


def _recall_awaited(reader: LedgerConnection, grown: Iterable[Grown], named: Mapping[str, Iterable[str]]) -> None:
    of_fact: dict[str, list[Grown]] = {}
    for each in grown:
        for name in {*named[each.location], *(name for one in each.new for name in one.ids)}:
            of_fact.setdefault(name, []).append(each)
    asked = {"facts": list(of_fact), "locations": [NOWHERE, *(each.location for each in grown)]}
    for place, fact in reader.execute(_SQL["awaited"], asked):
        for each in of_fact[fact]:
            if place in (NOWHERE, each.location):
                each.weave.awaited.add(fact)
            if place == each.location:
                each.weave.awaited_before.add(fact)


def recall_strands(
    reader: LedgerConnection, wanted: Mapping[StrandName, Sequence[int]]
) -> dict[StrandName, KeptStrand]:
    """Strands as they are kept, from the positions of all their entries.

    KeptTablesDifferError when what is kept is not what the entries fold to.
    """
    every = entries_at(reader, [position for positions in wanted.values() for position in positions])
    at = {one.position: one for one in map(told, every)}
    found: dict[StrandName, KeptStrand] = {}
    parts: list[tuple[str, str]] = []
    sayings: list[tuple[str, str, str]] = []
    for name, positions in wanted.items():
        location = name[0]
        found[name] = kept = KeptStrand()
        lines = kept.recall([at[position] for position in positions if position in at])
        said = kept.sayings.recall(kept.unrolled.strand, lines)
        parts += [(location, key) for key in kept.unrolled.strand.spans]
        sayings += [(location, *key) for key in said]
    known_from = {
        (location, key, since): position
        for location, key, since, position in _asked(reader, "open_parts", ("locations", "keys"), parts)
    }
    said_from = {
        (location, kind, key): position
        for location, kind, key, position in _asked(reader, "open_sayings", ("locations", "kinds", "keys"), sayings)
    }
    heard = {(location, kind, key) for location, kind, key in sayings}
    spans = 0
    for (location, _), kept in found.items():
        try:
            for span in (span for each in kept.unrolled.strand.spans.values() for span in each):
                kept.unrolled.known_from[span.key, span.since] = known_from[location, span.key, span.since]
                spans += 1
            kept.sayings.since({key: said_from[location, *key] for key in kept.sayings.said})
        except KeyError:
            raise _differs(location) from None
    if spans != len(known_from) or heard != said_from.keys():
        raise _differs(next(iter(found))[0])
    return found


def _differs(location: str) -> KeptTablesDifferError:
    return KeptTablesDifferError(
        f"What is kept of {location} is not what its facts fold to; run `accessledger rebuild`."
    )


def _asked(
    reader: LedgerConnection, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> Iterable[tuple[Any, ...]]:
    if not rows:
        return ()
    asked = {column: list(cells) for column, cells in zip(columns, zip(*rows, strict=True), strict=True)}
    return reader.execute(_SQL[name], asked).fetchall()
