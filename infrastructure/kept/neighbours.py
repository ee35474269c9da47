"""What lies around a fact, by the kept lists: its change, the next one about somebody, the first from a device."""

from collections.abc import Iterable

from domain.facts import Fact
from infrastructure.kept import log_keys as keys
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = {**statements("log_devices"), "in_order": statements("kept_lists")["in_order"]}
_KINDS = sorted(keys.MASKS)


def first_positions(store: Store, location: str, devices: Iterable[str], upto: int) -> dict[str, int]:
    """By device the position at which it first comes up in a location, of those that do by a position."""
    listed = [(device, kind) for device in sorted(set(devices)) for kind in _KINDS]
    asked = {
        "devices": [device for device, _ in listed],
        "keys": [keys.device_key(device) ^ keys.MASKS[kind] for device, kind in listed],
        "locations": [keys.location_key(location) ^ keys.MASKS[kind] for _, kind in listed],
        "end": keys.place_of(upto + 1),
    }
    if not listed:
        return {}
    rows = store.connections.read(_SQL["first_from"], asked, prepare=False, settings=_SQL["in_order"])
    return {device: keys.position_of(place) for device, place in rows}


def next_position(store: Store, location: str, whom: tuple[str, str], after: int, upto: int) -> int | None:
    """The position of what comes after one, about a `member` or an `account` of a location; None when nothing does."""
    kind_of_whom, who = whom
    if kind_of_whom == "account":
        about = [keys.account_key(who) ^ keys.MASKS[kind] for kind in _KINDS]
    else:
        about = [keys.member_key(who, location, kind) for kind in _KINDS]
    asked = {
        "keys": about,
        "locations": [keys.location_key(location) ^ keys.MASKS[kind] for kind in _KINDS],
        "after": keys.place_of(after + 1) - 1,
        "end": keys.place_of(upto + 1),
    }
    rows = store.connections.read(_SQL["next_about"], asked, prepare=False, settings=_SQL["in_order"])
    return keys.position_of(rows[0][0]) if rows[0][0] is not None else None


def positions_of_change(store: Store, fact: Fact, upto: int, most: int) -> list[int]:
    """Where the entries of a fact's change lie, the first of them; those that were only seen have no list."""
    change = keys.change_key(fact.location, fact.change, fact.actor.kind, fact.actor.id, fact.recorded_at)
    asked = {"change": change, "end": keys.place_of(upto + 1), "most": most}
    return [position for (position,) in store.connections.read(_SQL["of_change"], asked, prepare=False)]
