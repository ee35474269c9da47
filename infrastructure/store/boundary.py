"""The store's boundary: above it personal fields are plain, below it the database has sealed bytes only."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from infrastructure.store.rows import NewRow, Row


class Plain(NamedTuple):
    """Stored bytes as they are read."""

    personal: bytes | None
    """Personal fields in the one written form, with placeholders for what was erased."""

    erased: bool = False
    """Whether some of them are placeholders."""


BROKEN = b'"sealed bytes that do not open"'
"""What is read of sealed bytes that were changed; it is no personal content, so the row is quarantined."""


class Keys(NamedTuple):
    """Where another process finds the keys: the key store's database and the file of the wrapping key."""

    conninfo: str
    wrapping: str


class Boundary(Protocol):
    """Seals what goes down and opens what comes up."""

    @property
    def keys(self) -> Keys | None:
        """Where the keys lie; None where nothing is sealed."""

    def epoch(self) -> int:
        """The number of the last destruction of keys. What was at hand from before it is forgotten."""

    def seal(self, rows: Sequence[NewRow], *, epoch: int | None = None) -> list[bytes | None]:
        """The bytes to store for the personal fields of each row.

        With an `epoch` SubjectErased when keys were destroyed since: what was decided rests on what is erased.
        """

    def open(self, stored: Sequence[tuple[UUID | str, bytes | None]]) -> list[Plain]:
        """What the stored bytes of facts say, each with the fact's id; nothing that was erased before the call."""

    def veil(self, subject: str, text: str) -> str:
        """A text about a subject as it may be kept beside the facts: the same for the same text, until it is erased."""

    def has_key(self, subject: str) -> bool:
        """Whether anything is sealed about a subject; what is said of one without a key is not personal."""

    def unveil(self, subject: str, text: str) -> str | None:
        """The text again; None when it was erased."""

    def fetch(self, texts: Iterable[str]) -> None:
        """Have the keys at hand that unveil what is in some texts (of one subject each), by one question for all."""

    def erased_since(self, epoch: int) -> set[bytes]:
        """The SHA-256 of the subjects whose keys were destroyed after an epoch."""

    def fault(self, fact: str, sealed: bytes) -> str | None:
        """What is wrong with what sealed bytes committed to, or with their keys; None when nothing is."""

    def close(self) -> None:
        """Let go of the keys."""


class Unsealed:
    """Stores personal fields as they are: for looking at the store alone. A ledger is never opened so."""

    keys: Keys | None = None

    def epoch(self) -> int:
        """Nothing is ever destroyed."""
        return 0

    def seal(self, rows: Sequence[NewRow], *, epoch: int | None = None) -> list[bytes | None]:  # noqa: ARG002
        """The personal fields themselves."""
        return [row.personal for row in rows]

    def open(self, stored: Sequence[tuple[UUID | str, bytes | None]]) -> list[Plain]:
        """The bytes themselves."""
        return [Plain(personal) for _, personal in stored]

    def veil(self, subject: str, text: str) -> str:  # noqa: ARG002
        """The text itself."""
        return text

    def has_key(self, subject: str) -> bool:  # noqa: ARG002
        """Nothing is sealed."""
        return False

    def unveil(self, subject: str, text: str) -> str | None:  # noqa: ARG002
        """The text itself."""
        return text

    def fetch(self, texts: Iterable[str]) -> None:
        """There are no keys."""

    def erased_since(self, epoch: int) -> set[bytes]:  # noqa: ARG002
        """Nobody is ever erased."""
        return set()

    def fault(self, fact: str, sealed: bytes) -> str | None:  # noqa: ARG002
        """Nothing is committed to."""
        return None

    def close(self) -> None:
        """There is nothing to let go of."""


UNSEALED = Unsealed()
_FACT, _PERSONAL = 0, 10


def make_rows(records: Sequence[Sequence[Any]], boundary: Boundary) -> list[Row]:
    """The rows of records of the view ledger.rows, opened together."""
    plain = boundary.open([(record[_FACT], record[_PERSONAL]) for record in records])
    return [_row(record, *each) for record, each in zip(records, plain, strict=True)]


def _row(record: Sequence[Any], personal: bytes | None, erased: bool) -> Row:
    fact, stream, version, kind, location, recorded, effective, inner, command, body, sealed, *place = record
    own = (fact, stream, version, kind, location, recorded, effective, tuple(inner or ()), command, body, personal)
    return Row(*own, *place, sealed=sealed, erased=erased)
