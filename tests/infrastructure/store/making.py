"""Makes rows for tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from infrastructure.store import NewRow

NOON = datetime(2026, 3, 3, 12, 0, 0, 123456, tzinfo=UTC)


def row(
    stream: str = "location:L1",
    version: int | None = None,
    *,
    fact: UUID | None = None,
    minute: int = 0,
    inner: tuple[UUID, ...] = (),
    command: UUID | None = None,
    body: bytes = b'{"a":1}',
    personal: bytes | None = None,
    kind: str = "LocationOpened",
) -> NewRow:
    at = NOON + timedelta(minutes=minute)
    location = stream.partition(":")[2] if stream.startswith(("location:", "observations:")) else None
    return NewRow(fact or uuid4(), stream, version, kind, location, at, at, inner, command, body, personal)


def rows(stream: str, first: int, number: int) -> list[NewRow]:
    """Return so many versioned rows of a stream, from version `first` on."""
    return [row(stream, first + n, minute=first + n) for n in range(number)]
