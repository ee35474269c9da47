"""A strand: facts of a location that can bear on each other, told one entry after the other, kept on both axes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.evolution import evolve
from domain.facts import Correction, DismissalCancelled, RenewalFailed, SeatsCharged
from domain.ledger import Line, left_out_of
from domain.team import Team
from projections.parts import Part, keys_of, part_of

_FOLD_TO_NOTHING = Correction | DismissalCancelled | RenewalFailed | SeatsCharged
_NOBODY = Team()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the effective axis over which a part stays the same; `until` is not in it, None is for ever."""

    key: str
    since: datetime
    until: datetime | None
    part: Part


@dataclass(frozen=True, slots=True)
class Change:
    """What one more entry does to what is known: spans that hold no more from its position on, and new ones."""

    closed: tuple[Span, ...] = ()
    opened: tuple[Span, ...] = ()


@dataclass
class Strand:
    """The fold of one strand; all about its people, as `evolve` touches nobody whom a fact does not name."""

    known: list[Line] = field(default_factory=list)
    """Every line told, in ledger order."""

    left_out: dict[str, str] = field(default_factory=dict)
    """What does not count, each with what took it out."""

    open: dict[str, list[Span]] = field(default_factory=dict)
    """By key the spans as they are known now, in effective order."""

    _held: list[Line] = field(default_factory=list)
    _teams: list[Team] = field(default_factory=list)

    def tell(self, lines: Sequence[Line]) -> Change:
        """Hear the lines of one entry (or of many at once: then only what is known at the end is told apart)."""
        self.known += lines
        before = self.left_out
        if any(_bears_on_others(line) for line in lines):
            self.left_out = left_out_of(self.known)
        fallen = self.left_out.keys() - before.keys()
        risen = before.keys() - self.left_out.keys()
        coming = [line for line in lines if line.fact.id not in self.left_out]
        if risen:
            coming += [line for line in self.known if line.fact.id in risen]
        coming = [line for line in coming if not isinstance(line.fact.data, _FOLD_TO_NOTHING)]
        first = self._refold(coming, fallen)
        return self._compared(first) if first is not None else Change()

    def _refold(self, coming: Iterable[Line], fallen: Iterable[str]) -> datetime | None:
        """Put lines in, take lines out, fold again from the first of them on; its instant, or None if there is none."""
        gone = set(fallen)
        instants = [line.fact.effective_at for line in self._held if line.fact.id in gone] if gone else []
        if instants:
            self._held = [line for line in self._held if line.fact.id not in gone]
        for line in coming:
            instants.append(line.fact.effective_at)
            self._held.insert(bisect_right(self._held, line.order, key=_order), line)
        if not instants:
            return None
        first = min(instants)
        start = bisect_left(self._held, first, key=_instant)
        del self._teams[start:]
        team = self._teams[-1] if self._teams else _NOBODY
        for line in self._held[start:]:
            team = evolve(team, line.fact)
            self._teams.append(team)
        return first

    def _compared(self, first: datetime) -> Change:
        """What is different from that instant on."""
        start = bisect_left(self._held, first, key=_instant)
        steps: list[tuple[datetime, Team]] = []
        for place in range(start, len(self._held)):
            instant = self._held[place].fact.effective_at
            if steps and steps[-1][0] == instant:
                steps.pop()
            steps.append((instant, self._teams[place]))
        closed: list[Span] = []
        opened: list[Span] = []
        keys = dict.fromkeys(self.open)
        for _, team in steps:
            keys.update(dict.fromkeys(keys_of(team)))
        for key in keys:
            spans = self.open.get(key, [])
            kept = bisect_left(spans, True, key=lambda span: span.until is None or span.until >= first)
            old, new = spans[kept:], _spans(key, spans[kept:], first, steps)
            before = {span.since: span for span in old}
            after = {span.since: span for span in new}
            closed += [span for span in old if after.get(span.since) != span]
            opened += [span for span in new if before.get(span.since) != span]
            spans[kept:] = new
            self.open[key] = spans
        return Change(tuple(closed), tuple(opened))


def _spans(key: str, old: Sequence[Span], first: datetime, steps: Iterable[tuple[datetime, Team]]) -> list[Span]:
    """The spans of a part from the one that reaches that instant on."""
    begins: datetime | None = None
    part: Part | None = None
    if old and old[0].since < first:
        begins, part = old[0].since, old[0].part
    found: list[Span] = []
    for instant, team in steps:
        now = part_of(team, key)
        if now != part:
            if part is not None and begins is not None:
                found.append(Span(key, begins, instant, part))
            begins, part = instant, now
    if part is not None and begins is not None:
        found.append(Span(key, begins, None, part))
    return found


def _bears_on_others(line: Line) -> bool:
    """Whether what counts may be different after this line: it undoes, is carried, or came of something."""
    fact = line.fact
    return isinstance(fact.data, Correction | DismissalCancelled) or fact.caused_by is not None


def _order(line: Line) -> tuple[datetime, int]:
    return line.order


def _instant(line: Line) -> datetime:
    return line.fact.effective_at
