"""The past as one function: cut the ledger at two times, then read what is left (facts.md, sections 1 and 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from domain.catalogue import BillingClass, Catalogue
from domain.entries import Entry, Quarantined
from domain.facts import CataloguePublished, Correction, DismissalCancelled, Fact, TeamMemberDismissed
from domain.readings import READINGS, Readings
from domain.rights import classes_of

_UNDOING = (Correction, DismissalCancelled)
"""The types of fact that can leave another one out."""

UNSETTLED = 2**62
"""Where entries without a position begin: after every settled one, in their order. Only decisions look at such."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point of both times: when it held (`on`), when it was known."""

    on: datetime
    known: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One fact as the ledger knows it: plain, or carried inside a correction (then `carrier` is that correction)."""

    fact: Fact
    position: int
    known_at: datetime
    entry: Entry
    carrier: "Line | None" = None

    @property
    def order(self) -> tuple[datetime, int]:
        """Where the fact folds: by its own effective instant, then by the position of what brought it."""
        return (self.fact.effective_at, self.position)


@dataclass(frozen=True)
class Cut:
    """A shorter ledger: the facts that hold at (on, known), in the order in which they fold."""

    at: AsOf
    lines: tuple[Line, ...]
    catalogues: Mapping[int, Catalogue]
    readings: Readings = READINGS
    left_out: Mapping[str, str] | None = None
    """Ids of known facts that are left out, each with the id of the fact that took it out."""

    found: Catalogue | None = field(default=None, compare=False)
    """The catalogue in force, where it need not be looked for any more."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The version of the rights catalogue in force at the cut; before any was published, version 1."""
        if self.found is not None:
            return self.found
        version = 1
        for line in self.lines:
            if isinstance(line.fact.data, CataloguePublished):
                version = line.fact.data.version
        return self.catalogues[version]

    @cached_property
    def classes(self) -> Mapping[BillingClass, frozenset[str]]:
        """The slugs of each billing class under that catalogue and the readings."""
        return classes_of(self.catalogue, self.readings)


@dataclass(frozen=True)
class Ledger:
    """What is stored about one location (or more), with the terms and the catalogues, up to a position."""

    entries: Sequence[Entry]
    catalogues: Mapping[int, Catalogue]
    readings: Readings = READINGS
    quarantined: Sequence[Quarantined] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every fact, inner facts included, in ledger order."""
        found: list[Line] = []
        for place, entry in enumerate(self.entries):
            fact, position = entry.fact, entry.position
            if position is None or isinstance(fact.data, Correction):
                found.extend(lines_of(entry, UNSETTLED + place))
            else:  # nearly every fact, and a tenth of the time of an answer
                found.append(Line(fact, position, fact.recorded_at, entry))
        return tuple(found)

    def as_of(self, at: AsOf) -> Cut:
        """The ledger cut at both times."""
        known = [line for line in self.lines if line.known_at <= at.known]
        left_out = left_out_of(known)
        held = [line for line in known if line.fact.effective_at <= at.on and line.fact.id not in left_out]
        held.sort(key=lambda line: line.order)
        return Cut(at, tuple(held), self.catalogues, self.readings, left_out)

    def record(self, known: datetime, on: datetime | None = None) -> "Record":
        """What was said by a time, left-out facts included: what a history and a log are read from."""
        said = [line for line in self.lines if line.known_at <= known]
        shown = [line for line in said if on is None or line.fact.effective_at <= on]
        return Record(tuple(shown), self.catalogues, left_out_of(said))


@dataclass(frozen=True)
class Record:
    """Facts in the order in which the ledger came to know them, and which of them do not count any more."""

    lines: tuple[Line, ...]
    catalogues: Mapping[int, Catalogue]
    left_out: Mapping[str, str]
    """Ids of facts that are left out of every state, each with the id of the fact that took it out."""


def lines_of(entry: Entry, otherwise: int) -> Iterable[Line]:
    """The fact of an entry and the facts inside it. `otherwise` stands for the position of an unsettled entry."""
    position = entry.position if entry.position is not None else otherwise
    line = Line(entry.fact, position, entry.fact.recorded_at, entry)
    yield line
    while isinstance(line.fact.data, Correction) and line.fact.data.fact is not None:
        line = Line(line.fact.data.fact, position, entry.fact.recorded_at, entry, carrier=line)
        yield line


def left_out_of(known: Sequence[Line]) -> dict[str, str]:
    """The ids that corrections and cancelled dismissals leave out of the fold, each with what took it out.

    A correction acts from its recorded_at alone, on facts at an earlier position; it is itself undone by a later
    one; what a left-out fact caused is left out with it, and what that caused (facts.md, sections 3 and 5.1).
    """
    by_id = {line.fact.id: line for line in known}
    hits: dict[str, list[Line]] = defaultdict(list)
    for line in known:
        target = _target(line, by_id) if isinstance(line.fact.data, _UNDOING) else None
        if target is not None and target.position < line.position:
            hits[target.fact.id].append(line)
    if not hits:
        return {}
    verdicts: dict[str, str | None] = {}
    for line in reversed(known):
        if line.fact.id in hits or line.carrier is not None or line.fact.caused_by is not None:
            _judge(line, by_id, hits, verdicts)
    return {fact_id: by for fact_id, by in verdicts.items() if by is not None}


def _target(line: Line, by_id: Mapping[str, Line]) -> Line | None:
    data = line.fact.data
    if isinstance(data, Correction):
        return by_id.get(data.corrects) if data.corrects is not None else None
    if isinstance(data, DismissalCancelled):
        target = by_id.get(data.cancels)
        if (
            target is not None
            and isinstance(target.fact.data, TeamMemberDismissed)
            and target.fact.data.member == data.member
        ):
            return target
    return None


def _judge(
    start: Line, by_id: Mapping[str, Line], hits: Mapping[str, Sequence[Line]], verdicts: dict[str, str | None]
) -> None:
    """Decide whether a fact is left out: hit by a standing later one, carried by one that fell, or caused by one.

    Walks what the verdict rests on with a stack of its own, so that a long chain cannot exhaust Python's. What comes
    up again while it is being judged is taken to stand: only two facts that each undo the other can do that.
    """
    stack: list[tuple[Line, list[tuple[str, Line]]]] = [(start, _grounds(start, by_id, hits))]
    open_ids = {start.fact.id}
    while stack:
        line, grounds = stack[-1]
        name = line.fact.id
        if name in verdicts:
            stack.pop()
            open_ids.discard(name)
            continue
        verdict: str | None = None
        waiting: Line | None = None
        for kind, ground in grounds:
            if ground.fact.id not in verdicts and ground.fact.id not in open_ids:
                waiting = ground
                break
            fallen = verdicts.get(ground.fact.id)
            if kind == "hit" and fallen is None:
                verdict = ground.fact.id
            elif kind != "hit" and fallen is not None:
                verdict = fallen
            if verdict is not None:
                break
        if waiting is not None:
            open_ids.add(waiting.fact.id)
            stack.append((waiting, _grounds(waiting, by_id, hits)))
            continue
        verdicts[name] = verdict
        stack.pop()
        open_ids.discard(name)


def _grounds(line: Line, by_id: Mapping[str, Line], hits: Mapping[str, Sequence[Line]]) -> list[tuple[str, Line]]:
    grounds = [("hit", hit) for hit in reversed(hits.get(line.fact.id, ()))]
    if line.carrier is not None:
        grounds.append(("carrier", line.carrier))
    cause = by_id.get(line.fact.caused_by) if line.fact.caused_by is not None else None
    if cause is not None:
        grounds.append(("cause", cause))
    return grounds
