"""Arrays as PostgreSQL reads them in binary, written by hand: psycopg takes five times as long, one item at a time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_HEADER = Struct("!iiIii")  # dimensions, whether there are nulls, the type of an item, how many, the first number
_LENGTH = Struct("!i").pack
_NUMBER = Struct("!iq").pack
_NULL = _LENGTH(-1)
_SIXTEEN = _LENGTH(16)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# The numbers of the types of items; they are PostgreSQL's for ever.
_BYTEA, _BIGINT, _TEXT, _TIMESTAMPTZ, _UUID = 17, 20, 25, 1184, 2950


class Array(bytes):
    """The binary form of an array. The statement has to say of which type, by a cast."""

    __slots__ = ()


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Buffer:
        return obj


psycopg.adapters.register_dumper(Array, _ArrayDumper)


def uuids(items: Iterable[UUID | None]) -> Array:
    """A uuid[]."""
    return _array(_UUID, [_NULL if item is None else _SIXTEEN + item.bytes for item in items])


def texts(items: Iterable[str | None]) -> Array:
    """A text[]."""
    return _array(_TEXT, _sized(None if item is None else item.encode() for item in items))


def byteas(items: Iterable[bytes | None]) -> Array:
    """A bytea[]."""
    return _array(_BYTEA, _sized(items))


def numbers(items: Iterable[int | None]) -> Array:
    """A bigint[]."""
    return _array(_BIGINT, [_NULL if item is None else _NUMBER(8, item) for item in items])


def times(items: Iterable[datetime]) -> Array:
    """A timestamptz[]; TypeError where one has no offset."""
    return _array(_TIMESTAMPTZ, [_NUMBER(8, (item - _EPOCH) // _MICROSECOND) for item in items])


def _sized(items: Iterable[bytes | None]) -> list[bytes]:
    return [_NULL if item is None else _LENGTH(len(item)) + item for item in items]


def _array(item: int, items: list[bytes]) -> Array:
    return Array(_HEADER.pack(1, 1, item, len(items), 1) + b"".join(items))
