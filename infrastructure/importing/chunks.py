"""A fact file cut into chunks of whole lines, the same chunks every time, never more than one of them in memory."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from domain.limits import LINE_BYTES

CHUNK_BYTES = 1 << 19


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file. `content` is None for a single line of more bytes than any fact has: only its digest."""

    number: int
    """From 0."""

    first: int
    """The number of its first line, from 1."""

    lines: int
    size: int
    content: bytes | None
    overlong: bytes = b""
    """The digest of a line that is not in `content`."""

    @property
    def sha256(self) -> bytes:
        """By which the chunk is known again."""
        return self.overlong if self.content is None else hashlib.sha256(self.content).digest()


def chunks(source: BinaryIO, size: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """The chunks of a file: about `size` bytes and whole lines each, and a line that is too long as one of its own."""
    number, line = 0, 1
    while block := _block(source, size):
        long: Chunk | None = None
        if not block.endswith(b"\n"):
            begun = len(block) - block.rfind(b"\n") - 1
            rest = source.readline(max(LINE_BYTES + 1 - begun, 0))
            block += rest
            if begun + len(rest) > LINE_BYTES and not block.endswith(b"\n"):
                whole, start = block[: -begun - len(rest)], block[-begun - len(rest) :]
                long = _long_line(source, start, number + bool(whole), line + whole.count(b"\n"))
                block = whole
        if block:
            lines = block.count(b"\n") + (not block.endswith(b"\n"))
            yield Chunk(number, line, lines, len(block), block)
            number, line = number + 1, line + lines
        if long is not None:
            yield long
            number, line = number + 1, line + 1


def _block(source: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end, piece by piece: inside of one long read no request to end is heard."""
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    pieces, wanted = [], size
    while wanted and (piece := read(wanted)):
        pieces.append(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def _long_line(source: BinaryIO, start: bytes, number: int, line: int) -> Chunk:
    """Read on to the end of a line, keeping nothing."""
    digest, size = hashlib.sha256(start), len(start)
    piece = start
    while piece and not piece.endswith(b"\n"):
        piece = source.readline(LINE_BYTES)
        digest.update(piece)
        size += len(piece)
    return Chunk(number, line, 1, size, None, digest.digest())
