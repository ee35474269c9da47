"""A strand with all that is kept of it: its rectangles and its sayings, told entry by entry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.ledger import Line
from projections.rectangles import Rectangle, Unrolled
from projections.sayings import Saying, Sayings
from projections.strands import Told


@dataclass
class KeptStrand:
    """Told from its first entry on, or recalled from the tables with what it was told before."""

    unrolled: Unrolled = field(default_factory=Unrolled)
    sayings: Sayings = field(default_factory=Sayings)
    told: list[int] = field(default_factory=list)
    """The positions of the entries it has heard, in order."""

    def recall(self, entries: Sequence[Told]) -> Sequence[Line]:
        """Hear what is kept already; its lines."""
        lines = [line for entry in entries for line in entry.lines]
        self.unrolled.strand.tell(lines)
        self.told += [entry.position for entry in entries]
        return lines

    def tell(self, entry: Told) -> Iterator[Rectangle | Saying]:
        """Hear one more entry; what ends with it."""
        self.told.append(entry.position)
        change, ended = self.unrolled.tell(entry)
        yield from ended
        yield from self.sayings.tell(self.unrolled.strand, entry, change.turned)

    def lasting(self) -> Iterator[Rectangle | Saying]:
        """What is known to be so until now."""
        yield from self.unrolled.lasting()
        yield from self.sayings.lasting()

    def begun_after(self, position: int) -> Iterable[Rectangle | Saying]:
        """What is known to be so until now, and has been since a later position than that."""
        return (each for each in self.lasting() if each.known_from > position)
