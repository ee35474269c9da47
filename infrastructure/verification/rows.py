"""Stored rows in the order of their positions, streamed, each with the hash of the leaf that its bytes make."""

from collections.abc import Iterator
from struct import Struct
from typing import Any, NamedTuple

import psycopg
from psycopg import ClientCursor

from domain.evidence.leaves import FactLeaf, fact_leaf
from domain.evidence.trees import leaf_hash
from infrastructure.postgres.statements import statements

_SQL = statements("verification")
TOGETHER = 100_000
"""Positions of one statement: its rows are put in order in memory."""

_HEAD = 19
_FIXED = Struct(">hiqi?iqi").unpack_from
_FIXED_SIZE = 2 + 12 + 5 + 12 + 4
_LENGTH = Struct(">i").unpack_from


class Leaf(NamedTuple):
    """One position: which tree it belongs to, the hash that its bytes make, and when they say it was recorded."""

    position: int
    place: bytes | None
    """The location."""

    stream: bytes
    decides: bool
    recorded: int
    """Microseconds since 2000, as PostgreSQL counts them; of what is gone the largest number."""

    body: bytes | None
    hash: bytes | None
    """None where nothing is stored at the position any more."""


def leaves(connection: psycopg.Connection[Any], after: int, upto: int) -> Iterator[Leaf]:
    """The leaves of all positions after one up to another, as far as there are any."""
    for start in range(after, upto, TOGETHER):
        asked = {"after": start, "upto": min(upto, start + TOGETHER)}
        with ClientCursor(connection) as cursor, cursor.copy(_SQL["rows"], asked) as copy:
            first = True
            for message in copy:
                record = bytes(message)
                if first:
                    record, first = record[_HEAD:], False
                if len(record) > 2:
                    yield _leaf(record)


def _leaf(record: bytes) -> Leaf:
    _, _, position, _, decides, _, recorded, length = _FIXED(record)
    place, at = _value(record, length, _FIXED_SIZE)
    (length,) = _LENGTH(record, at)
    stream, at = _value(record, length, at + 4)
    (length,) = _LENGTH(record, at)
    body, at = _value(record, length, at + 4)
    (length,) = _LENGTH(record, at)
    personal, at = _value(record, length, at + 4)
    if body is None:
        return Leaf(position, place, stream or b"", decides, recorded, None, _dropped(position, record, at))
    hashed = leaf_hash(fact_leaf(body, personal, position, decides=decides).written())
    return Leaf(position, place, stream or b"", decides, recorded, body, hashed)


def _dropped(position: int, record: bytes, at: int) -> bytes | None:
    """The hash of the leaf of what was dropped; None where nothing says that it was."""
    (length,) = _LENGTH(record, at)
    body, at = _value(record, length, at + 4)
    (length,) = _LENGTH(record, at)
    personal, at = _value(record, length, at + 4)
    return None if body is None else leaf_hash(FactLeaf(position, body, personal, decides=False).written())


def _value(record: bytes, length: int, at: int) -> tuple[bytes | None, int]:
    return (None, at) if length < 0 else (record[at : at + length], at + length)
