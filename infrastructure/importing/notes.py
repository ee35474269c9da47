"""What is noted of a chunk beside its rows: which lines were refused, and when each location was heard of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from domain import canonical
from infrastructure.importing.lines import BadLine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Note:
    """The note of one chunk."""

    first: Mapping[str, datetime] = field(default_factory=dict)
    """Of each location of which nothing was known before: the earliest moment that was told of it."""

    last: Mapping[str, datetime] = field(default_factory=dict)
    """Of each location: the last moment that it was heard of."""

    refused: Sequence[BadLine] = ()

    def written(self, veiled: Callable[[str], str]) -> bytes:
        """The note as it is kept. What is said of refused lines quotes them, so it is veiled."""
        return canonical.write(
            {
                "first": {name: (at - _EPOCH) // _MICROSECOND for name, at in self.first.items()},
                "last": {name: (at - _EPOCH) // _MICROSECOND for name, at in self.last.items()},
                "refused": [[bad.line, bad.field, veiled(bad.reason), veiled(bad.text)] for bad in self.refused],
            }
        )


def refused_lines(of_import: int) -> str:
    """The subject of the key that veils the refused lines of an import; it is destroyed when the import is over."""
    return f"import:{of_import}"


def read_note(content: bytes, shown: Callable[[str], str | None]) -> Note:
    """A note that was kept."""
    raw: dict[str, Any] = canonical.read(content)
    return Note(
        first={name: _EPOCH + at * _MICROSECOND for name, at in raw["first"].items()},
        last={name: _EPOCH + at * _MICROSECOND for name, at in raw["last"].items()},
        refused=[
            BadLine(line, field, shown(reason) or "", shown(text) or "") for line, field, reason, text in raw["refused"]
        ],
    )
