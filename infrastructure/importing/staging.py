"""A whole file staged: chunk after chunk, in order, here or by processes, going on where an earlier run was killed."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from domain.catalogue import Catalogue
from domain.entries import Imported
from infrastructure.importing.chunks import CHUNK_BYTES, Chunk, chunks
from infrastructure.importing.lines import BadLine
from infrastructure.importing.messages import Task
from infrastructure.importing.notes import Note, read_note, refused_lines
from infrastructure.importing.reading import ChunkReader
from infrastructure.importing.workers import Workers
from infrastructure.store import ImportSession, StoreError
from infrastructure.store.staging import StagedChunk

SMALL = 8
"""A file of at most so many chunks is read before processes would have started."""


def unchanged(session: ImportSession, source: BinaryIO, size: int = CHUNK_BYTES) -> bool:
    """Whether a file is, as far as it is staged, what it was when it was staged."""
    for chunk in chunks(source, size):
        found = session.chunk(chunk.number)
        if found is not None and found.sha256 != chunk.sha256:
            return False
    return True


class FileStaging:
    """Stages one file for one import."""

    def __init__(self, session: ImportSession, catalogues: Mapping[int, Catalogue], imported: Imported) -> None:
        self._session = session
        self._reader = ChunkReader(session.id, catalogues, imported, session.connections.boundary)
        self._task = Task(
            session.connections.conninfo, session.id, imported.at, imported.by, session.connections.boundary.keys
        )
        self._last: dict[str, datetime] = {}

    def run(
        self,
        source: BinaryIO,
        *,
        processes: int,
        size: int = CHUNK_BYTES,
        refuse: Callable[[BadLine], None],
        told: Callable[[int, int], None],
    ) -> None:
        """Stage all chunks. `refuse` gets the bad lines, in order; `told` the bytes and lines read so far."""
        done = 0
        for chunk, staged in self._staged(chunks(source, size), processes):
            note = self._taken_in(chunk, staged)
            for bad in note.refused:
                refuse(bad)
            done += chunk.size
            told(done, chunk.first + chunk.lines - 1)

    def _staged(self, every: Iterator[Chunk], processes: int) -> Iterator[tuple[Chunk, StagedChunk]]:
        begun = list(islice(every, SMALL + 1))
        if len(begun) <= SMALL or not processes:
            for chunk in chain(begun, every):
                yield chunk, self._known(chunk) or self._stage_here(chunk)
        else:
            with Workers(self._task, processes) as workers:
                yield from self._side_by_side(chain(begun, every), workers, processes)

    def _known(self, chunk: Chunk) -> StagedChunk | None:
        """The chunk as an earlier run has staged it, if it has."""
        found = self._session.chunk(chunk.number)
        if found is not None and found.sha256 != chunk.sha256:
            raise StoreError("The file changes while it is imported. Nothing is stored; import it when it is complete.")
        return found

    def _stage_here(self, chunk: Chunk, *, again: bool = False) -> StagedChunk:
        found = self._reader.read(chunk, self._last)
        return self._session.stage(found.lines, found.staged, found.rows, again=again)

    def _side_by_side(
        self, every: Iterator[Chunk], workers: Workers, processes: int
    ) -> Iterator[tuple[Chunk, StagedChunk]]:
        """Each chunk with what came of it, in order; as many as are read at once are waiting to be."""
        under_way: deque[tuple[Chunk, Future[StagedChunk] | StagedChunk]] = deque()
        for chunk in every:
            under_way.append((chunk, self._known(chunk) or workers.stage(chunk)))
            if len(under_way) > 2 * processes:
                yield _awaited(*under_way.popleft())
        while under_way:
            yield _awaited(*under_way.popleft())

    def _read(self, note: bytes) -> Note:
        boundary, whose = self._session.connections.boundary, refused_lines(self._session.id)
        boundary.fetch([note.decode()])
        return read_note(note, partial(boundary.unveil, whose))

    def _taken_in(self, chunk: Chunk, staged: StagedChunk) -> Note:
        """Take a chunk in after all before it: only now it is known when each location was last heard of."""
        note = self._read(staged.note)
        if any(first < self._last.get(location, first) for location, first in note.first.items()):
            staged = self._stage_here(chunk, again=True)
            note = self._read(staged.note)
        self._last.update(note.last)
        self._session.count(staged.rows)
        return note


def _awaited(chunk: Chunk, staged: Future[StagedChunk] | StagedChunk) -> tuple[Chunk, StagedChunk]:
    return chunk, staged.result() if isinstance(staged, Future) else staged
