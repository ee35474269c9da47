"""The import itself: stage every good line, look for ids and times that do not fit, then store all or nothing."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Literal, TextIO, TypeAlias, TypeVar

from domain import canonical
from domain.catalogue import Catalogue
from domain.entries import Imported, content_of, from_bytes, to_bytes
from domain.facts import Fact, InvalidFactError
from domain.instants import write_instant
from infrastructure.importing.chunks import CHUNK_BYTES
from infrastructure.importing.lines import BadLine
from infrastructure.importing.notes import refused_lines
from infrastructure.importing.staging import FileStaging, unchanged
from infrastructure.importing.workers import workers_for
from infrastructure.postgres.statements import statements
from infrastructure.sealing.sealing import Sealing
from infrastructure.store import Existing, ImportSession, Store
from infrastructure.store.importing import Source

_SQL = statements("staged")
_CHUNK = 2_000
T = TypeVar("T")
SHOWN = 20
"""Bad lines that a refusal names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far an import is: bytes read (of a file), checks made, or facts stored, and of how many if that is known."""

    phase: Literal["reading", "checking", "storing"]
    done: int
    of: int | None
    facts: int
    """Lines read so far, facts that are checked, or facts stored so far."""


Progress: TypeAlias = Callable[[Step], None]


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
        self,
        store: Store,
        catalogues: Mapping[int, Catalogue],
        *,
        clock: Callable[[], datetime] | None = None,
        processes: int | None = None,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        """`processes` read large files beside this one, as many as there are processors unless told otherwise."""
        self._store = store
        self._catalogues = catalogues
        self._clock = clock if clock is not None else store.now
        self._processes = processes
        self._chunk_bytes = chunk_bytes

    def run(
        self,
        source: BinaryIO,
        *,
        name: str,
        by: str,
        rejects: TextIO | None = None,
        progress: Progress = lambda _step: None,
        remark: Callable[[str], None] = lambda _sentence: None,
    ) -> Report:
        """Append the facts of a file, in constant memory (facts.md, section 4).

        With `rejects` bad lines are written there and the others appended; without, a single bad line refuses the
        file: ImportRefusedError. Facts that are in the ledger with the same content change nothing.
        An import of a file that was killed goes on where it was, with the stamps that it had; `remark` gets a sentence
        when that is not possible any more, or is what is done.
        """
        bad = _BadLines(rejects)
        begin, size = _place(source)
        about = Source(self._clock(), size)
        with self._store.importing(name, by, about) as session:
            if session.goes_on:
                if not unchanged(session, source, self._chunk_bytes):
                    session.begin_anew(name, by, about)
                source.seek(begin)
            _make_remark(session, remark)
            assert session.stamped_at is not None
            staging = FileStaging(session, self._catalogues, Imported(at=session.stamped_at, by=by))
            staging.run(
                source,
                processes=workers_for(self._catalogues) if self._processes is None else self._processes,
                size=self._chunk_bytes,
                refuse=bad.add,
                told=lambda done, lines: progress(Step("reading", done, size, lines)),
            )
            progress(Step("checking", 0, 3, session.staged))
            already = self._drop_known(session, bad)
            progress(Step("checking", 1, 3, session.staged))
            already += self._drop_duplicates(session, bad)
            progress(Step("checking", 2, 3, session.staged))
            self._drop_misfits(session, bad)
            if bad.count and rejects is None:
                session.forget()
                self._forget_refused(session, bad)
                raise ImportRefusedError(sorted(bad.first, key=lambda line: line.line), bad.count)
            expected = session.staged
            progress(Step("storing", 0, expected, 0))
            appended = session.finish(lambda stored: progress(Step("storing", stored, expected, stored)))
            self._forget_refused(session, bad)
            return Report(appended=appended, already=already, refused=bad.count)

    def _forget_refused(self, session: ImportSession, bad: _BadLines) -> None:
        """Destroy the key under which refused lines lay while the import was under way."""
        boundary = self._store.connections.boundary
        if bad.count and isinstance(boundary, Sealing):
            boundary.store.destroy([refused_lines(session.id)])

    def _drop_known(self, session: ImportSession, bad: _BadLines) -> int:
        """Leave out lines whose facts are there already; refuse those whose id is there with another content."""
        already = 0
        for some in _chunks(session.existing()):
            staged = self._staged(session, [found.line for found in some])
            for found in some:
                if _is_there(found, staged[found.line]):
                    already += 1
                else:
                    bad.add(_refused(found, staged[found.line]))
            session.drop([found.line for found in some])
        return already

    def _drop_duplicates(self, session: ImportSession, bad: _BadLines) -> int:
        """Keep the first of the lines with one id; the same again changes nothing, another content is refused."""
        already = 0
        for some in _chunks(session.duplicates()):
            surplus = [line for found in some for line in found.lines[1:]]
            staged = self._staged(session, [line for found in some for line in found.lines])
            for found in some:
                first = content_of(staged[found.lines[0]])
                for line in found.lines[1:]:
                    if found.same and content_of(staged[line]) == first:
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
        plain = self._store.connections.boundary.open([(fact, personal) for _, fact, _, personal in found])
        return {
            line: from_bytes(body, personal, None).fact
            for (line, _, body, _), (personal, _) in zip(found, plain, strict=True)
        }


def _place(source: BinaryIO) -> tuple[int, int | None]:
    """Where a file begins that can be read again, and how long it is; no length for a pipe."""
    try:
        begin = source.tell()
        end = source.seek(0, io.SEEK_END)
        source.seek(begin)
    except (OSError, ValueError):
        return 0, None
    return begin, end - begin


def _make_remark(session: ImportSession, remark: Callable[[str], None]) -> None:
    if session.goes_on:
        remark("An import of this file was interrupted; this one goes on where it was, in its name and with its time.")
    elif session.remark is not None:
        remark(session.remark)


def _is_there(found: Existing, staged: Fact) -> bool:
    """Whether the ledger has a staged fact; of one that is erased meanwhile only what is left can be compared."""
    if found.body is None:
        return False
    try:
        stored = from_bytes(found.body, found.personal, None)
    except InvalidFactError:
        return False
    if found.erased:
        return to_bytes(stored)[0] == to_bytes(replace(stored, fact=staged))[0]
    return content_of(stored.fact) == content_of(staged)


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
