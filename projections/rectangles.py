"""Each part of a team as rectangles: over which time it held, and from which position to which it was known so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from projections.strand import Span, Strand
from projections.strands import Told

STORED = 0
"""Stands for the position from which a rectangle is known that was kept before: it is not looked up."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A span as it was known from one position (in it) to another (not in it; None is until now)."""

    span: Span
    known_from: int
    known_to: int | None


@dataclass
class Unrolled:
    """A strand with the rectangles that are open now."""

    strand: Strand = field(default_factory=Strand)
    _known_from: dict[tuple[str, object], int] = field(default_factory=dict)

    def recall(self, entries: Iterable[Told]) -> None:
        """Hear what is kept already: the open rectangles are as stored, those that ended are not asked for."""
        self.strand.tell([line for entry in entries for line in entry.lines])

    def tell(self, entry: Told) -> Iterator[Rectangle]:
        """Hear one more entry; the rectangles that end with it."""
        change = self.strand.tell(entry.lines)
        for span in change.closed:
            known_from = self._known_from.pop((span.key, span.since), STORED)
            yield Rectangle(span, known_from, entry.position)
        for span in change.opened:
            self._known_from[span.key, span.since] = entry.position

    def open(self) -> Iterator[Rectangle]:
        """The rectangles that came since `recall` and are known to hold until now."""
        for spans in self.strand.open.values():
            for span in spans:
                known_from = self._known_from.get((span.key, span.since), STORED)
                if known_from != STORED:
                    yield Rectangle(span, known_from, None)


def rectangles(entries: Iterable[Told]) -> Iterator[Rectangle]:
    """All rectangles of one strand, from its entries in ledger order."""
    unrolled = Unrolled()
    for entry in entries:
        yield from unrolled.tell(entry)
    yield from unrolled.open()
