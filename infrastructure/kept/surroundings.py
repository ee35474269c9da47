"""The part of a record that bears on some of its facts: what they name, what undoes them, and what undoes that.

What decides whether a fact counts is all in it (facts.md, sections 3 and 5.1), so a verdict over the part is that over
the whole. Two facts that each undo the other are the exception: there the whole decides by the order of everything, and
`Tangled` says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from domain.catalogue import Catalogue
from domain.entries import Entry
from domain.facts import Correction, DismissalCancelled
from domain.ledger import Line, Record, left_out_of, lines_of
from infrastructure.kept.reading import PageReading


class Tangled(Exception):  # noqa: N818 - not an error: a way to say that the whole record has to be asked
    """Whether some fact counts depends on itself: only the whole record can tell."""


@dataclass
class Part:
    """A part of one record: which entries belong to the record, until when it is known, which of them were read."""

    belongs: Callable[[Entry], bool]
    known: datetime
    entries: dict[int, Entry] = field(default_factory=dict)
    _heard: set[int] = field(default_factory=set)

    def add(self, entries: Iterable[Entry]) -> None:
        """Put entries in that are of the record."""
        for entry in entries:
            if entry.position is not None and entry.fact.recorded_at <= self.known and self.belongs(entry):
                self.entries[entry.position] = entry

    def news(self) -> list[Line]:
        """The lines of the entries that were put in since the last call."""
        fresh = self.entries.keys() - self._heard
        self._heard |= fresh
        return [line for position in fresh for line in lines_of(self.entries[position], position)]

    def lines(self) -> list[Line]:
        """Every line, in ledger order."""
        return [line for _, entry in sorted(self.entries.items()) for line in lines_of(entry, 0)]

    def record(self, catalogues: Mapping[int, Catalogue], on: datetime | None) -> Record:
        """The part as a record. Tangled where the verdicts are not its own."""
        said = self.lines()
        left_out = left_out_of(said)
        if left_out:
            _require_order(said)
        shown = [line for line in said if on is None or line.fact.effective_at <= on]
        return Record(tuple(shown), catalogues, left_out)


def surround(reading: PageReading, parts: Iterable[Part]) -> None:
    """Put in whatever bears on what is there, until nothing comes any more."""
    every = list(parts)
    while True:
        news = [(part, part.news()) for part in every]
        own = [{line.fact.id for line in lines} for _, lines in news]
        named = [_named(lines) for _, lines in news]
        if not any(own):
            return
        places = reading.positions_of(set().union(*named), set().union(*own))
        entries = reading.entries(position for found in places.values() for position in found)
        for (part, _), asked in zip(news, map(set.union, own, named), strict=True):
            wanted = (places.get(fact, ()) for fact in asked)
            part.add(entries[position] for found in wanted for position in found if position in entries)


def _named(lines: Iterable[Line]) -> set[str]:
    """The facts that lines name: what they correct or cancel, and what they came of."""
    found: set[str | None] = set()
    for line in lines:
        data = line.fact.data
        found.add(line.fact.caused_by)
        if isinstance(data, Correction):
            found.add(data.corrects)
        elif isinstance(data, DismissalCancelled):
            found.add(data.cancels)
    return {fact for fact in found if fact is not None}


def _require_order(said: Iterable[Line]) -> None:
    """Tangled when what facts rest on goes in a circle."""
    rests_on: dict[str, set[str]] = {}
    for line in said:
        own = rests_on.setdefault(line.fact.id, set())
        if line.carrier is not None:
            own.add(line.carrier.fact.id)
        if line.fact.caused_by is not None:
            own.add(line.fact.caused_by)
        data = line.fact.data
        undone = data.corrects if isinstance(data, Correction) else getattr(data, "cancels", None)
        if undone is not None:
            rests_on.setdefault(undone, set()).add(line.fact.id)
    try:
        TopologicalSorter(rests_on).prepare()
    except CycleError:
        raise Tangled from None
