"""In which cell a rectangle lies, so that those that hold at a point are found by equality in one plain index.

A rectangle is put by the axis on which it ends: by time if it holds until some time, else by position if it is known
until some position, else with those that are open on both. On its axis it lies in the smallest cell that contains it,
cells being halves of halves of the axis; a point lies in one cell of each size, so a few dozen cells are all there is
to look in, and next to nothing is found there that does not hold.
"""

from datetime import UTC, datetime

OPEN = 0
_EPOCH = datetime(1899, 1, 1, tzinfo=UTC)
"""Before whatever an instant may name, its offset included."""

_TIME_BITS, _POSITION_BITS = 39, 44
_SMALLEST_TIME, _SMALLEST_POSITION = 15, 6
"""Bits of the smallest cells: nine hours, 64 positions. Smaller ones would only be more to look in."""

_USUAL_POSITION_BITS = 30
"""A thousand million positions: in a ledger below that no cell is larger."""

_TIMES = 1 << 60
"""Cells of time are numbered from here, those of positions from 1."""


def cell_of(held_from: datetime, held_to: datetime | None, known_from: int, known_to: int | None) -> int:
    """The cell of a rectangle; its ends are not in it."""
    if held_to is not None:
        return _TIMES + _cell(_seconds(held_from), _last_second(held_to), _SMALLEST_TIME, _TIME_BITS)
    if known_to is not None:
        return _cell(known_from, known_to - 1, _SMALLEST_POSITION, _POSITION_BITS)
    return OPEN


def cells_at(on: datetime, position: int, last: int) -> list[int]:
    """Every cell in which a rectangle that holds at that point can lie.

    `last` is a position that everything is kept up to; more may come while this is looked up, not many times as much.
    """
    # What ends by the last position lies in no cell that is larger than all positions together.
    largest = min(_POSITION_BITS, max(_USUAL_POSITION_BITS, last.bit_length() + 2))
    positions = (_numbered(position, level, _POSITION_BITS) for level in range(_SMALLEST_POSITION, largest + 1))
    return [*cells_of_time(on), *positions]


def cells_of_time(on: datetime) -> list[int]:
    """Those of them that are the same at every position; `location` of kept_read.sql counts the others."""
    second = _seconds(on)
    times = (_TIMES + _numbered(second, level, _TIME_BITS) for level in range(_SMALLEST_TIME, _TIME_BITS + 1))
    return [OPEN, *times]


def _cell(first: int, last: int, smallest: int, bits: int) -> int:
    return _numbered(first, max(smallest, (first ^ last).bit_length()), bits)


def _numbered(place: int, level: int, bits: int) -> int:
    """The number of the cell of that size which contains the place: the numbers of one size follow each other."""
    return (1 << (bits - level)) | (place >> level)


def _seconds(instant: datetime) -> int:
    passed = instant - _EPOCH
    return passed.days * 86_400 + passed.seconds


def _last_second(end: datetime) -> int:
    """The second of the last instant before an end."""
    second = _seconds(end)
    return second if end.microsecond else second - 1
