"""Arrays written by hand say to PostgreSQL exactly what psycopg's say."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import psycopg
import pytest

from infrastructure.store.arrays import Array, byteas, numbers, texts, times, uuids

_IDS = [UUID(int=0), None, UUID(int=2**128 - 1), UUID("7ee9327a-f6b5-59b2-892e-ae5e0c5ead17")]
_TEXTS = ["", None, "NULL", '{"a","b"}', "Zoë\n\\ 🗝", "x" * 100_000]
_NUMBERS = [0, None, -1, 2**63 - 1, -(2**63)]
_BODIES = [b"", None, bytes(range(256)), b"\\x00"]
_TIMES = [
    datetime(2026, 3, 3, 12, 0, 0, 123456, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 3, 3, 12, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
]


@pytest.mark.parametrize(
    ("kind", "ours", "items"),
    [
        ("uuid", uuids(_IDS), _IDS),
        ("text", texts(_TEXTS), _TEXTS),
        ("bigint", numbers(_NUMBERS), _NUMBERS),
        ("bytea", byteas(_BODIES), _BODIES),
        ("timestamptz", times(_TIMES), _TIMES),
        ("text", texts([None]), [None]),
    ],
)
def test_an_array_is_what_psycopg_would_have_sent(database: str, kind: str, ours: Array, items: list[object]) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SET timezone = 'UTC'")
        found = connection.execute(f"SELECT %s::{kind}[], %s::{kind}[]".encode(), (ours, items)).fetchone()
    assert found == (items, items)


def test_a_time_without_offset_is_no_time() -> None:
    with pytest.raises(TypeError):
        times([datetime(2026, 3, 3)])  # noqa: DTZ001 - that is the point
