"""What a strand says whatever time is asked for: names, time zone, what is left out, dismissals."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeAlias

from domain import canonical
from domain.facts import LocationOpened, TeamMemberDismissed
from domain.instants import write_instant
from domain.ledger import Line
from projections.said import PLACE, AccountSaid, MemberSaid, PlaceSaid, Registers, Said, hear, named_by
from projections.strand import Strand
from projections.strands import Told

Key: TypeAlias = tuple[str, str]
"""The kind of a saying, and what it is about."""

ZONE = "zone"
OPENED = "opened"
LEFT_OUT = "left_out"
DISMISSALS = "dismissals"
NAMED = "named"
PERSONAL = frozenset({"name", "given", "position"})
"""What a register of names says about a person."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What was said from one position (in it) to another (not in it; None is until now)."""

    key: Key
    said: str
    known_from: int
    known_to: int | None


@dataclass
class Sayings:
    """The sayings of a strand, as they are now: told after the strand, with what that changed."""

    said: dict[Key, tuple[str, int]] = field(default_factory=dict)
    """Each with the position since which it is so."""

    _left_out: Mapping[str, str] = field(default_factory=dict)
    _named: Registers = field(default_factory=dict)
    _about: dict[Key, list[Line]] = field(default_factory=dict)
    """By saying the lines that it rests on, in ledger order."""

    def recall(self, strand: Strand, lines: Iterable[Line]) -> list[Key]:
        """Take over what a strand has heard; the sayings there are. Then say by `since` since when they are so."""
        self._left_out = strand.affairs.left_out
        keys = dict.fromkeys(self._heard(lines))
        keys.update(((LEFT_OUT, name), None) for name in self._left_out)
        self._hear_again([name for kind, name in keys if kind == NAMED])
        self.said = {key: (said, 0) for key in keys if (said := self._says(key)) is not None}
        return list(self.said)

    def since(self, known_from: Mapping[Key, int]) -> None:
        """The position since which each saying is so."""
        self.said = {key: (said, known_from[key]) for key, (said, _) in self.said.items()}

    def tell(self, strand: Strand, entry: Told, turned: Mapping[str, Line]) -> Iterator[Saying]:
        """After a strand has heard an entry, and what counts otherwise since: the sayings that end with it."""
        self._left_out = strand.affairs.left_out
        keys = dict.fromkeys(self._heard(entry.lines))
        again: set[str] = set()
        if turned:
            again = {name for kind, name in _keys(turned.values()) if kind == NAMED}
            keys.update(dict.fromkeys(_keys(turned.values())))
            keys.update(((LEFT_OUT, name), None) for name in turned)
        if not keys:  # half of all facts say nothing of the kind
            return
        for line in entry.lines:
            named = named_by(line.fact.data)
            if named is not None and named not in again:
                hear(self._named, line.fact.data)
        self._hear_again(again)
        for key in keys:
            before, said = self.said.get(key), self._says(key)
            if before is not None and before[0] != said:
                yield Saying(key, before[0], before[1], entry.position)
                del self.said[key]
            if said is not None and (before is None or before[0] != said):
                self.said[key] = (said, entry.position)

    def lasting(self) -> Iterator[Saying]:
        """The sayings as they are until now."""
        return (Saying(key, said, known_from, None) for key, (said, known_from) in self.said.items())

    def _heard(self, lines: Iterable[Line]) -> Iterator[Key]:
        """Note what lines are about."""
        for line in lines:
            for key in _keys([line]):
                self._about.setdefault(key, []).append(line)
                yield key

    def _hear_again(self, keys: Iterable[str]) -> None:
        """Registers of names from all that was said: what is left out speaks only where nothing else does."""
        for key in keys:
            self._named.pop(key, None)
            lines = self._about.get((NAMED, key), ())
            for line in sorted(lines, key=lambda line: line.fact.id not in self._left_out):
                hear(self._named, line.fact.data)

    def _says(self, key: Key) -> str | None:
        """What is said now; None where nothing is."""
        kind, name = key
        if kind == LEFT_OUT:
            return self._left_out.get(name)
        if kind == NAMED:
            return write_said(self._named[name]) if name in self._named else None
        lines = self._about.get(key, ())
        counting = [line for line in lines if line.fact.id not in self._left_out]
        if kind == DISMISSALS:
            return " ".join(write_instant(line.fact.effective_at) for line in sorted(counting, key=_order)) or None
        if kind == OPENED:
            return "yes" if counting else None
        # The zone is that of the last opening that counts; where none counts any more, of the last.
        data = max(counting or lines, key=_order).fact.data
        return data.time_zone if isinstance(data, LocationOpened) else None


def _keys(lines: Iterable[Line]) -> Iterator[Key]:
    """The sayings that lines bear on, what is left out aside."""
    for line in lines:
        data = line.fact.data
        named = named_by(data)
        if named is not None:
            yield (NAMED, named)
        if isinstance(data, LocationOpened):
            yield (ZONE, "")
            yield (OPENED, "")
        elif isinstance(data, TeamMemberDismissed):
            yield (DISMISSALS, data.member)


def _order(line: Line) -> tuple[datetime, int]:
    return line.order


def write_said(said: Said) -> str:
    """A register of names as text."""
    every = asdict(said)
    return canonical.write({name: value for name, value in every.items() if value is not None}).decode()


def read_said(key: str, text: str, show: Callable[[str, str], str] | None = None) -> Said:
    """The register that `write_said` wrote under that key; `show` reads names and positions of persons."""
    content = json.loads(text)
    if show is not None and key != PLACE:
        for name in content.keys() & PERSONAL:
            content[name] = show(key, content[name])
    if key.startswith("m:"):
        return MemberSaid(**content)
    return AccountSaid(**content) if key.startswith("a:") else PlaceSaid(**content)
