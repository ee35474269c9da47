"""What an import and the processes that read for it say to each other: messages with their lengths before them."""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import psycopg

from domain import canonical
from domain.instants import read_instant, write_instant
from infrastructure.importing.chunks import Chunk
from infrastructure.store.boundary import Keys
from infrastructure.store.connections import connection_lost
from infrastructure.store.staging import StagedChunk

_LENGTH = struct.Struct("!q")


class GoneError(Exception):
    """The other side has closed its end."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told first: where to stage, for which import, and what every stamp says."""

    conninfo: str
    of_import: int
    at: datetime
    by: str
    keys: Keys | None = None
    """Where the keys of personal fields lie."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The database gave out; `lost` if it cannot be reached."""

    sentence: str
    lost: bool


def send(to: IO[bytes], *parts: bytes) -> None:
    """Send one message of several parts."""
    for part in parts:
        to.write(_LENGTH.pack(len(part)))
        to.write(part)
    to.flush()


def receive(source: IO[bytes]) -> bytes:
    """Wait for one part of a message."""
    length = source.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        raise GoneError
    content = source.read(*_LENGTH.unpack(length))
    if len(content) < _LENGTH.unpack(length)[0]:
        raise GoneError
    return content


def send_task(to: IO[bytes], task: Task) -> None:
    """Tell a worker what to work on."""
    about = {"conninfo": task.conninfo, "import": task.of_import, "at": write_instant(task.at), "by": task.by}
    send(to, canonical.write({**about, "keys": list(task.keys) if task.keys is not None else None}))


def receive_task(source: IO[bytes]) -> Task:
    """What to work on."""
    about = canonical.read(receive(source))
    keys = Keys(*about["keys"]) if about["keys"] is not None else None
    return Task(about["conninfo"], about["import"], read_instant(about["at"]), about["by"], keys)


def send_chunk(to: IO[bytes], chunk: Chunk) -> None:
    """Ask for a chunk to be read and staged."""
    about = {"number": chunk.number, "first": chunk.first, "lines": chunk.lines, "size": chunk.size}
    if chunk.content is None:
        send(to, canonical.write({**about, "whole": False}), chunk.overlong)
    else:
        send(to, canonical.write({**about, "whole": True}), chunk.content)


def receive_chunk(source: IO[bytes]) -> Chunk:
    """The next chunk to read and stage."""
    about, content = canonical.read(receive(source)), receive(source)
    place = about["number"], about["first"], about["lines"], about["size"]
    return Chunk(*place, content) if about["whole"] else Chunk(*place, None, content)


def send_staged(to: IO[bytes], staged: StagedChunk) -> None:
    """Answer with what came of a chunk."""
    send(to, canonical.write({"sha256": staged.sha256.hex(), "rows": staged.rows}), staged.note)


def send_failure(to: IO[bytes], error: psycopg.Error) -> None:
    """Answer that the database gave out."""
    said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    send(to, canonical.write({"sentence": said, "lost": connection_lost(error)}), b"")


def receive_answer(source: IO[bytes]) -> StagedChunk | Failure:
    """What came of a chunk."""
    about, note = canonical.read(receive(source)), receive(source)
    if "sentence" in about:
        return Failure(about["sentence"], about["lost"])
    return StagedChunk(bytes.fromhex(about["sha256"]), about["rows"], note)
