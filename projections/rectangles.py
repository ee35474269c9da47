"""Each part of a team as rectangles: over which time it held, and from which position to which it was known so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from projections.strand import Change, Strand
from projections.strands import Told
from projections.timeline import Span


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
    known_from: dict[tuple[str, datetime], int] = field(default_factory=dict)
    """The position from which each open rectangle is known, by its key and the beginning of its span."""

    def tell(self, entry: Told) -> tuple[Change, list[Rectangle]]:
        """Hear one more entry; what it changes, and the rectangles that end with it."""
        change = self.strand.tell(entry.lines)
        ended = [Rectangle(span, self.known_from.pop((span.key, span.since)), entry.position) for span in change.closed]
        self.known_from.update(((span.key, span.since), entry.position) for span in change.opened)
        return change, ended

    def lasting(self) -> Iterator[Rectangle]:
        """The rectangles that are known to hold until now."""
        for spans in self.strand.spans.values():
            for span in spans:
                yield Rectangle(span, self.known_from[span.key, span.since], None)


def rectangles(entries: Iterable[Told]) -> Iterator[Rectangle]:
    """All rectangles of one strand, from its entries in ledger order."""
    unrolled = Unrolled()
    for entry in entries:
        yield from unrolled.tell(entry)[1]
    yield from unrolled.lasting()
