"""What happens to the log itself is said in the head log: a start, another key, a pause, a restore, a retirement."""

from collections.abc import Mapping
from typing import Any

from domain.evidence.leaves import Event, EventKind
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("evidence")


def tell(store: Store, kind: EventKind, said: Mapping[str, Any]) -> None:
    """Have the head log say it with its next growth. `said` is JSON: whatever helps a person to understand it."""
    leaf = Event(kind, dict(said)).written()
    with store.connections.take() as connection:
        connection.execute(_SQL["add_event"], {"leaf": leaf})
