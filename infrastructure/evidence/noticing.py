"""What has happened to the log itself, as far as it shows by itself: migrations, restored dumps, other keys.

Each is told to the head log once (R15 of the requirements): an auditor sees when the program or its surroundings
changed. Starts and stops are told by whoever starts and stops.
"""

from collections.abc import Sequence

from domain.evidence.leaves import Event
from domain.evidence.notes import Key
from domain.instants import write_instant
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("evidence")


def notice(store: Store, keys: Sequence[Key]) -> None:
    """Tell the head log what it was not told yet; `keys` are those that sign now."""
    found = [
        Event("migration", {"applied_at": write_instant(at), "migration": name})
        for name, at in store.connections.read(_SQL["applied_migrations"])
    ]
    found += [
        Event("restore", {"generation": generation, "since": write_instant(since)})
        for generation, since in store.connections.read(_SQL["later_generations"])
    ]
    if keys:
        found.append(Event("key", {"keys": [key.written() for key in keys]}))
    leaves = [event.written() for event in found]
    store.connections.read(_SQL["add_new_events"], {"leaves": leaves})
