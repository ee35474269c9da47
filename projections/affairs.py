"""Affairs: facts that name each other. Whether one of them counts is settled among them, whatever else is told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.facts import Correction, DismissalCancelled
from domain.ledger import Line, left_out_of


@dataclass(eq=False)
class _Affair:
    lines: list[Line] = field(default_factory=list)
    """In ledger order."""


@dataclass
class Affairs:
    """What does not count, kept as lines are told: only the affair of a new line is judged anew."""

    left_out: dict[str, str] = field(default_factory=dict)
    """Ids of facts that do not count, each with the id of the one that took it out."""

    _lines: dict[str, Line] = field(default_factory=dict)
    _affair: dict[str, _Affair] = field(default_factory=dict)
    """By id the affair of each fact that names another, or is named."""

    def line(self, fact: str) -> Line:
        """The line of a fact that was told."""
        return self._lines[fact]

    def tell(self, lines: Sequence[Line]) -> dict[str, Line]:
        """Hear lines in ledger order; the lines that count otherwise than before, or for another reason, by id."""
        self._lines.update((line.fact.id, line) for line in lines)
        joined: list[str] = []
        for line in lines:
            named = [name for name in _named(line) if name in self._lines]
            if named:
                self._join([line.fact.id, *named])
                joined.append(line.fact.id)
        turned: dict[str, Line] = {}
        for affair in dict.fromkeys(map(self._affair.__getitem__, joined)):
            turned.update(self._judge(affair.lines))
        return turned

    def _join(self, names: Iterable[str]) -> None:
        """Make one affair of those of some facts; it stays in ledger order."""
        found = dict.fromkeys(self._affair[name] for name in names if name in self._affair)
        parts = sorted(found, key=lambda affair: len(affair.lines), reverse=True)
        whole = parts[0] if parts else _Affair()
        known = {line.fact.id for line in whole.lines}
        more = [line for affair in parts[1:] for line in affair.lines]
        more += [self._lines[name] for name in names if name not in self._affair]
        whole.lines += [line for line in {line.fact.id: line for line in more}.values() if line.fact.id not in known]
        whole.lines.sort(key=_ledger_order)
        for line in more:
            self._affair[line.fact.id] = whole

    def _judge(self, affair: Sequence[Line]) -> Iterator[tuple[str, Line]]:
        left_out = left_out_of(affair)
        for line in affair:
            name = line.fact.id
            if left_out.get(name) != self.left_out.get(name):
                yield name, line
                if name in left_out:
                    self.left_out[name] = left_out[name]
                else:
                    del self.left_out[name]


def _named(line: Line) -> Iterator[str]:
    data = line.fact.data
    if isinstance(data, Correction) and data.corrects is not None:
        yield data.corrects
    if isinstance(data, DismissalCancelled):
        yield data.cancels
    if line.fact.caused_by is not None:
        yield line.fact.caused_by
    if line.carrier is not None:
        yield line.carrier.fact.id


def _ledger_order(line: Line) -> tuple[int, int]:
    """By position, and inside an entry from the outside in."""
    depth, carrier = 0, line.carrier
    while carrier is not None:
        depth, carrier = depth + 1, carrier.carrier
    return line.position, depth
