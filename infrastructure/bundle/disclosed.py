"""Whether what a bundle discloses is what was signed: every fact that decides, of this location, told when it says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from domain.entries import TERMS, Entry, Quarantined, from_bytes, stream_of
from domain.evidence.leaves import FactLeaf
from domain.facts import OBSERVATIONS, InvalidFactError
from domain.instants import write_instant
from infrastructure.bundle.findings import Finding, judged
from infrastructure.bundle.reading import Bundle, Tree
from infrastructure.bundle.sealed import (
    OpenedPart,
    SealedError,
    SealedPart,
    fields_of,
    is_plain,
    opened_at,
    personal_of,
    read_sealed,
)

SLACK = timedelta(seconds=60)
"""A fact may have been recorded so long before the moment at which a checkpoint that lacks it was cosigned: appends
and witnesses take their time."""


@dataclass(frozen=True, slots=True)
class Told:
    """One disclosed fact: the entry, and whether it is one of the terms."""

    entry: Entry
    of_terms: bool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """All disclosed facts in order of position, what cannot be read, and how many parts are open and closed."""

    told: tuple[Told, ...]
    unread: tuple[Quarantined, ...]
    opened: int
    closed: int

    @property
    def entries(self) -> list[Entry]:
        """Those that an answer is made of: what decides, of the location and of the terms."""
        return [each.entry for each in self.told if each.entry.fact.type not in OBSERVATIONS]

    def observation(self, fact: str) -> Entry | None:
        """A disclosed observation of the location."""
        found = (each.entry for each in self.told if each.entry.fact.id == fact and not each.of_terms)
        return next((entry for entry in found if entry.fact.type in OBSERVATIONS), None)


@dataclass(frozen=True, slots=True)
class _Row:
    """One leaf with what is disclosed of it."""

    leaf: FactLeaf
    body: bytes
    personal: bytes
    of_terms: bool

    @property
    def where(self) -> str:
        return f"the fact at position {self.leaf.position:,}{' of the terms' if self.of_terms else ''}"


def disclosure(bundle: Bundle) -> tuple[Disclosure, list[Finding]]:
    """The facts that a bundle discloses, and what is wrong with them as signed leaves."""
    rows = sorted((*_rows(bundle.place, of_terms=False), *_rows(bundle.terms, of_terms=True)), key=_position)
    opening = _Opening(opened_at(bundle.opened))
    told, unread, misfits = [], [], []
    for row in rows:
        if not row.body:
            continue
        try:
            entry = from_bytes(row.body, opening.personal(row), row.leaf.position)
        except InvalidFactError as error:
            unread.append(Quarantined(row.leaf.position, "", "", f"{row.where} cannot be read: {error}"))
            continue
        told.append(Told(entry, row.of_terms))
        misfits.append(_misfit(entry, row, bundle.manifest.asked.location))
    found = Disclosure(tuple(told), tuple(unread), opening.opened, opening.closed)
    count, sealed = (
        len(told),
        f"{found.opened:,} sealed parts are open, {found.closed:,} are closed and read as erased.",
    )
    return found, [
        *judged("positions", _positions(bundle), "Positions rise from leaf to leaf in both trees."),
        *judged("disclosed", _hidden(rows), "Every fact that decides is disclosed."),
        *judged("bodies", _changed(rows), f"{count:,} disclosed facts are, byte for byte, those of their leaves."),
        *judged("commitments", opening.complaints(), f"What is opened is what was sealed: {sealed}"),
        *judged("readable", (each.reason for each in unread), "Every disclosed fact can be read."),
        *judged("kinds", (kind for kind, _ in misfits if kind), "No fact that decides passes for an observation."),
        *judged("places", (place for _, place in misfits if place), "Every fact is of this location or of the terms."),
    ]


def dated(found: Disclosure, before: int | None, seen: datetime | None) -> list[Finding]:
    """Whether facts were told when they say.

    `before` is the last position that the location's tree had in a checkpoint that a witness saw at `seen`.
    """
    complaints = list(_out_of_order(found))
    if before is None or seen is None:
        otherwise = "Each fact was recorded after the one before it. When, no earlier cosigned checkpoint bounds."
        return judged("dates", complaints, otherwise)
    earliest = seen - SLACK
    imported = 0
    for each in found.told:
        stamp, fact = each.entry.stamp.imported, each.entry.fact
        if each.of_terms or (each.entry.position or 0) <= before:
            continue
        imported += stamp is not None
        known = stamp.at if stamp is not None else fact.recorded_at
        if known < earliest:
            complaints.append(
                f"Back-dated: the fact {fact.id} at position {each.entry.position:,} says that it was "
                f"{'brought in' if stamp is not None else 'recorded'} at {write_instant(known)}, and it was not in the "
                f"checkpoint that a witness saw at {write_instant(seen)}."
            )
    brought = f" {imported:,} of them were imported since then and bring dates of their own." if imported else ""
    otherwise = f"No fact after the checkpoint seen at {write_instant(seen)} says that it was there before.{brought}"
    return judged("dates", complaints, otherwise)


class _Opening:
    """Joins sealed parts with what is opened of them, and remembers what does not fit."""

    def __init__(self, opened: Mapping[int, Mapping[str, OpenedPart]]) -> None:
        self._opened = opened
        self._wrong: list[str] = []
        self._used: set[tuple[int, str]] = set()
        self.opened = self.closed = 0

    def personal(self, row: _Row) -> bytes | None:
        """The personal fields of a fact, what is closed as erased."""
        if not row.personal:
            return None
        if is_plain(row.personal):
            return row.personal
        try:
            parts = read_sealed(row.personal)
        except SealedError as error:
            self._wrong.append(f"The personal fields of {row.where}: {error}.")
            return None
        opened = self._opened.get(row.leaf.position, {})
        for part in parts:
            if part.subject in opened:
                self._judge(row, part, opened[part.subject])
        self.opened += len(opened)
        self.closed += sum(part.subject not in opened for part in parts)
        return personal_of(parts, opened)

    def complaints(self) -> Iterator[str]:
        """What does not fit, and what is opened of nothing."""
        yield from self._wrong
        for position, opened in self._opened.items():
            for subject in opened:
                if (position, subject) not in self._used:
                    yield f"{subject} is opened at position {position:,}, and nothing of it is sealed there."

    def _judge(self, row: _Row, part: SealedPart, opened: OpenedPart) -> None:
        self._used.add((row.leaf.position, part.subject))
        if opened.commits_to() != part.commit:
            self._wrong.append(f"What is opened of {part.subject} at {row.where} is not what was sealed.")
        elif sorted(fields_of(opened.personal)) != list(part.fields):
            self._wrong.append(f"What is opened of {part.subject} at {row.where} has other fields than were named.")


def _rows(tree: Tree, *, of_terms: bool) -> list[_Row]:
    lines = zip(tree.leaves, tree.bodies, tree.personal, strict=True)
    return [_Row(leaf, body, personal, of_terms) for leaf, body, personal in lines]


def _position(row: _Row) -> int:
    return row.leaf.position


def _positions(bundle: Bundle) -> Iterator[str]:
    for tree, what in ((bundle.place, "the location"), (bundle.terms, "the terms")):
        last = 0
        for number, leaf in enumerate(tree.leaves, start=1):
            if leaf.position <= last:
                yield f"Leaf {number:,} of {what} has position {leaf.position:,}, and the one before it {last:,}."
            last = leaf.position
    both = {leaf.position for leaf in bundle.place.leaves} & {leaf.position for leaf in bundle.terms.leaves}
    yield from (f"Position {position:,} is both the location's and that of the terms." for position in sorted(both))


def _hidden(rows: Iterable[_Row]) -> Iterator[str]:
    yield from (
        f"Hidden: {row.where} decides, and is not disclosed." for row in rows if row.leaf.decides and not row.body
    )


def _changed(rows: Iterable[_Row]) -> Iterator[str]:
    for row in rows:
        if row.body and sha256(row.body).digest() != row.leaf.body:
            yield f"Changed: {row.where} is not the one that was signed."
        if not row.body and row.personal:
            yield f"There are personal fields of {row.where}, which is not disclosed."
        if row.body and (sha256(row.personal).digest() if row.personal else None) != row.leaf.personal:
            yield f"Changed: the personal fields of {row.where} are not those that were signed."


def _misfit(entry: Entry, row: _Row, location: str) -> tuple[str | None, str | None]:
    """What is wrong with a fact's kind, and with its place."""
    fact, kind, place = entry.fact, None, None
    if row.leaf.decides == (fact.type in OBSERVATIONS):
        passes = "passes for an observation" if not row.leaf.decides else "is an observation and passes for more"
        kind = f"{row.where[0].upper()}{row.where[1:]} is a {fact.type} and {passes}."
    own: Sequence[str] = (TERMS,) if row.of_terms else (f"location:{location}", f"observations:{location}")
    if stream_of(fact) not in own or fact.location != (None if row.of_terms else location):
        belongs = fact.location if fact.location is not None else "no location"
        place = f"{row.where[0].upper()}{row.where[1:]} ({fact.id}) belongs to {belongs}, and not here."
    return kind, place


def _out_of_order(found: Disclosure) -> Iterator[str]:
    """Within one stream nothing was recorded before what stands before it (facts.md, section 1)."""
    last: dict[str, datetime] = {}
    for each in found.told:
        fact = each.entry.fact
        if fact.type in OBSERVATIONS:
            continue
        stream = stream_of(fact)
        if stream in last and fact.recorded_at < last[stream]:
            yield (
                f"The fact {fact.id} at position {each.entry.position:,} says that it was recorded at "
                f"{write_instant(fact.recorded_at)}, before the fact that stands before it."
            )
        last[stream] = max(fact.recorded_at, last.get(stream, fact.recorded_at))
