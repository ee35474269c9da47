"""Rows on their way into staging: packed as COPY takes them, a chunk of a file in one transaction with its digest."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.boundary import Boundary
from infrastructure.store.rows import NewRow

_SQL = statements("import")
_PIECE = 1 << 18
_FIRST = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_LAST = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UUID_OID = 2950

_length = struct.Struct("!i").pack
# Of the columns of the statement `stage`: number, import, line, fact, and the length of the stream.
_until_stream = struct.Struct("!hiiiqi16si").pack
# `versioned`, and the length of the type.
_until_type = struct.Struct("!i?i").pack
_times = struct.Struct("!iqiq").pack
_array = struct.Struct("!iiiIii").pack
_uuid = struct.Struct("!i16s").pack


@dataclass(frozen=True, slots=True)
class StagedChunk:
    """A chunk of a file as it is staged: its digest, how many rows came of it, and a note on the rest of it."""

    sha256: bytes
    rows: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a chunk lies in its file: its number, and its lines."""

    chunk: int
    first: int
    last: int


def packed(of_import: int, rows: Sequence[tuple[int, NewRow]], boundary: Boundary) -> bytes:
    """Rows with their line numbers, sealed, in the binary form of COPY."""
    parts = [_FIRST]
    for (line, row), sealed in zip(rows, boundary.seal([row for _, row in rows]), strict=True):
        _pack(parts, of_import, line, row, sealed)
    parts.append(_LAST)
    return b"".join(parts)


def copy_in(connection: psycopg.Connection[Any], rows: bytes) -> None:
    """Stage packed rows."""
    with connection.cursor() as cursor, cursor.copy(_SQL["stage"]) as copy:
        for at in range(0, len(rows), _PIECE):
            copy.write(rows[at : at + _PIECE])


def stage_chunk(
    connection: psycopg.Connection[Any], of_import: int, lines: Lines, chunk: StagedChunk, rows: bytes
) -> StagedChunk:
    """Stage a chunk, all of it or nothing; what a process of a killed import has staged meanwhile is as good."""
    try:
        with connection.transaction():
            _stage(connection, of_import, lines, chunk, rows)
    except psycopg.errors.UniqueViolation:
        found = find_chunk(connection, of_import, lines.chunk)
        if found is None or found.sha256 != chunk.sha256:
            raise
        return found
    return chunk


def replace_chunk(
    connection: psycopg.Connection[Any], of_import: int, lines: Lines, chunk: StagedChunk, rows: bytes
) -> None:
    """Stage a chunk in the place of what was staged of it."""
    with connection.transaction():
        connection.execute(_SQL["unstage_chunk"], (of_import, lines.chunk))
        connection.execute(_SQL["unstage_lines"], (of_import, lines.first, lines.last))
        _stage(connection, of_import, lines, chunk, rows)


def find_chunk(connection: psycopg.Connection[Any], of_import: int, number: int) -> StagedChunk | None:
    """Return a chunk that is staged."""
    record = connection.execute(_SQL["chunk"], (of_import, number), binary=True).fetchone()
    return StagedChunk(*record) if record is not None else None


def _stage(connection: psycopg.Connection[Any], of_import: int, lines: Lines, chunk: StagedChunk, rows: bytes) -> None:
    connection.execute(_SQL["note_chunk"], (of_import, lines.chunk, chunk.sha256, chunk.rows, chunk.note))
    if chunk.rows:
        copy_in(connection, rows)


def _pack(parts: list[bytes], of_import: int, line: int, row: NewRow, sealed: bytes | None) -> None:
    if row.recorded_at.tzinfo is None or row.effective_at.tzinfo is None:
        raise ValueError(f"The times in line {line} have no offset; give every time with its offset.")
    stream, kind = row.stream.encode(), row.type.encode()
    recorded = (row.recorded_at - _EPOCH) // _MICROSECOND
    effective = recorded if row.effective_at == row.recorded_at else (row.effective_at - _EPOCH) // _MICROSECOND
    parts += (
        _until_stream(13, 4, of_import, 8, line, 16, row.fact.bytes, len(stream)),
        stream,
        _until_type(1, row.version is not None, len(kind)),
        kind,
    )
    _pack_bytes(parts, row.location.encode() if row.location is not None else None)
    parts.append(_times(8, recorded, 8, effective))
    if row.inner:
        parts.append(_array(20 + 20 * len(row.inner), 1, 0, _UUID_OID, len(row.inner), 1))
        parts += (_uuid(16, inner.bytes) for inner in row.inner)
    else:
        parts.append(_NULL)
    _pack_bytes(parts, row.command.bytes if row.command is not None else None)
    _pack_bytes(parts, row.body)
    _pack_bytes(parts, sealed)


def _pack_bytes(parts: list[bytes], value: bytes | None) -> None:
    if value is None:
        parts.append(_NULL)
    else:
        parts += (_length(len(value)), value)
