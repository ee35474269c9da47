"""The one form of a bundle's zip: sorted names, fixed times, nothing between, before or behind; anything else is none.

An archive is read by writing its frame again around the packed contents, and comparing: no flag, comment, link, date
or byte between two files can say anything.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from infrastructure.bundle.layout import LARGEST_BUNDLE, LARGEST_CONTENT, LARGEST_FILE, MOST_FILES, is_known

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_STORED, _DEFLATED = 0, 8
_VERSION, _MADE_BY = 20, (3 << 8) | 20
_DATE, _TIME = (1 << 5) | 1, 0
_MODE = 0o100644 << 16


class ArchiveError(ValueError):
    """This is no archive of a bundle; the sentence says why."""


class _Packed(NamedTuple):
    name: bytes
    method: int
    crc: int
    packed: bytes
    size: int

    def local(self) -> bytes:
        """The header before the content, and the content."""
        sizes = (self.crc, len(self.packed), self.size)
        head = _LOCAL.pack(b"PK\3\4", _VERSION, 0, self.method, _TIME, _DATE, *sizes, len(self.name), 0)
        return head + self.name + self.packed

    def central(self, offset: int) -> bytes:
        """The entry of the directory at the end."""
        sizes = (self.crc, len(self.packed), self.size)
        rest = (len(self.name), 0, 0, 0, 0, _MODE, offset)
        return _CENTRAL.pack(b"PK\1\2", _MADE_BY, _VERSION, 0, self.method, _TIME, _DATE, *sizes, *rest) + self.name


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files: the same bytes for the same files, by the same zlib."""
    return _framed([_packed(name, files[name]) for name in sorted(files)])


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of an archive. ArchiveError unless it is exactly what `pack` makes, packed contents aside."""
    if len(data) > LARGEST_BUNDLE:
        raise ArchiveError(f"a bundle is at most {LARGEST_BUNDLE >> 20} MB; this file is larger")
    entries = _entries(data)
    names = [entry.name for entry in entries]
    if names != sorted(set(names)):
        raise ArchiveError("a name is in the archive twice, or the names are not in order")
    if sum(entry.size for entry in entries) > LARGEST_CONTENT:
        raise ArchiveError(f"what is in this bundle would be more than {LARGEST_CONTENT >> 20} MB")
    if _framed(entries) != data:
        raise ArchiveError("there is something in this zip beside its files: a comment, a link, a date, bytes between")
    return {entry.name.decode(): _unpacked(entry) for entry in entries}


def _packed(name: str, content: bytes) -> _Packed:
    shrinks = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = shrinks.compress(content) + shrinks.flush()
    if len(packed) >= len(content):
        return _Packed(name.encode(), _STORED, zlib.crc32(content), content, len(content))
    return _Packed(name.encode(), _DEFLATED, zlib.crc32(content), packed, len(content))


def _framed(entries: list[_Packed]) -> bytes:
    local = [entry.local() for entry in entries]
    offset, directory = 0, []
    for entry, written in zip(entries, local, strict=True):
        directory.append(entry.central(offset))
        offset += len(written)
    size = sum(map(len, directory))
    end = _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), size, offset, 0)
    return b"".join([*local, *directory, end])


def _entries(data: bytes) -> list[_Packed]:
    """What the directory at the end lists; whether the rest agrees is seen when the frame is written again."""
    try:
        *_, count, size, start, _ = _END.unpack(data[-_END.size :])
        if not 0 < count <= MOST_FILES or start + size + _END.size != len(data):
            raise ArchiveError("this is not a whole zip file: it was cut, or something was put before or behind it")
        entries, at = [], start
        for _ in range(count):
            entry, at = _entry(data, at)
            entries.append(entry)
    except struct.error:
        raise ArchiveError("this is not a zip file, or it was cut") from None
    return entries


def _entry(data: bytes, at: int) -> tuple[_Packed, int]:
    *_, method, _, _, crc, packed, size, length, _, _, _, _, _, offset = _CENTRAL.unpack_from(data, at)
    name = data[at + _CENTRAL.size : at + _CENTRAL.size + length]
    if not name.isascii() or not is_known(name.decode()):
        raise ArchiveError(f"{name[:80]!r} is not a file that a bundle holds")
    if size > LARGEST_FILE:
        raise ArchiveError(f"{name.decode()} would be larger than {LARGEST_FILE >> 20} MB")
    if method not in {_STORED, _DEFLATED}:
        raise ArchiveError(f"{name.decode()} is packed in a way that a bundle does not use")
    start = offset + _LOCAL.size + length
    return _Packed(name, method, crc, data[start : start + packed], size), at + _CENTRAL.size + length


def _unpacked(entry: _Packed) -> bytes:
    name, content = entry.name.decode(), entry.packed
    if entry.method == _DEFLATED:
        inflates = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflates.decompress(entry.packed, entry.size + 1)
        except zlib.error:
            raise ArchiveError(f"{name} cannot be unpacked: it was changed") from None
        if not inflates.eof or inflates.unused_data:
            raise ArchiveError(f"{name} is not as long as the archive says")
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise ArchiveError(f"{name} does not agree with its checksum: it was changed")
    return content
