"""One chunk of a fact file read: every line checked, the good ones packed as rows, the rest noted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from domain import canonical
from domain.catalogue import Catalogue
from domain.entries import Entry, Imported, Stamp
from domain.lines import QuickLines
from domain.stamp import written_stamp
from domain.upcasts import FORMS
from infrastructure.devices import common_name
from infrastructure.importing.chunks import Chunk
from infrastructure.importing.lines import GoodLine, LineReader
from infrastructure.importing.notes import Note, refused_lines
from infrastructure.mapper import new_row, row_of
from infrastructure.store.boundary import Boundary
from infrastructure.store.rows import NewRow
from infrastructure.store.staging import Lines, StagedChunk, packed

_NAMES = 4096


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """What came of a chunk: rows, packed, and what is staged with them."""

    lines: Lines
    staged: StagedChunk
    rows: bytes


class ChunkReader:
    """Reads the chunks of one import, in any order."""

    def __init__(
        self, of_import: int, catalogues: Mapping[int, Catalogue], imported: Imported, boundary: Boundary
    ) -> None:
        self._import = of_import
        self._boundary = boundary
        self._whose = refused_lines(of_import)
        self._catalogues = catalogues
        self._imported = imported
        self._quick = QuickLines(catalogues[max(catalogues)])
        self._stamp = lru_cache(maxsize=_NAMES)(self._new_stamp)
        self._written_stamp = lru_cache(maxsize=_NAMES)(self._new_written_stamp)

    def read(self, chunk: Chunk, last: Mapping[str, datetime] | None = None) -> ReadChunk:
        """Read a chunk; `last` is when locations were last heard of before it, as far as that has to be minded."""
        reader = LineReader(self._catalogues, self._imported.at, last or {}, self._quick)
        rows: list[tuple[int, NewRow]] = []
        refused = []
        for line, content in _lines(chunk):
            found = reader.read(line, content)
            if isinstance(found, GoodLine):
                rows.append((line, self._row(found)))
            else:
                refused.append(found)
        note = Note(first=reader.first, last=reader.heard, refused=refused)
        return ReadChunk(
            Lines(chunk.number, chunk.first, chunk.first + chunk.lines - 1),
            StagedChunk(chunk.sha256, len(rows), note.written(partial(self._boundary.veil, self._whose))),
            packed(self._import, rows, self._boundary),
        )

    def _row(self, found: GoodLine) -> NewRow:
        fact, quick = found.fact, found.quick
        user_agent = fact.device.user_agent if fact.device is not None else None
        if quick is None:
            return new_row(Entry(fact, self._stamp(user_agent)), 0)
        body = quick.body(self._written_stamp(user_agent, FORMS.get(fact.type, 1)))
        return row_of(fact, 0, None, (body, quick.personal, quick.parts))

    def _new_stamp(self, user_agent: str | None) -> Stamp:
        return Stamp(imported=self._imported, device_name=common_name(user_agent) if user_agent else None)

    def _new_written_stamp(self, user_agent: str | None, form: int) -> str:
        return canonical.write(written_stamp(self._stamp(user_agent), form)).decode()


def _lines(chunk: Chunk) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a chunk that are not blank, with their numbers."""
    if chunk.content is None:
        yield chunk.first, None
        return
    for number, line in enumerate(chunk.content.split(b"\n"), chunk.first):
        if line.strip():
            yield number, line.rstrip(b"\r\n")
