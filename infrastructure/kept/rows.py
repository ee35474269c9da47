"""What is to be written to the kept tables: rows to add, as lines of COPY, and changes to rows that are there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

import psycopg

from domain.entries import Quarantined
from infrastructure.kept.cells import cell_of
from infrastructure.kept.veiled import Veiled
from infrastructure.postgres.statements import statements
from infrastructure.store.boundary import UNSEALED, Boundary
from projections.parts import Part
from projections.rectangles import Rectangle
from projections.sayings import NAMED, Saying
from projections.weights import Scales
from projections.written_parts import Slugs, write_part

_SQL = statements("kept_write")
Cell: TypeAlias = str | int | bool | datetime | None
_NULL = "\\N"
_FOR_EVER = "infinity"
_UNTIL_NOW = 2**63 - 1
_PARTS_KEPT = 1_000
_TOGETHER = 500
"""Rows that are put on the way together: each is there three times while it is."""


class KeptTablesDifferError(Exception):
    """A row that the kept tables should have is not there: they are not what was written; rebuild them."""


@dataclass
class Rows:
    """Rows of all tables. A rebuild only adds; bringing forward also ends rows that were open."""

    added: dict[str, list[str]] = field(default_factory=dict)
    """By table, lines of COPY."""

    ended_parts: list[tuple[str, str, datetime, int, int]] = field(default_factory=list)
    ended_sayings: list[tuple[str, str, str, int, int]] = field(default_factory=list)
    merged: list[tuple[str, int, int]] = field(default_factory=list)
    irregular: set[str] = field(default_factory=set)
    """Locations that are folded from now on: nothing is kept of them."""

    @property
    def size(self) -> int:
        """How many rows there are to add."""
        return sum(map(len, self.added.values()))

    def add(self, table: str, *cells: Cell) -> None:
        """One more row, its cells in the order of the table's COPY statement."""
        self.added.setdefault(table, []).append("\t".join(map(_text, cells)))

    def join(self, other: "Rows") -> None:
        """Take over another's rows."""
        for table, lines in other.added.items():
            self.added.setdefault(table, []).extend(lines)
        self.ended_parts += other.ended_parts
        self.ended_sayings += other.ended_sayings
        self.merged += other.merged
        self.irregular |= other.irregular

    def write(self, connection: psycopg.Connection[Any]) -> None:
        """Write everything, changes first. KeptTablesDifferError when a row to end is not there."""
        self._end(connection, "close_parts", self.ended_parts, ("locations", "keys", "held_from", "known_to", "cells"))
        names = ("locations", "kinds", "keys", "known_from", "known_to")
        self._end(connection, "close_sayings", self.ended_sayings, names)
        if self.merged:
            merged = _columns(self.merged, ("locations", "strands", "homes"))
            connection.execute(_SQL["merge_strands"], merged)
            connection.execute(_SQL["merge_lines"], merged)
        for table, lines in self.added.items():
            with connection.cursor() as cursor, cursor.copy(_SQL[f"copy_{table}"]) as copy:
                for start in range(0, len(lines), _TOGETHER):
                    copy.write("\n".join([*lines[start : start + _TOGETHER], ""]))
        if self.irregular:
            locations = {"locations": sorted(self.irregular)}
            connection.execute(_SQL["make_irregular"], locations)
            for table in ("parts", "sayings", "lines", "strands", "awaited"):
                connection.execute(_SQL[f"forget_{table}"], locations)

    def _end(
        self, connection: psycopg.Connection[Any], name: str, ended: Sequence[tuple[Any, ...]], columns: Iterable[str]
    ) -> None:
        if not ended:
            return
        found = connection.execute(_SQL[name], _columns(ended, columns)).rowcount
        if found != len(ended):
            raise KeptTablesDifferError(
                f"{len(ended) - found} rows that the kept projections should have are not there; run "
                "`accessledger rebuild`, which makes them anew from the facts."
            )


@dataclass(frozen=True)
class Clerk:
    """Writes rectangles and sayings as rows."""

    slugs: Slugs
    scales: Scales
    boundary: Boundary = UNSEALED
    """By which names of persons are veiled."""

    _written: dict[int, tuple[Part, str]] = field(default_factory=dict)
    """Cells of parts, by identity: most parts are written twice, as they were thought to hold and as they did."""

    def write(self, rows: Rows, location: str, found: Iterable[Rectangle | Saying], after: int) -> None:
        """Add rectangles and sayings that came after a position, and end those of before."""
        for each in found:
            if isinstance(each, Saying):
                self._saying(rows, location, each, after)
            else:
                self._rectangle(rows, location, each, after)

    def _rectangle(self, rows: Rows, location: str, each: Rectangle, after: int) -> None:
        span = each.span
        cell = cell_of(span.since, span.until, each.known_from, each.known_to)
        if each.known_from <= after:
            assert each.known_to is not None
            rows.ended_parts.append((location, span.key, span.since, each.known_to, cell))
            return
        since = _instant(span.since)
        until = _instant(span.until) if span.until is not None else _FOR_EVER
        known_to = each.known_to if each.known_to is not None else _UNTIL_NOW
        # Written out: a rebuild writes two of these for every fact that decides.
        where = f"{_text(location)}\t{_text(span.key)}\t{cell}\t{since}\t{until}\t{each.known_from}\t{known_to}"
        rows.added.setdefault("parts", []).append(f"{where}\t{self._part(location, span.part)}")

    def _part(self, location: str, part: Part) -> str:
        """The last cells of a part's row: its weight and what it is."""
        found = self._written.get(id(part))
        if found is not None:
            return found[1]
        rights = self.scales.rights(part)
        weight = self.scales.weigh(part, rights)
        veiled = Veiled(self.boundary, location)
        shares = (weight.seated, weight.scheduled, weight.paid, weight.interacts, weight.owner_since)
        cells = "\t".join(map(_text, (*shares, write_part(part, self.slugs, veiled.hide, rights).decode())))
        if len(self._written) >= _PARTS_KEPT:
            self._written.clear()
        self._written[id(part)] = (part, cells)
        return cells

    def _saying(self, rows: Rows, location: str, each: Saying, after: int) -> None:
        kind, key = each.key
        if each.known_from <= after:
            assert each.known_to is not None
            rows.ended_sayings.append((location, kind, key, each.known_from, each.known_to))
        else:
            said = Veiled(self.boundary, location).hide_said(key, each.said) if kind == NAMED else each.said
            rows.add("sayings", location, kind, key, each.known_from, each.known_to, said)


def add_unread(rows: Rows, unread: Iterable[tuple[Quarantined, str, str | None]]) -> None:
    """Rows that cannot be read, each with its stream and location."""
    for row, stream, location in unread:
        rows.add("unread", row.position, stream, location, row.fact_id, row.type, row.reason)


def _columns(rows: Sequence[tuple[Any, ...]], names: Iterable[str]) -> Mapping[str, list[Any]]:
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _text(cell: Cell) -> str:
    """A cell in the text form of COPY."""
    if cell is None:
        return _NULL
    if type(cell) is int:
        return str(cell)
    if isinstance(cell, str):
        if "\\" in cell or "\n" in cell or "\t" in cell or "\r" in cell:
            return cell.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
        return cell
    if cell is True or cell is False:
        return "t" if cell else "f"
    return _instant(cell) if isinstance(cell, datetime) else str(cell)


@lru_cache(8192)
def _instant(instant: datetime) -> str:
    """As the database writes it, so that what was written and what is read can be compared as text."""
    text = instant.astimezone(UTC).isoformat(sep=" ")[:-6]
    return f"{text.rstrip('0') if '.' in text else text}+00"
