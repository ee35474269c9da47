"""The log as JSON Lines: each row as the API gives it, in the one written form."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from domain import canonical
from projections.ocsf import ocsf_event


class JsonLinesFile:
    """Writes rows into a file as they come; `told` makes of a row what is written."""

    def __init__(self, file: BinaryIO, told: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict) -> None:
        self._file = file
        self._told = told

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write some rows."""
        for row in rows:
            self._file.write(canonical.write(self._told(row)) + b"\n")

    def end(self) -> None:
        """Nothing comes after the last row."""


def ocsf_file(file: BinaryIO) -> JsonLinesFile:
    """Rows as events of the Open Cybersecurity Schema Framework."""
    return JsonLinesFile(file, ocsf_event)
