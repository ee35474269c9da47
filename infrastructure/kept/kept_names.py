"""What people of a page are called as it is kept, for locations of which everything is kept.

Names are kept as they were known, whatever the time for which the facts hold. Asked for such a time they are right
unless something that was said of somebody holds only after it: of those people the facts themselves are asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infrastructure.kept import log_keys as keys
from infrastructure.kept.naming import Look, Who, lists_of, register_of
from infrastructure.kept.naming_then import Known, registers_then
from infrastructure.kept.reading import PageReading
from infrastructure.store.arrays import numbers, times
from projections.said import PLACE, AccountSaid, Registers, member_key

_OPENINGS = keys.kinds_of({"LocationOpened"})


class _Listed(NamedTuple):
    """A list with what it is asked for: whether something on it holds only later."""

    about: Who | str
    """Somebody, or a location itself."""

    late: bool
    keys: tuple[int, int]


def kept_names(reading: PageReading, people: Iterable[Who], looks: Mapping[str, Look]) -> dict[str, Registers]:
    """By location what people are called, and the members to whom their accounts are linked.

    A location is left out when it is not kept whole, or when it was named otherwise later than at the time asked for.
    """
    wanted = {who for who in people if who.location in looks}
    said, known = _as_known(reading, wanted, looks)
    for location in _opened_later(reading, known):
        del said[location], known[location]
    told = {who for who in wanted if who.location in said}
    new = set(told)
    while new:
        linked = _linked(said) - told
        _add(reading, said, linked, known)
        new |= linked
        told |= linked
        later = _told_later(reading, new, known)
        for who, then in registers_then(reading, later, known, said).items():
            said[who.location][register_of(who)] = then
        new = _linked(said) - told
    return said


def _as_known(
    reading: PageReading, people: Iterable[Who], looks: Mapping[str, Look]
) -> tuple[dict[str, Registers], dict[str, Known]]:
    """What is kept of people and of their locations, and how far these were known."""
    registers = [*((who.location, register_of(who)) for who in people), *((location, PLACE) for location in looks)]
    asked = {
        "places": list(looks),
        "known": [look.known for look in looks.values()],
        "ons": [look.on for look in looks.values()],
        "upto": reading.position,
        "locations": [location for location, _ in registers],
        "keys": [key for _, key in registers],
    }
    rows = reading.rows("known_names", asked)
    known = {
        location: Known(looks[location], position, by_then)
        for location, key, _, position, by_then in rows
        if key is None
    }
    reading.fetch(text for _, _, text, _, _ in rows if text is not None)
    said: dict[str, Registers] = {location: {} for location in known}
    for location, key, text, _, _ in rows:
        if key is not None:
            said[location][key] = reading.names(location).read_said(key, text)
    return said, known


def _linked(said: Mapping[str, Registers]) -> set[Who]:
    """The members to whom accounts are linked."""
    return {
        Who(location, found.member, is_member=True)
        for location, registers in said.items()
        for found in registers.values()
        if isinstance(found, AccountSaid) and found.member is not None
    }


def _add(
    reading: PageReading, said: Mapping[str, Registers], members: Iterable[Who], known: Mapping[str, Known]
) -> None:
    """Add what is kept of members who are linked."""
    linked = list(members)
    if not linked:
        return
    columns = {
        "locations": [who.location for who in linked],
        "keys": [member_key(who.name) for who in linked],
        "positions": [known[who.location].position for who in linked],
    }
    rows = reading.rows("names_at", columns)
    reading.fetch(text for _, _, text in rows)
    for location, key, text in rows:
        said[location][key] = reading.names(location).read_said(key, text)


def _opened_later(reading: PageReading, known: Mapping[str, Known]) -> set[str]:
    """Locations that were named by something that holds only later."""
    listed = [
        _Listed(location, bool(kind & keys.LATE), (key, key))
        for location, how in known.items()
        if how.look.on is not None
        for kind in _OPENINGS
        for key in (keys.location_key(location) ^ keys.MASKS[kind],)
    ]
    return {about for about in _asked(reading, "opened_later", listed, known) if isinstance(about, str)}


def _told_later(reading: PageReading, people: Iterable[Who], known: Mapping[str, Known]) -> set[Who]:
    """People of whom something was said that holds only later.

    What is not late holds from when it became known, if not from later on. So it is looked first whether anything came
    after that time, which an index alone can tell.
    """
    listed = [
        _Listed(who, each.late, each.keys)
        for who in people
        if known[who.location].look.on is not None
        for each in lists_of(who)
    ]
    found = set(_asked(reading, "told_since", [each for each in listed if not each.late], known))
    found.update(_asked(reading, "held_later", [each for each in listed if each.about not in found], known))
    return {who for who in found if isinstance(who, Who)}


def _asked(reading: PageReading, name: str, listed: list[_Listed], known: Mapping[str, Known]) -> Iterator[Who | str]:
    """Whom those of some lists are about on which there is what a statement asks for. All have a time to hold at."""
    if not listed:
        return
    how = [known[each.about if isinstance(each.about, str) else each.about.location] for each in listed]
    columns = {
        "keys": numbers(each.keys[0] for each in listed),
        "locations": numbers(each.keys[1] for each in listed),
        "ons": times(each.look.on for each in how if each.look.on is not None),
        "thens": numbers(keys.place_of(each.by_then + 1) for each in how),
        "ends": numbers(keys.place_of(each.position + 1) for each in how),
    }
    yield from (listed[nth - 1].about for (nth,) in reading.listed(name, columns))
