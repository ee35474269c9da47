"""Where a fact came from, as history and log show it: the actor and the device."""

from typing import Any, TypeAlias

from domain.ledger import Line
from projections.names import Names

Row: TypeAlias = dict[str, Any]


def actor_of(line: Line, names: Names) -> Row:
    """The actor as recorded, and what it is called."""
    actor = line.fact.actor
    row: Row = {"kind": actor.kind, "id": actor.id}
    if actor.on_behalf_of is not None:
        row["on_behalf_of"] = actor.on_behalf_of
    return {**row, "name": names.titled_actor(actor, line.fact.location)}


def device_of(line: Line) -> Row | None:
    """The device as recorded, and its readable name where the ledger stamped one; a carried fact has its own device."""
    device = line.fact.device
    if device is None:
        return None
    return {
        "id": device.id,
        "ip": device.ip,
        "user_agent": device.user_agent,
        "session": device.session,
        "name": line.entry.stamp.device_name if line.carrier is None else None,
    }
