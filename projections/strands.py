"""Which facts of a location can bear on each other: those about the same people, and those that name each other."""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.entries import Entry
from domain.facts import OBSERVATIONS, Correction, DismissalCancelled, Fact
from domain.ledger import Line, lines_of

PLACE_KEY = "@"
"""What every fact about the location itself, its subscription and its charges goes by."""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry with what it is about, and the ids of facts it names."""

    position: int
    lines: tuple[Line, ...]
    ids: tuple[str, ...]
    """The ids of its facts, carried ones included."""

    keys: frozenset[str]
    undoes: frozenset[str]
    """Ids that it corrects or cancels."""

    came_of: frozenset[str]
    """Ids that it says it was caused by."""


_NAMING = frozenset({Correction, DismissalCancelled})
_NOTHING: frozenset[str] = frozenset()


def told(entry: Entry) -> Told:
    """An entry looked at for what ties it to others."""
    assert entry.position is not None
    fact = entry.fact
    if type(fact.data) not in _NAMING:
        came_of = _NOTHING if fact.caused_by is None else frozenset((fact.caused_by,))
        line = Line(fact, entry.position, fact.recorded_at, entry)
        return Told(entry.position, (line,), (fact.id,), frozenset(_about(fact)), _NOTHING, came_of)
    lines = tuple(lines_of(entry, entry.position))
    return Told(
        entry.position,
        lines,
        tuple(line.fact.id for line in lines),
        frozenset(key for line in lines for key in _about(line.fact)),
        frozenset(name for line in lines for name in _undone(line.fact)),
        frozenset(line.fact.caused_by for line in lines if line.fact.caused_by is not None),
    )


def _about(fact: Fact) -> Iterator[str]:
    if fact.type in OBSERVATIONS or isinstance(fact.data, Correction):
        return
    member, account = getattr(fact.data, "member", None), getattr(fact.data, "account", None)
    if member is not None:
        yield f"m:{member}"
    if account is not None:
        yield f"a:{account}"
    if member is None and account is None:
        yield PLACE_KEY


def _undone(fact: Fact) -> Iterator[str]:
    if isinstance(fact.data, Correction) and fact.data.corrects is not None:
        yield fact.data.corrects
    elif isinstance(fact.data, DismissalCancelled):
        yield fact.data.cancels


@dataclass
class Weave:
    """The strands of one location, each by the position of its first deciding entry, grown entry by entry.

    `irregular` is set where a fact names one that comes later or in another stream: then a strand alone does not say
    what counts, and the location is folded whole at each question.
    """

    strand_of_key: dict[str, int] = field(default_factory=dict)
    positions: dict[int, list[int]] = field(default_factory=dict)
    """By strand the positions of its entries, in order."""

    awaited: set[str] = field(default_factory=set)
    """Ids that facts say they came of, and that the location has not heard of."""

    irregular: bool = False
    stored: set[int] = field(default_factory=set)
    """Positions that are kept already."""

    awaited_before: set[str] = field(default_factory=set)
    """What is kept already of what is awaited."""

    _strand_of_fact: dict[str, int] = field(default_factory=dict)
    _merged: dict[int, int] = field(default_factory=dict)

    def add(self, entry: Told, elsewhere: Mapping[str, Told | int]) -> int:
        """Take in the next entry and return its strand.

        `elsewhere` says of the ids it names which are an observation of this location (as told), and which a fact of
        the stream that holds for every location (its position). Any other id from elsewhere means nothing here.
        """
        self.irregular = self.irregular or not self.awaited.isdisjoint(entry.ids)
        named = [*entry.undoes, *entry.came_of]
        met = {self._root(self._strand_of_fact[name]) for name in named if name in self._strand_of_fact}
        met |= {self._root(self.strand_of_key[key]) for key in entry.keys if key in self.strand_of_key}
        own = min([entry.position, *met])
        for strand in met - {own}:
            self._merge(strand, own)
        self._put(own, entry.position, entry.ids)
        self.strand_of_key.update(dict.fromkeys(entry.keys, own))
        for name in entry.came_of:
            self._came_of(name, elsewhere.get(name))
        for name in entry.undoes:
            self._undoes(name, elsewhere.get(name), entry.position, own)
        return own

    def _came_of(self, name: str, other: Told | int | None) -> None:
        """Whether a fact counts rests on another: one of the strand, or one to watch for."""
        known = name in self._strand_of_fact
        if isinstance(other, int) or (other is not None and known):
            self.irregular = True
        elif not known:
            self.awaited.add(name)

    def _undoes(self, name: str, other: Told | int | None, position: int, own: int) -> None:
        """A fact undoes one of another stream that came before it."""
        if isinstance(other, int):
            self.irregular = self.irregular or other < position
        elif other is not None and other.position < position:
            if name in self.awaited:
                self.irregular = True
            self._put(own, other.position, other.ids)

    def know(self, fact: str, strand: int) -> None:
        """Say which strand a fact of before belongs to."""
        self._strand_of_fact[fact] = strand

    def knows(self, fact: str) -> bool:
        """Whether a fact belongs to one of the strands."""
        return fact in self._strand_of_fact

    def _put(self, strand: int, position: int, ids: Iterable[str]) -> None:
        positions = self.positions.setdefault(strand, [])
        if not positions or position > positions[-1]:
            positions.append(position)
        elif position not in positions:
            insort(positions, position)  # an observation of before, named only now
        self._strand_of_fact.update(dict.fromkeys(ids, strand))

    def _merge(self, strand: int, into: int) -> None:
        self.positions[into] = sorted({*self.positions.get(into, ()), *self.positions.pop(strand)})
        self._merged[strand] = into

    def _root(self, strand: int) -> int:
        while strand in self._merged:
            strand = self._merged[strand]
        return strand

    def strands(self) -> Iterator[tuple[str, int]]:
        """Every key with its strand."""
        return ((key, self._root(strand)) for key, strand in self.strand_of_key.items())

    def known_strands(self) -> set[int]:
        """Every strand that a key or a fact is known to belong to."""
        return {*self.strand_of_key.values(), *self._strand_of_fact.values()}

    def merged(self) -> dict[int, int]:
        """The strands that became part of another, each with that one."""
        return {strand: self._root(strand) for strand in self._merged}


def names_of(entries: Sequence[Told]) -> set[str]:
    """Every id that some entries name."""
    return {name for entry in entries for name in (*entry.undoes, *entry.came_of)}
