"""An operator's own database of addresses: found, not known, not an address, no database at all."""

import struct
from pathlib import Path

import pytest

from infrastructure.addresses import AddressBook

Value = dict[str, "Value"] | list[str] | str | bytes


def encoded(value: Value) -> bytes:
    """A value in the form of such a database."""
    match value:
        case dict():
            return bytes([7 << 5 | len(value)]) + b"".join(encoded(k) + encoded(v) for k, v in value.items())
        case list():
            return bytes([len(value), 4]) + b"".join(map(encoded, value))
        case str():
            return bytes([2 << 5 | len(value.encode())]) + value.encode()
        case bytes():
            return value


def short(number: int) -> bytes:
    return bytes([5 << 5 | 2]) + struct.pack("!H", number)


def long(number: int) -> bytes:
    return bytes([6 << 5 | 4]) + struct.pack("!I", number)


def longest(number: int) -> bytes:
    return bytes([8, 2]) + struct.pack("!Q", number)


def written(path: Path) -> Path:
    """A database that knows the lower half of all addresses, as one place."""
    nodes = 1
    known, unknown = nodes + 16, nodes
    tree = known.to_bytes(3, "big") + unknown.to_bytes(3, "big")
    place: Value = {"city": {"names": {"en": "Lisbon"}}, "country": {"names": {"en": "Portugal"}}}
    about: Value = {
        "node_count": long(nodes),
        "record_size": short(24),
        "ip_version": short(4),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": short(2),
        "binary_format_minor_version": short(0),
        "build_epoch": longest(1),
        "description": {"en": "Test"},
    }
    path.write_bytes(tree + bytes(16) + encoded(place) + b"\xab\xcd\xefMaxMind.com" + encoded(about))
    return path


def test_an_address_has_a_place_where_the_database_knows_one(tmp_path: Path) -> None:
    book = AddressBook(written(tmp_path / "places.mmdb"))
    found = [book.place(address) for address in ("10.1.2.3", "203.0.113.9", "not an address")]
    assert found == ["Lisbon, Portugal", None, None]


def test_what_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("hello")
    for path in (tmp_path / "other", tmp_path / "nothing"):
        with pytest.raises(ValueError, match="no database of addresses"):
            AddressBook(path)
