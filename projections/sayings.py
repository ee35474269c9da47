"""What a strand says whatever time is asked for: names, time zone, what is left out, when dismissals take effect."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from domain import canonical
from domain.facts import LocationOpened, TeamMemberDismissed
from domain.instants import write_instant
from domain.ledger import Line
from projections.said import AccountSaid, MemberSaid, PlaceSaid, Registers, Said, hear
from projections.strand import Strand
from projections.strands import Told

Key: TypeAlias = tuple[str, str]
"""The kind of a saying, and what it is about."""

ZONE = "zone"
LEFT_OUT = "left_out"
DISMISSALS = "dismissals"
NAMED = "named"


@dataclass(frozen=True, slots=True)
class Saying:
    """What was said from one position (in it) to another (not in it; None is until now)."""

    key: Key
    said: str
    known_from: int
    known_to: int | None


@dataclass
class Sayings:
    """The sayings of a strand, as they are now. Tell the strand first."""

    strand: Strand
    now: dict[Key, tuple[str, int]] = field(default_factory=dict)
    """Each with the position since which it is so."""

    _left_out: dict[str, str] = field(default_factory=dict)
    _named: Registers = field(default_factory=dict)

    def keys(self) -> list[Key]:
        """What the strand says something about now, whether it was taken over yet or not."""
        return [key for key, said in self._said(self.strand.known, everything=True) if said is not None]

    def recall(self, known_from: Mapping[Key, int]) -> None:
        """Take over what the strand has heard; `known_from` is since when each saying has been so."""
        every = self._said(self.strand.known, everything=True)
        self.now = {key: (said, known_from[key]) for key, said in every if said is not None}
        self._left_out = self.strand.left_out

    def tell(self, entry: Told) -> Iterator[Saying]:
        """After the strand has heard an entry: the sayings that end with it."""
        turned = self.strand.left_out != self._left_out
        for key, said in self._said(self.strand.known if turned else entry.lines, everything=turned):
            before = self.now.get(key)
            if before is not None and before[0] != said:
                yield Saying(key, before[0], before[1], entry.position)
                del self.now[key]
            if said is not None and (before is None or before[0] != said):
                self.now[key] = (said, entry.position)
        self._left_out = self.strand.left_out

    def open(self) -> Iterator[Saying]:
        """The sayings as they are until now."""
        return (Saying(key, said, known_from, None) for key, (said, known_from) in self.now.items())

    def _said(self, lines: Sequence[Line], *, everything: bool) -> Iterator[tuple[Key, str | None]]:
        """What is said now of everything that some lines are about; None where nothing is said any more."""
        data = [line.fact.data for line in lines]
        if any(isinstance(each, LocationOpened) for each in data):
            yield (ZONE, ""), self._zone()
        for member in dict.fromkeys(each.member for each in data if isinstance(each, TeamMemberDismissed)):
            yield (DISMISSALS, member), self._dismissals(member)
        for key in self._hear(lines, everything=everything):
            yield (NAMED, key), write_said(self._named[key]) if key in self._named else None
        if everything:
            for fact in {**self._left_out, **self.strand.left_out}:
                yield (LEFT_OUT, fact), self.strand.left_out.get(fact)

    def _hear(self, lines: Sequence[Line], *, everything: bool) -> Iterable[str]:
        """Hear what lines say about names; the keys of which something may be said otherwise now."""
        before: Iterable[str] = ()
        if everything:
            before, self._named = self._named.keys(), {}
        standing = [line for line in lines if line.fact.id not in self.strand.left_out]
        fallen = [line for line in lines if line.fact.id in self.strand.left_out]
        # What is left out speaks only where nothing else does: all is heard again where that may have changed.
        heard = [hear(self._named, line.fact.data) for line in (*fallen, *standing)]
        return dict.fromkeys([*before, *(key for key in heard if key is not None)])

    def _zone(self) -> str | None:
        """That of the last opening that counts; where none counts any more, of the last."""
        opened = [line for line in self.strand.known if isinstance(line.fact.data, LocationOpened)]
        counting = [line for line in opened if line.fact.id not in self.strand.left_out] or opened
        data = max(counting, key=lambda line: line.order).fact.data
        return data.time_zone if isinstance(data, LocationOpened) else None

    def _dismissals(self, member: str) -> str | None:
        """When each dismissal of a member that counts takes effect, earliest first."""
        instants = sorted(
            line.fact.effective_at
            for line in self.strand.known
            if isinstance(line.fact.data, TeamMemberDismissed)
            and line.fact.data.member == member
            and line.fact.id not in self.strand.left_out
        )
        return " ".join(map(write_instant, instants)) or None


def write_said(said: Said) -> str:
    """A register of names as text."""
    every = asdict(said)
    return canonical.write({name: value for name, value in every.items() if value is not None}).decode()


def read_said(key: str, text: str) -> Said:
    """The register that `write_said` wrote under that key."""
    content = json.loads(text)
    if key.startswith("m:"):
        return MemberSaid(**content)
    return AccountSaid(**content) if key.startswith("a:") else PlaceSaid(**content)
