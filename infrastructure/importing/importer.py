"""The import itself: stage every good line, look for ids and times that do not fit, then store all or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import BinaryIO, TextIO, TypeAlias, TypeVar

from domain import canonical
from domain.catalogue import Catalogue
from domain.entries import Entry, Imported, Stamp, content_of, from_bytes
from domain.facts import Fact, InvalidFactError
from domain.instants import write_instant
from infrastructure.devices import device_name
from infrastructure.importing.lines import BadLine, GoodLine, LineReader, read_lines
from infrastructure.mapper import new_row
from infrastructure.postgres.statements import statements
from infrastructure.store import NewRow, Store
from infrastructure.store.importing import Existing, ImportSession

_SQL = statements("staged")
_CHUNK = 2_000
T = TypeVar("T")
SHOWN = 20
"""Bad lines that a refusal names; the rest are counted."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told the bytes and lines read so far."""


class ImportRefusedError(Exception):
    """The file has bad lines and nothing of it was appended; mend them, or import with --skip-bad."""

    def __init__(self, bad: Sequence[BadLine], count: int) -> None:
        self.bad = bad
        self.count = count
        lines = "one line is" if count == 1 else f"{count} lines are"
        super().__init__(f"{lines} bad, so nothing of the file was appended")


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did."""

    appended: int
    already: int
    """Lines whose facts were in the ledger, with the same content."""

    refused: int


@dataclass
class _BadLines:
    """The bad lines of a running import: counted, the first ones kept, all written out where that is wanted."""

    rejects: TextIO | None
    first: list[BadLine] = field(default_factory=list)
    count: int = 0

    def add(self, bad: BadLine) -> None:
        """Take note of a bad line."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(bad)
        if self.rejects is not None:
            row = {"line": bad.line, "field": bad.field, "reason": bad.reason, "text": bad.text}
            self.rejects.write(canonical.write(row).decode() + "\n")


class Importer:
    """Imports fact files into one store."""

    def __init__(
        self, store: Store, catalogues: Mapping[int, Catalogue], *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._store = store
        self._catalogues = catalogues
        self._clock = clock if clock is not None else store.now

    def run(
        self,
        source: BinaryIO,
        *,
        name: str,
        by: str,
        rejects: TextIO | None = None,
        progress: Progress = lambda _bytes, _lines: None,
    ) -> Report:
        """Append the facts of a file, in constant memory (facts.md, section 4).

        With `rejects` bad lines are written there and the others appended; without, a single bad line refuses the
        file: ImportRefusedError. Facts that are in the ledger with the same content change nothing.
        """
        now = self._clock()
        bad = _BadLines(rejects)
        with self._store.importing(name, by) as session:
            stamp = Imported(at=now, by=by)
            session.add(self._good(source, LineReader(self._catalogues, now), stamp, bad, progress))
            already = self._drop_known(session, bad)
            self._drop_misfits(session, bad)
            if bad.count and rejects is None:
                raise ImportRefusedError(sorted(bad.first, key=lambda line: line.line), bad.count)
            return Report(appended=session.finish(), already=already, refused=bad.count)

    def _good(
        self, source: BinaryIO, reader: LineReader, imported: Imported, bad: _BadLines, progress: Progress
    ) -> Iterator[tuple[int, NewRow]]:
        total = 0
        for number, content, length in read_lines(source):
            total += length
            found = reader.read(number, content)
            if isinstance(found, GoodLine):
                yield found.line, new_row(Entry(found.fact, _stamp(found.fact, imported)), 0)
            else:
                bad.add(found)
            if number % 500 == 0:
                progress(total, number)
        progress(total, -1)

    def _drop_known(self, session: ImportSession, bad: _BadLines) -> int:
        """Leave out lines whose facts are there already; refuse those whose id is there with another content."""
        already = 0
        for some in _chunks(session.existing()):
            staged = self._staged(session, [found.line for found in some])
            for found in some:
                stored = _content(found.body, found.personal) if found.body is not None else None
                if stored is not None and stored == content_of(staged[found.line]):
                    already += 1
                else:
                    bad.add(_refused(found, staged[found.line]))
            session.drop([found.line for found in some])
        return already + self._drop_duplicates(session, bad)

    def _drop_duplicates(self, session: ImportSession, bad: _BadLines) -> int:
        """Keep the first of the lines with one id; the same again changes nothing, another content is refused."""
        already = 0
        for some in _chunks(session.duplicates()):
            surplus = [line for found in some for line in found.lines[1:]]
            staged = self._staged(session, surplus)
            for found in some:
                for line in found.lines[1:]:
                    if found.same:
                        already += 1
                    else:
                        reason = f"line {found.lines[0]} has the same id with another content"
                        bad.add(BadLine(line, "id", reason, _text(staged[line])))
            session.drop(surplus)
        return already

    def _drop_misfits(self, session: ImportSession, bad: _BadLines) -> None:
        """Refuse lines recorded before what the ledger knows of their location."""
        for some in _chunks(session.out_of_order()):
            staged = self._staged(session, [late.line for late in some])
            for late in some:
                where = staged[late.line].location or "its stream"
                reason = f"is before the last fact of {where}, recorded at {write_instant(late.last)}"
                bad.add(BadLine(late.line, "recorded_at", reason, _text(staged[late.line])))
            session.drop([late.line for late in some])

    def _staged(self, session: ImportSession, lines: Sequence[int]) -> dict[int, Fact]:
        """The facts of some staged lines."""
        found = self._store.connections.read(_SQL["staged"], (session.id, list(lines)))
        return {line: from_bytes(body, personal, None).fact for line, body, personal in found}


def _stamp(fact: Fact, imported: Imported) -> Stamp:
    agent = fact.device.user_agent if fact.device is not None else None
    return Stamp(imported=imported, device_name=device_name(agent) if agent else None)


def _content(body: bytes, personal: bytes | None) -> bytes | None:
    try:
        return content_of(from_bytes(body, personal, None).fact)
    except InvalidFactError:
        return None


def _refused(found: Existing, staged: Fact) -> BadLine:
    inside = found.body is None
    reason = (
        "is the id of a fact inside a correction in the ledger"
        if inside
        else "is in the ledger with another content; a fact never changes, correct it instead"
    )
    return BadLine(found.line, "id", reason, _text(staged))


def _text(fact: Fact) -> str:
    return content_of(fact).decode()


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while some := list(islice(remaining, _CHUNK)):
        yield some
