"""Checks what must hold in every ledger, over all rows, in set-based statements."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from infrastructure.postgres.statements import statements
from infrastructure.store.store import Store

_SQL = statements("checks")
_TIME_TO_SETTLE = 5.0


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that must never be: a sentence, and the position or entry where it was found (null if neither)."""

    sentence: str
    position: int | None
    entry: int | None


def positions_without_gaps(store: Store) -> list[Broken]:
    """Positions are 1, 2, 3 and so on."""
    return _broken(store, "positions_without_gaps", "Position {position} comes after position {detail}.")


def positions_have_entries(store: Store) -> list[Broken]:
    """Every position is that of an entry that is there."""
    return _broken(store, "positions_have_entries", "Position {position} is that of entry {entry}, which is gone.")


def commit_order(store: Store) -> list[Broken]:
    """Positions follow generation, transaction id and entry number."""
    return _broken(
        store, "commit_order", "Position {position} (transaction {detail}) should be before the one before it."
    )


def versions_without_gaps(store: Store) -> list[Broken]:
    """The versions of a stream follow each other."""
    return _broken(store, "versions_without_gaps", "Entry {entry} is {detail}: versions between are missing.")


def versions_in_order(store: Store) -> list[Broken]:
    """The versions of a stream have their positions in the same order."""
    return _broken(store, "versions_in_order", "Entry {entry}, {detail}, has a position before an earlier version.")


def times_never_back(store: Store) -> list[Broken]:
    """Within a versioned stream recorded_at never goes back."""
    return _broken(store, "times_never_back", "Entry {entry}, {detail}, was recorded before the version before it.")


def all_settled(store: Store) -> list[Broken]:
    """Every row that no open transaction can come before has a position."""
    ((generation, horizon),) = store.connections.read(_SQL["horizon"])
    end = time.monotonic() + _TIME_TO_SETTLE
    while True:
        store.sequence()
        broken = _broken(
            store,
            "settled",
            "Entry {entry} (transaction {detail}) is settled and has no position.",
            {"generation": generation, "horizon": horizon},
        )
        # Another process may be in the middle of a step.
        if not broken or time.monotonic() > end:
            return broken
        time.sleep(0.1)


def sequencer_at_the_end(store: Store) -> list[Broken]:
    """The sequencer goes on from the last position."""
    return _broken(store, "sequencer_at_the_end", "The sequencer stands at {detail}, which is not the last position.")


def ids_claimed(store: Store) -> list[Broken]:
    """Every fact id of an entry, or carried inside it, is claimed by that entry and no other."""
    return _broken(store, "ids_claimed", "Entry {entry} has the fact id {detail} without having claimed it.")


def ids_used(store: Store) -> list[Broken]:
    """Every claimed fact id is that of its entry, or carried inside it."""
    return _broken(store, "ids_used", "The fact id {detail} is claimed by entry {entry}, which does not have it.")


def retired_kept(store: Store) -> list[Broken]:
    """What was retired is kept, row by row."""
    return _broken(store, "retired_kept", "{detail}: rows of it are gone or were put in.")


Check = Callable[[Store], list[Broken]]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        check.__name__: check
        for check in (
            positions_without_gaps,
            positions_have_entries,
            commit_order,
            versions_without_gaps,
            versions_in_order,
            times_never_back,
            all_settled,
            sequencer_at_the_end,
            ids_claimed,
            ids_used,
            retired_kept,
        )
    }
)


def check_all(store: Store) -> list[Broken]:
    """Run all checks and return everything that is broken, at most a hundred findings of each kind.

    Appends may go on meanwhile. Raises psycopg.Error when the database cannot be reached.
    """
    return [broken for check in CHECKS.values() for broken in check(store)]


def _broken(store: Store, name: str, sentence: str, parameters: Mapping[str, Any] | None = None) -> list[Broken]:
    with store.connections.take(own=True) as connection:
        connection.execute(_SQL["settings"])
        found = connection.execute(_SQL[name], parameters).fetchall()
    return [
        Broken(sentence.format(position=position, entry=entry, detail=detail), position, entry)
        for position, entry, detail in found
    ]
