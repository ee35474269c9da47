"""From one change to the next: the instants before and after a point at which something else holds in a location."""

from datetime import datetime
from typing import Literal, TypeAlias

from domain.ledger import AsOf
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("kept_steps")
Direction: TypeAlias = Literal["previous", "next"]


def step(store: Store, location: str, at: AsOf, position: int, to: Direction) -> datetime | None:
    """The nearest instant before or after a point at which what holds changed, as known then; None when there is none.

    `position` is the last that goes in; what is kept must have come that far.
    """
    ((known_to,),) = store.connections.read(_SQL["known_to"], (location, at.known, position))
    if known_to is None:
        return None
    found = store.connections.read(_SQL[to], {"location": location, "on": at.on, "position": known_to})
    (instant,) = found[0]
    assert instant is None or isinstance(instant, datetime)
    return instant
