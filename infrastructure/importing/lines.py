"""The lines of a fact file, one at a time and never more than one in memory, each a fact or a reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.catalogue import Catalogue
from domain.facts import CataloguePublished, Correction, Fact, InvalidFactError, read_fact
from domain.instants import write_instant
from domain.limits import LINE_BYTES
from domain.lines import Line, QuickLines

_MAY_NAME_A_CATALOGUE = frozenset({"CataloguePublished", "Correction"})


@dataclass(frozen=True, slots=True)
class BadLine:
    """A refused line: its number (from 1), the field where it is wrong if there is one, and why."""

    line: int
    field: str
    reason: str
    text: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: {self.reason}"


class GoodLine(NamedTuple):
    """A line that holds a fact, as far as can be said without looking into the ledger."""

    line: int
    fact: Fact
    quick: Line | None
    """What is stored of it, when that is known already."""


def read_lines(source: BinaryIO) -> Iterator[tuple[int, bytes | None, int]]:
    """Number, bytes (None when there are too many) and length of each line that is not blank."""
    number = 0
    while piece := source.readline(LINE_BYTES + 1):
        number += 1
        length = len(piece)
        if length > LINE_BYTES and not piece.endswith(b"\n"):
            while piece and not piece.endswith(b"\n"):
                piece = source.readline(LINE_BYTES)
                length += len(piece)
            yield number, None, length
        elif piece.strip():
            yield number, piece.rstrip(b"\r\n"), length


class LineReader:
    """Reads and checks lines; remembers only when each location was last heard of."""

    def __init__(
        self, catalogues: Mapping[int, Catalogue], now: datetime, last: Mapping[str, datetime], quick: QuickLines
    ) -> None:
        """`now` is the moment of the import: nothing of history was recorded later.

        `last` is when locations were last heard of before these lines.
        """
        self._catalogues = catalogues
        self._newest = catalogues[max(catalogues)]
        self._quick = quick
        self._now = now
        self._last = dict(last)
        self.first: dict[str, datetime] = {}
        """Of each location that was not known before: the earliest moment that was compared with nothing."""
        self.heard: dict[str, datetime] = {}
        """When locations were last heard of in these lines."""

    def read(self, line: int, content: bytes | None) -> GoodLine | BadLine:
        """The fact of a line, or why there is none (facts.md, sections 1 to 4)."""
        if content is None:
            return BadLine(line, "", f"is longer than {LINE_BYTES:,} bytes, more than any fact")
        if line == 1:
            content = content.removeprefix(b"\xef\xbb\xbf")
        try:
            quick = self._quick.read(content)
            fact = quick.fact if quick is not None else self._read(content)
            self._check(fact)
        except NotCanonicalError as error:
            return BadLine(line, "", str(error), _shown(content))
        except InvalidFactError as error:
            return BadLine(line, error.field, error.reason, _shown(content))
        if fact.location is not None:
            self._last[fact.location] = self.heard[fact.location] = fact.recorded_at
        return GoodLine(line, fact, quick)

    def _read(self, content: bytes) -> Fact:
        raw = canonical.read(content)
        if isinstance(raw, dict) and isinstance(raw.get("data"), dict):
            raw = {**raw, "data": self._newest.modernise(raw["data"])}
        return read_fact(raw)

    def _check(self, fact: Fact) -> None:
        if fact.recorded_at > self._now:
            raise InvalidFactError("recorded_at", f"is in the future (it is {write_instant(self._now)} now)")
        location = fact.location
        if location is not None:
            last = self._last.get(location)
            if last is None:
                self.first[location] = min(self.first.get(location, fact.recorded_at), fact.recorded_at)
            elif fact.recorded_at < last:
                raise InvalidFactError(
                    "recorded_at", f"is before the fact before it in {location}, recorded at {write_instant(last)}"
                )
        if fact.type in _MAY_NAME_A_CATALOGUE:
            self._check_catalogue(fact, "")

    def _check_catalogue(self, fact: Fact, prefix: str) -> None:
        data = fact.data
        if isinstance(data, Correction) and data.fact is not None:
            self._check_catalogue(data.fact, f"{prefix}data.fact.")
        if isinstance(data, CataloguePublished):
            known = self._catalogues.get(data.version)
            if known is None:
                raise InvalidFactError(
                    f"{prefix}data.version", f"{data.version} is not a version of the rights catalogue in this program"
                )
            if known.sha256 != data.sha256:
                raise InvalidFactError(f"{prefix}data.sha256", f"is not the hash of version {data.version}")


def _shown(content: bytes) -> str:
    return content.decode("utf-8", errors="backslashreplace")
