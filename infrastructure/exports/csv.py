"""The log as CSV: one line a row, whatever is in it, and no cell that a spreadsheet takes for a formula.

Every cell is quoted. What would break a line or hide itself (control characters, line and paragraph separators,
characters that turn the direction of text) is written as `\\n`, `\\t`, `\\u202e`, a backslash as two. A cell that would
begin a formula, or with an apostrophe, has an apostrophe before it. `unquoted` gives the text back.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from infrastructure.exports.columns import COLUMNS, flat

_STARTS = frozenset("=+-@\t\r\n\0'") | frozenset("＝＋－＠")  # noqa: RUF001 # spreadsheets take the wide ones alike
_NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_WRITTEN = re.compile(r"\\(?:u([0-9a-f]{4})|(.))")
_PLAIN = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


class CsvFile:
    """Writes rows into a file as they come."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._write(COLUMNS)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write some rows."""
        for row in rows:
            self._write(flat(row))

    def end(self) -> None:
        """Nothing comes after the last row."""

    def _write(self, cells: Iterable[int | str | None]) -> None:
        # Our own quotes, as every CSV reader takes them: what is written does not depend on what is in it.
        line = ",".join(f'"{quoted(cell)}"' for cell in cells)
        self._file.write(line.encode() + b"\r\n")


def quoted(cell: int | str | None) -> str:
    """A cell between its quotes: on one line, visible, and never a formula."""
    text = "" if cell is None else str(cell)
    before = "'" if text[:1] in _STARTS and text else ""
    return before + _HIDDEN.sub(_escaped, text).replace('"', '""')


def unquoted(cell: str) -> str:
    """The text that a cell stands for, as a reader of CSV gives the cell."""
    return _WRITTEN.sub(_read, cell.removeprefix("'"))


def _escaped(found: re.Match[str]) -> str:
    return _NAMED.get(found[0]) or f"\\u{ord(found[0]):04x}"


def _read(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] is not None else _PLAIN[found[2]]
