"""The smallest set of facts between two lists by trying every set: slow, without narrowing, without searching."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeAlias

from domain.facts import Correction
from domain.ledger import Cut, Line
from domain.seating import Seat, Seating

Shape: TypeAlias = tuple[bool, frozenset[tuple[str, str | None]]] | None
"""What makes two rows differ: being there, being billable, the reasons."""


@dataclass
class Happening:
    """What one fact did between the list known earlier and the one known later."""

    name: str
    came: list[Line] = field(default_factory=list)
    went: list[Line] = field(default_factory=list)


def row_id(seat: Seat) -> str:
    """What a row goes by on both lists."""
    return f"member {seat.member.id}" if seat.member is not None else f"account {seat.id}"


def shapes(seating: Seating) -> dict[str, Shape]:
    """Every row of a list."""
    return {
        row_id(seat): (seat.verdict.billable, frozenset((each.code, each.right) for each in seat.verdict.reasons))
        for seat in seating.seats
    }


def happenings(one: Cut, other: Cut) -> list[Happening]:
    """Everything between two cuts, in the order in which it folds."""
    earlier, later = sorted((one, other), key=lambda cut: cut.at.known)
    before, after = {line.fact.id for line in earlier.lines}, {line.fact.id for line in later.lines}
    out_before, out_after = earlier.left_out or {}, later.left_out or {}
    found: dict[str, Happening] = defaultdict(lambda: Happening(""))
    for line in later.lines:
        if line.fact.id in before:
            continue
        outermost = line
        while outermost.carrier is not None:
            outermost = outermost.carrier
        name = line.fact.id
        if line.fact.id in out_before:
            name = out_after.get(out_before[line.fact.id], name)
        elif line.known_at > earlier.at.known:
            name = outermost.fact.id
        found[name].came.append(line)
        found[name].name = found[name].name or name
        if name == outermost.fact.id and not isinstance(line.fact.data, Correction):
            found[name].name = line.fact.id
    for line in earlier.lines:
        if line.fact.id not in after:
            name = out_after.get(line.fact.id, line.fact.id)
            found[name].went.append(line)
            found[name].name = found[name].name or name
    return list(found.values())


def applied(one: Cut, other: Cut, some: Iterable[Happening]) -> dict[str, Shape]:
    """The list that comes of one side with some of what happened on the way to the other."""
    some = list(some)
    forth = one.at.known <= other.at.known
    leaving = [line for each in happenings(one, other) for line in (each.went if forth else each.came)]
    gone = {line.fact.id for each in some for line in (each.went if forth else each.came)}
    while effects := {line.fact.id for line in leaving if line.fact.caused_by in gone} - gone:
        gone |= effects  # with a fact goes what it caused, as if a correction had left it out
    come = [line for each in some for line in (each.came if forth else each.went)]
    lines = sorted([line for line in one.lines if line.fact.id not in gone] + come, key=lambda line: line.order)
    at = replace(other.at, on=max(one.at.on, other.at.on))
    return shapes(Seating(replace(other, at=at, lines=tuple(lines))))


def smallest(one: Cut, other: Cut, row: str) -> tuple[str, ...] | None:
    """The names of the first of the smallest sets that give the row its other shape; None if not even all do."""
    goal = shapes(Seating(other)).get(row)
    whole = happenings(one, other)
    for size in range(len(whole) + 1):
        for some in combinations(whole, size):
            if applied(one, other, some).get(row) == goal:
                return tuple(each.name for each in some)
    return None


def named(whole: Sequence[Happening], names: Sequence[str]) -> list[Happening]:
    """What happened by the facts of these names."""
    found = [each for each in whole if each.name in names]
    assert len(found) == len(set(names)), "a fact is named that did nothing between the two"
    return found
