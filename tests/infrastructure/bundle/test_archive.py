"""The one form of the zip: other programs read it, and nothing but itself is taken for one."""

import io
import stat
import struct
import zipfile
import zlib

import pytest

from infrastructure.bundle import archive, layout
from infrastructure.bundle.archive import ArchiveError, pack, unpack

FILES = {
    "manifest.json": b"{}\n",
    "leaves": b"a\n" * 5_000,
    "terms/leaves": b"",
    "kit/verify.sh": bytes(range(256)) * 9,
}


def made_by_others(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: int = 0o100644) -> bytes:
    """An archive as another program makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as found:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, layout.FIRST_DATE)
            entry.compress_type, entry.external_attr, entry.create_system = method, mode << 16, 3
            found.writestr(entry, content)
    return out.getvalue()


def test_it_comes_back_as_it_was_and_twice_the_same() -> None:
    assert unpack(pack(FILES)) == FILES
    assert pack(dict(reversed(FILES.items()))) == pack(FILES)


def test_other_programs_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == FILES
        assert found.namelist() == sorted(FILES)


@pytest.mark.parametrize("name", ["../leaves", "/etc/passwd", "leaves/", "Leaves", "kit/../x", "kit/a/b", "notes", "é"])
def test_a_name_that_no_bundle_has_is_refused(name: str) -> None:
    with pytest.raises(ArchiveError):
        unpack(made_by_others((name, b"x")))


def test_a_link_is_refused() -> None:
    with pytest.raises(ArchiveError, match="beside its files"):
        unpack(made_by_others(("leaves", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ArchiveError, match="twice"):
        unpack(made_by_others(("leaves", b"1"), ("leaves", b"2")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_way_of_packing_is_refused(method: int) -> None:
    with pytest.raises(ArchiveError, match="packed in a way"):
        unpack(made_by_others(("leaves", b"a" * 100), method=method))


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What says that it is small, and is not, is cut off one byte after what it says."""
    shrinks = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = shrinks.compress(bytes(50_000_000)) + shrinks.flush()
    entry = archive._Packed(b"leaves", 8, zlib.crc32(b""), packed, 10)
    unpacked: list[int] = []
    decompressobj = zlib.decompressobj

    class Watched:
        def __init__(self, bits: int) -> None:
            self._inner = decompressobj(bits)
            self.unused_data, self.eof = b"", False

        def decompress(self, data: bytes, most: int) -> bytes:
            content = self._inner.decompress(data, most)
            unpacked.append(len(content))
            self.unused_data, self.eof = self._inner.unused_data, self._inner.eof
            return content

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(ArchiveError, match="not as long"):
        unpack(archive._framed([entry]))
    assert unpacked == [11]


def test_what_says_that_it_is_large_is_not_begun_with() -> None:
    for size in (layout.LARGEST_FILE + 1, 0xFFFFFFFF):
        entry = archive._Packed(b"leaves", 0, 0, b"", size)
        with pytest.raises(ArchiveError, match="larger than"):
            unpack(archive._framed([entry]))


@pytest.mark.parametrize("data", [b"", b"PK", b"\0" * 22, bytes(1_000), struct.pack("<4s4H2IH", b"PK\5\6", *[0] * 7)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        unpack(data)


def test_a_changed_bit_is_refused_or_changes_nothing() -> None:
    """Wherever it is. A few bits of packed contents say nothing: then the contents are the same."""
    data = pack(FILES)
    for at in range(len(data) * 8):
        spoilt = bytearray(data)
        spoilt[at // 8] ^= 1 << at % 8
        try:
            found = unpack(bytes(spoilt))
        except ArchiveError:
            continue
        assert found == FILES
